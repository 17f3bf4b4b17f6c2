from django.db import migrations

FORWARD = """
CREATE TRIGGER status_moves BEFORE UPDATE OF status ON plans_proposal FOR EACH ROW
EXECUTE FUNCTION refuse_unlisted_move(
    'proposed>accepted', 'proposed>declined', 'proposed>expired', 'proposed>withdrawn'
);
"""


class Migration(migrations.Migration):
    dependencies = [("plans", "0001_initial"), ("core", "0003_state_moves")]
    operations = [migrations.RunSQL(FORWARD, "DROP TRIGGER status_moves ON plans_proposal")]
