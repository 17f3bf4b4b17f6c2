from django.db import migrations

# Nobody may delete audit rows; this lets go those of seals whose youngest row is older than six months.
FORWARD = """
CREATE FUNCTION audit_rows_drop(through bigint) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH dropped AS (
        DELETE FROM public.core_auditrow
         WHERE id IN (SELECT unnest(s.row_keys) FROM public.core_auditseal s
                       WHERE s.number <= through AND s.last_at < clock_timestamp() - interval '6 months')
        RETURNING 1)
    SELECT count(*) FROM dropped
$$;
REVOKE ALL ON FUNCTION audit_rows_drop(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_rows_drop(bigint) TO mes_planner;
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0003_state_moves")]
    operations = [migrations.RunSQL(FORWARD, "DROP FUNCTION audit_rows_drop(bigint)")]
