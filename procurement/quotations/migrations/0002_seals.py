from django.db import migrations

# A supplier writes only while its request takes quotations, under the round's lock, by the park's clock; what is sealed
# changes by taking the seal off only. Nothing is opened before its request is, and no request before its close.
SEALS = """
CREATE FUNCTION refuse_quotation_to_closed_request(wanted uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE found record; the_round uuid;
BEGIN
    SELECT round_id INTO the_round FROM public.quotations_tender WHERE id = wanted;
    PERFORM pg_advisory_xact_lock_shared(4, hashtext(the_round::text));
    SELECT r.status, r.suspended_at, t.closes_at INTO found
      FROM public.quotations_tender t JOIN public.rounds_round r ON r.id = t.round_id WHERE t.id = wanted;
    IF found.status <> 'tendering' OR found.suspended_at IS NOT NULL
       OR public.business_now() >= found.closes_at THEN
        RAISE EXCEPTION 'the request takes no quotations'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'quotation_while_request_is_open';
    END IF;
END $$;

CREATE FUNCTION quotation_while_request_is_open() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE the_request record;
BEGIN
    SELECT opened_at, revision INTO the_request FROM public.quotations_tender WHERE id = NEW.tender_id;
    IF TG_OP = 'UPDATE' AND (NEW.tender_id, NEW.supplier_id) IS DISTINCT FROM (OLD.tender_id, OLD.supplier_id) THEN
        RAISE EXCEPTION 'a quotation stays with its request and supplier' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.opened_at IS NOT NULL AND the_request.opened_at IS NULL THEN
        RAISE EXCEPTION 'no quotation is opened before its request'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'quotation_opened_with_its_request';
    END IF;
    IF TG_OP = 'INSERT' OR (NEW.status IN ('draft', 'sealed', 'withdrawn') AND the_request.opened_at IS NULL) THEN
        PERFORM public.refuse_quotation_to_closed_request(NEW.tender_id);
    END IF;
    IF NEW.status = 'sealed' AND NEW.tender_revision <> the_request.revision THEN
        RAISE EXCEPTION 'sealed for conditions that hold no longer'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'quotation_sealed_for_the_present_conditions';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER while_request_is_open BEFORE INSERT OR UPDATE ON quotations_quotation
FOR EACH ROW EXECUTE FUNCTION quotation_while_request_is_open();

CREATE TRIGGER status_moves BEFORE UPDATE OF status ON quotations_quotation FOR EACH ROW
EXECUTE FUNCTION refuse_unlisted_move(
    'draft>sealed', 'draft>withdrawn',
    'sealed>draft', 'sealed>invalidated', 'sealed>withdrawn', 'sealed>opened',
    'invalidated>draft', 'invalidated>sealed', 'invalidated>withdrawn',
    'withdrawn>draft', 'opened>awarded', 'opened>lost'
);

-- Argument: where the quotation's key is found, 'quotation' or 'line'.
CREATE FUNCTION part_while_quotation_is_draft() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE row_of jsonb := to_jsonb(COALESCE(NEW, OLD)); of_quotation uuid; found record;
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'opened_at' = to_jsonb(OLD) - 'opened_at' THEN
        of_quotation := NULL;
    ELSIF TG_ARGV[0] = 'quotation' THEN
        of_quotation := (row_of ->> 'quotation_id')::uuid;
    ELSE
        SELECT quotation_id INTO of_quotation FROM public.quotations_quotationline
         WHERE id = (row_of ->> 'line_id')::uuid;
    END IF;
    IF of_quotation IS NOT NULL THEN
        SELECT status, tender_id INTO found FROM public.quotations_quotation WHERE id = of_quotation;
        IF found.status <> 'draft' THEN
            RAISE EXCEPTION 'a sealed quotation does not change'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'part_while_quotation_is_draft';
        END IF;
        PERFORM public.refuse_quotation_to_closed_request(found.tender_id);
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER while_draft BEFORE INSERT OR UPDATE OR DELETE ON quotations_quotationline
FOR EACH ROW EXECUTE FUNCTION part_while_quotation_is_draft('quotation');
CREATE TRIGGER while_draft BEFORE INSERT OR UPDATE OR DELETE ON quotations_supplierdiscount
FOR EACH ROW EXECUTE FUNCTION part_while_quotation_is_draft('quotation');
CREATE TRIGGER while_draft BEFORE INSERT OR UPDATE OR DELETE ON quotations_pricebreak
FOR EACH ROW EXECUTE FUNCTION part_while_quotation_is_draft('line');

CREATE FUNCTION request_opens_after_its_close() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.closes_at < OLD.closes_at THEN
        RAISE EXCEPTION 'the close of a request moves later only'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'request_close_moves_later_only';
    END IF;
    IF OLD.opened_at IS NOT NULL AND (NEW.opened_at, NEW.closes_at, NEW.revision)
       IS DISTINCT FROM (OLD.opened_at, OLD.closes_at, OLD.revision) THEN
        RAISE EXCEPTION 'an opened request does not change' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.opened_at IS NOT NULL AND OLD.opened_at IS NULL AND (
        public.business_now() < NEW.closes_at
        OR (SELECT count(*) FROM public.quotations_openingconsent WHERE tender_id = NEW.id) < 2) THEN
        RAISE EXCEPTION 'a request is opened after its close, by two officers'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'request_opened_by_two_after_its_close';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER opens_after_its_close BEFORE UPDATE ON quotations_tender
FOR EACH ROW EXECUTE FUNCTION request_opens_after_its_close();

REVOKE ALL ON FUNCTION refuse_quotation_to_closed_request(uuid), quotation_while_request_is_open(),
    part_while_quotation_is_draft(), request_opens_after_its_close() FROM PUBLIC;
"""

BACK = """
DROP TRIGGER opens_after_its_close ON quotations_tender;
DROP FUNCTION request_opens_after_its_close();
DROP TRIGGER while_draft ON quotations_pricebreak;
DROP TRIGGER while_draft ON quotations_supplierdiscount;
DROP TRIGGER while_draft ON quotations_quotationline;
DROP FUNCTION part_while_quotation_is_draft();
DROP TRIGGER status_moves ON quotations_quotation;
DROP TRIGGER while_request_is_open ON quotations_quotation;
DROP FUNCTION quotation_while_request_is_open();
DROP FUNCTION refuse_quotation_to_closed_request(uuid);
"""


class Migration(migrations.Migration):
    dependencies = [("quotations", "0001_initial"), ("rounds", "0002_walls_of_time")]
    operations = [migrations.RunSQL(SEALS, BACK)]
