from django.db import migrations

# Counts a try and tells in the same statement whether it may go on to the password: two tries of one account never
# read the same count. The window slides: `tries` holds the moments of those that were let through.
FORWARD = """
CREATE FUNCTION sign_in_try(of_key text, of_kind text, of_user uuid, most integer, within interval) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO public.signin_trycount AS c (id, created_at, key, kind, user_id, tries, last_at, let_through)
    VALUES (gen_random_uuid(), clock_timestamp(), of_key, of_kind, of_user, ARRAY[clock_timestamp()],
            clock_timestamp(), true)
    ON CONFLICT (key) DO UPDATE SET
        user_id = of_user,
        last_at = clock_timestamp(),
        let_through = (SELECT count(*) < most FROM unnest(c.tries) AS t WHERE t > clock_timestamp() - within),
        locked_until = (SELECT CASE WHEN count(*) >= most - 1 THEN min(t) + within END
                          FROM unnest(c.tries) AS t WHERE t > clock_timestamp() - within),
        tries = (SELECT coalesce(array_agg(t ORDER BY t), ARRAY[]::timestamptz[])
                        || CASE WHEN count(*) < most THEN ARRAY[clock_timestamp()] ELSE ARRAY[]::timestamptz[] END
                   FROM unnest(c.tries) AS t WHERE t > clock_timestamp() - within)
    RETURNING let_through
$$;
CREATE FUNCTION sign_in_refund(of_key text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE public.signin_trycount
       SET tries = trim_array(tries, least(1, cardinality(tries))), locked_until = NULL WHERE key = of_key
$$;
REVOKE ALL ON FUNCTION sign_in_try(text, text, uuid, integer, interval), sign_in_refund(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sign_in_try(text, text, uuid, integer, interval), sign_in_refund(text) TO mes_web;
"""
BACK = """
DROP FUNCTION sign_in_refund(text);
DROP FUNCTION sign_in_try(text, text, uuid, integer, interval);
"""


class Migration(migrations.Migration):
    dependencies = [("signin", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
