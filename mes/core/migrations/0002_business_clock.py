from django.db import migrations

FORWARD = """
CREATE FUNCTION business_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$
    SELECT CASE
        WHEN i.business_at IS NULL THEN clock_timestamp()
        WHEN i.started_at IS NULL THEN i.business_at
        ELSE i.business_at + (clock_timestamp() - i.started_at)
    END
    FROM (SELECT 1) AS one LEFT JOIN public.core_installation AS i ON true
$$;
GRANT EXECUTE ON FUNCTION business_now() TO PUBLIC;
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, "DROP FUNCTION business_now()")]
