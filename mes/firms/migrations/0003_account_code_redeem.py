from django.db import migrations

# The only way from a code to its person, before anybody has signed in. Each try is counted first, under the row's
# lock, so that no number of tries at once gets more than ten; the answer tells nothing but right or not.
FORWARD = """
CREATE FUNCTION account_code_redeem(wanted_prefix text, wanted_digest text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    tried public.firms_accountcode;
BEGIN
    UPDATE public.firms_accountcode c SET tries = c.tries + 1
     WHERE c.prefix = wanted_prefix AND c.used_at IS NULL AND c.ended_at IS NULL
       AND c.expires_at > clock_timestamp() AND c.tries < 10
       AND EXISTS (SELECT FROM public.firms_user u LEFT JOIN public.firms_firm f ON f.id = u.firm_id
                    WHERE u.id = c.user_id AND u.is_active
                      AND (u.firm_id IS NULL OR f.status IN ('member', 'sandbox', 'supplier')))
    RETURNING c.* INTO tried;
    IF NOT FOUND OR tried.digest IS DISTINCT FROM wanted_digest THEN
        RETURN NULL;
    END IF;
    UPDATE public.firms_accountcode SET used_at = clock_timestamp() WHERE id = tried.id;
    RETURN tried.user_id;
END $$;
REVOKE ALL ON FUNCTION account_code_redeem(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION account_code_redeem(text, text) TO mes_web;
"""


class Migration(migrations.Migration):
    dependencies = [("firms", "0002_api_key_actor")]
    operations = [migrations.RunSQL(FORWARD, "DROP FUNCTION account_code_redeem(text, text)")]
