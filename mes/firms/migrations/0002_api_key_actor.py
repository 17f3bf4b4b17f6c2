from django.db import migrations

# The only way to the keys: nobody may read the table, and the function answers for one digest at a time.
FORWARD = """
CREATE FUNCTION api_key_actor(wanted text) RETURNS TABLE (key_id uuid, user_id uuid, firm_id uuid, roles text[], scopes text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT k.id, u.id, u.firm_id, array(SELECT m.role::text FROM public.firms_membership m
                                     WHERE m.user_id = u.id AND m.firm_id = u.firm_id),
           k.scopes::text[]
      FROM public.firms_apikey k
      JOIN public.firms_user u ON u.id = k.user_id AND u.firm_id = k.firm_id AND u.is_active
      JOIN public.firms_firm f ON f.id = k.firm_id AND f.status IN ('member', 'sandbox')
     WHERE k.digest = wanted
       AND k.revoked_at IS NULL
       AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp())
$$;
REVOKE ALL ON FUNCTION api_key_actor(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api_key_actor(text) TO mes_web;
"""

# The association reads no firm's keys. It may end those of a person whose account has ended, whose name goes.
OF_GONE = """
CREATE FUNCTION api_keys_of_gone_end(person uuid) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH ended AS (
        UPDATE public.firms_apikey k SET revoked_at = coalesce(k.revoked_at, clock_timestamp()), label = k.prefix
          FROM public.firms_user u
         WHERE u.id = person AND NOT u.is_active AND k.user_id = u.id AND k.firm_id = u.firm_id
        RETURNING 1)
    SELECT count(*) FROM ended
$$;
REVOKE ALL ON FUNCTION api_keys_of_gone_end(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api_keys_of_gone_end(uuid) TO mes_staff;
"""


class Migration(migrations.Migration):
    dependencies = [("firms", "0001_initial")]
    operations = [
        migrations.RunSQL(FORWARD, "DROP FUNCTION api_key_actor(text)"),
        migrations.RunSQL(OF_GONE, "DROP FUNCTION api_keys_of_gone_end(uuid)"),
    ]
