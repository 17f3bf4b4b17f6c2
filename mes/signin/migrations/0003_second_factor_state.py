from django.db import migrations

# All that is asked of a person's second factor before anybody is signed in. The table itself, with the digests of the
# recovery codes, is closed to the web's login.
FORWARD = """
CREATE FUNCTION second_factor_state(person uuid) RETURNS TABLE (version integer, is_set_up boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT f.version, f.confirmed_at IS NOT NULL FROM public.signin_secondfactor f WHERE f.user_id = person
$$;
REVOKE ALL ON FUNCTION second_factor_state(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION second_factor_state(uuid) TO mes_web;
"""


class Migration(migrations.Migration):
    dependencies = [("signin", "0002_sign_in_try")]
    operations = [migrations.RunSQL(FORWARD, "DROP FUNCTION second_factor_state(uuid)")]
