from django.db import migrations

# What was recognised stays, and each line of a round is bound to the one before it.
FORWARD = """
CREATE FUNCTION savings_only_grow() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'a saving that was recognised stays: a revision takes its place'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'savings_only_grow';
END $$;
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE ON savings_savingline
FOR EACH ROW EXECUTE FUNCTION savings_only_grow();
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE ON savings_roundsaving
FOR EACH ROW EXECUTE FUNCTION savings_only_grow();

CREATE FUNCTION saving_joins_the_chain() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE last record;
BEGIN
    SELECT number, sha256 INTO last FROM public.savings_savingline
     WHERE round_id = NEW.round_id ORDER BY number DESC LIMIT 1;
    IF NEW.number <> COALESCE(last.number, 0) + 1
       OR NEW.previous_sha256 <> COALESCE(last.sha256, repeat('0', 64)) THEN
        RAISE EXCEPTION 'a saving is bound to the line before it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'saving_joins_the_chain';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER joins_the_chain BEFORE INSERT ON savings_savingline
FOR EACH ROW EXECUTE FUNCTION saving_joins_the_chain();
REVOKE ALL ON FUNCTION saving_joins_the_chain() FROM PUBLIC;
"""

BACK = """
DROP TRIGGER joins_the_chain ON savings_savingline;
DROP FUNCTION saving_joins_the_chain();
DROP TRIGGER only_grows ON savings_roundsaving;
DROP TRIGGER only_grows ON savings_savingline;
DROP FUNCTION savings_only_grow();
"""


class Migration(migrations.Migration):
    dependencies = [("savings", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
