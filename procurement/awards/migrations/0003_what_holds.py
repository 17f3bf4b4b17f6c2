from django.db import migrations

# What is put to the firms adds up: each supplier's line is handed out to the kg, each firm gets what it can use or
# nothing. What is signed was confirmed by each firm that gets something, and by two officers.
ADDS_UP = """
CREATE FUNCTION award_plan_adds_up() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM public.awards_awardline a WHERE a.plan_id = NEW.id AND a.kg IS DISTINCT FROM (
            SELECT sum(x.kg) FROM public.awards_allocation x JOIN public.awards_firmshare s ON s.id = x.share_id
             WHERE x.award_line_id = a.id AND x.supplier_id = a.supplier_id AND x.firm_id = s.firm_id
               AND s.plan_id = a.plan_id AND s.line_id = a.line_id)) THEN
        RAISE EXCEPTION 'an award line is not what is allocated of it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'award_line_is_allocated';
    END IF;
    IF EXISTS (
        SELECT FROM public.awards_firmshare s JOIN public.rounds_lockedcommitment c ON c.id = s.locked_id
         WHERE s.plan_id = NEW.id AND (
               s.kg <> COALESCE((SELECT sum(x.kg) FROM public.awards_allocation x WHERE x.share_id = s.id), 0)
               OR (s.kg <> 0 AND s.kg NOT BETWEEN c.least_kg AND c.most_kg))) THEN
        RAISE EXCEPTION 'a share is not what the firm has committed to'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'share_within_commitment';
    END IF;
    IF NEW.status = 'awarded' AND EXISTS (
        SELECT FROM public.awards_firmshare WHERE plan_id = NEW.id AND kg > 0 AND answer <> 'confirmed') THEN
        RAISE EXCEPTION 'a firm has not confirmed its share'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'award_is_confirmed';
    END IF;
    IF NEW.status = 'awarded' AND (SELECT count(*) FROM public.awards_awardconsent WHERE plan_id = NEW.id) < 2 THEN
        RAISE EXCEPTION 'an award is signed by two officers'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'award_signed_by_two';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER adds_up BEFORE UPDATE OF status ON awards_awardplan FOR EACH ROW
WHEN (NEW.status IN ('proposed', 'awarded') AND NEW.status <> OLD.status) EXECUTE FUNCTION award_plan_adds_up();

-- Arguments: the columns that may change later.
CREATE FUNCTION award_part_stays() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE row_of jsonb := to_jsonb(COALESCE(NEW, OLD)); of_plan uuid;
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - TG_ARGV = to_jsonb(OLD) - TG_ARGV THEN
        RETURN NEW;
    END IF;
    of_plan := COALESCE((row_of ->> 'plan_id')::uuid,
        (SELECT plan_id FROM public.awards_firmshare WHERE id = (row_of ->> 'share_id')::uuid));
    IF (SELECT status FROM public.awards_awardplan WHERE id = of_plan) <> 'candidate' THEN
        RAISE EXCEPTION 'what was put to the firms does not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'proposed_award_stays';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER stays BEFORE INSERT OR UPDATE OR DELETE ON awards_awardline
FOR EACH ROW EXECUTE FUNCTION award_part_stays('awarded');
CREATE TRIGGER stays BEFORE INSERT OR UPDATE OR DELETE ON awards_firmshare
FOR EACH ROW EXECUTE FUNCTION award_part_stays('status', 'answer', 'answered_at', 'by_silence');
CREATE TRIGGER stays BEFORE INSERT OR UPDATE OR DELETE ON awards_allocation
FOR EACH ROW EXECUTE FUNCTION award_part_stays();
"""

# A firm answers until the time for confirmations is over, by the park's clock, under the round's lock; only then its
# silence counts.
IN_TIME = """
CREATE FUNCTION share_answered_in_time() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE the_round uuid; found record; is_over boolean;
BEGIN
    SELECT round_id INTO the_round FROM public.awards_awardplan WHERE id = NEW.plan_id;
    IF NOT NEW.by_silence THEN
        PERFORM pg_advisory_xact_lock_shared(4, hashtext(the_round::text));
    END IF;
    SELECT status, suspended_at, confirm_closes_at INTO found FROM public.rounds_round WHERE id = the_round;
    is_over := public.business_now() >= found.confirm_closes_at;
    IF NEW.status <> 'proposed' OR found.status <> 'confirming' OR found.suspended_at IS NOT NULL
       OR is_over IS DISTINCT FROM NEW.by_silence THEN
        RAISE EXCEPTION 'a share is answered while its round is confirming'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'share_answered_in_time';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER answered_in_time BEFORE UPDATE OF answer ON awards_firmshare FOR EACH ROW
WHEN (NEW.answer <> OLD.answer) EXECUTE FUNCTION share_answered_in_time();

CREATE TRIGGER status_moves BEFORE UPDATE OF status ON awards_firmshare FOR EACH ROW
EXECUTE FUNCTION refuse_unlisted_move('candidate>proposed', 'proposed>awarded', 'proposed>set_aside');
CREATE TRIGGER status_moves BEFORE UPDATE OF status ON awards_awardsearch FOR EACH ROW
EXECUTE FUNCTION refuse_unlisted_move('queued>done', 'queued>refused', 'queued>stale', 'queued>failed');

REVOKE ALL ON FUNCTION award_plan_adds_up(), award_part_stays(), share_answered_in_time() FROM PUBLIC;
"""

BACK = """
DROP TRIGGER status_moves ON awards_awardsearch;
DROP TRIGGER status_moves ON awards_firmshare;
DROP TRIGGER answered_in_time ON awards_firmshare;
DROP FUNCTION share_answered_in_time();
DROP TRIGGER stays ON awards_allocation;
DROP TRIGGER stays ON awards_firmshare;
DROP TRIGGER stays ON awards_awardline;
DROP FUNCTION award_part_stays();
DROP TRIGGER adds_up ON awards_awardplan;
DROP FUNCTION award_plan_adds_up();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("awards", "0002_status_moves"),
        ("core", "0003_state_moves"),
        ("quotations", "0002_seals"),
    ]
    operations = [migrations.RunSQL(f"{ADDS_UP}{IN_TIME}", BACK)]
