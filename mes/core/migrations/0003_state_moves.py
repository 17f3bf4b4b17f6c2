from django.db import migrations

# A trigger with the allowed moves as its arguments ("from>to"), for states that money or secrecy hang on.
FORWARD = """
CREATE FUNCTION refuse_unlisted_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status IS DISTINCT FROM OLD.status AND NOT (OLD.status || '>' || NEW.status) = ANY (TG_ARGV) THEN
        RAISE EXCEPTION 'move % > % is not allowed on %', OLD.status, NEW.status, TG_TABLE_NAME
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0002_business_clock")]
    operations = [migrations.RunSQL(FORWARD, "DROP FUNCTION refuse_unlisted_move()")]
