from django.db import migrations

# A market quote changes by being voided only, once; a frozen policy not at all. So no saving is made after the fact.
FORWARD = """
CREATE FUNCTION market_quote_is_voided_only() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE told text[] := ARRAY['voided_at', 'void_reason'];
BEGIN
    IF OLD.voided_at IS NOT NULL OR to_jsonb(NEW) - told <> to_jsonb(OLD) - told THEN
        RAISE EXCEPTION 'a market quote is voided and never changed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'market_quote_is_voided_only';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER voided_only BEFORE UPDATE ON benchmarks_marketquote
FOR EACH ROW EXECUTE FUNCTION market_quote_is_voided_only();

CREATE FUNCTION frozen_policy_stays() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF OLD.frozen_at IS NOT NULL THEN
        RAISE EXCEPTION 'a frozen policy does not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'frozen_policy_stays';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER frozen_stays BEFORE UPDATE OR DELETE ON benchmarks_benchmarkpolicy
FOR EACH ROW EXECUTE FUNCTION frozen_policy_stays();
"""

BACK = """
DROP TRIGGER frozen_stays ON benchmarks_benchmarkpolicy;
DROP FUNCTION frozen_policy_stays();
DROP TRIGGER voided_only ON benchmarks_marketquote;
DROP FUNCTION market_quote_is_voided_only();
"""


class Migration(migrations.Migration):
    dependencies = [("benchmarks", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
