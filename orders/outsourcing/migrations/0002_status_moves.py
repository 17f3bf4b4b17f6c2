from django.db import migrations

FORWARD = """
CREATE TRIGGER status_moves BEFORE UPDATE OF status ON outsourcing_outsourceorder FOR EACH ROW
EXECUTE FUNCTION refuse_unlisted_move(
    'confirmed>cancelled', 'confirmed>in_production', 'dispatched>received', 'in_production>dispatched', 'received>closed'
);
"""


class Migration(migrations.Migration):
    dependencies = [("outsourcing", "0001_initial"), ("core", "0003_state_moves")]
    operations = [migrations.RunSQL(FORWARD, "DROP TRIGGER status_moves ON outsourcing_outsourceorder")]
