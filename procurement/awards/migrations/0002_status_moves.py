from django.db import migrations

FORWARD = """
CREATE TRIGGER status_moves BEFORE UPDATE OF status ON awards_awardplan FOR EACH ROW
EXECUTE FUNCTION refuse_unlisted_move(
    'candidate>proposed', 'candidate>set_aside', 'proposed>awarded', 'proposed>set_aside'
);
"""


class Migration(migrations.Migration):
    dependencies = [("awards", "0001_initial"), ("core", "0003_state_moves")]
    operations = [migrations.RunSQL(FORWARD, "DROP TRIGGER status_moves ON awards_awardplan")]
