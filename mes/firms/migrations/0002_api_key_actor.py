from django.db import migrations

# The only ways to the keys before the actor is known: nobody may read the table. `api_key_actor` answers for the digests
# of one key, under the pepper of today and the one before, and for one address. `api_key_used` notes that the key was
# used, at most once a minute, and its digest under the pepper of today.
FORWARD = """
CREATE FUNCTION api_key_actor(wanted text[], client inet)
RETURNS TABLE (key_id uuid, program_id uuid, user_id uuid, firm_id uuid, roles text[], scopes text[], digest text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT k.id, k.program_id, u.id, u.firm_id, array(SELECT m.role::text FROM public.firms_membership m
                                                       WHERE m.user_id = u.id AND m.firm_id = u.firm_id),
           k.scopes::text[], k.digest::text
      FROM public.firms_apikey k
      JOIN public.firms_user u ON u.id = k.user_id AND u.firm_id = k.firm_id AND u.is_active
      JOIN public.firms_firm f ON f.id = k.firm_id AND f.status IN ('member', 'sandbox', 'supplier')
     WHERE k.digest = ANY (wanted)
       AND k.revoked_at IS NULL
       AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp())
       AND (k.networks IS NULL OR client <<= ANY (k.networks::text[]::cidr[]))
$$;
REVOKE ALL ON FUNCTION api_key_actor(text[], inet) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api_key_actor(text[], inet) TO mes_web;

CREATE FUNCTION api_key_used(used uuid, client inet, fresh_digest text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE public.firms_apikey
       SET last_used_at = clock_timestamp(), last_used_from = client, digest = coalesce(fresh_digest, digest)
     WHERE id = used
       AND (fresh_digest IS NOT NULL OR last_used_at IS NULL OR last_used_at < clock_timestamp() - interval '1 minute')
$$;
REVOKE ALL ON FUNCTION api_key_used(uuid, inet, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api_key_used(uuid, inet, text) TO mes_web;
"""
BACKWARD = "DROP FUNCTION api_key_used(uuid, inet, text); DROP FUNCTION api_key_actor(text[], inet)"

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
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RunSQL(OF_GONE, "DROP FUNCTION api_keys_of_gone_end(uuid)"),
    ]
