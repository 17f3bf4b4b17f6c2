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
DECLARE the_request record; is_open constant text[] := ARRAY['opened', 'awarded', 'lost'];
BEGIN
    SELECT opened_at, revision INTO the_request FROM public.quotations_tender WHERE id = NEW.tender_id;
    IF (NEW.opened_at IS NOT NULL) <> (NEW.status = ANY (is_open))
       OR (NEW.opened_at IS NOT NULL AND the_request.opened_at IS NULL) THEN
        RAISE EXCEPTION 'no quotation is opened before its request'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'quotation_opened_with_its_request';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'draft' THEN
            RAISE EXCEPTION 'a quotation begins as a draft' USING ERRCODE = 'check_violation';
        END IF;
        PERFORM public.refuse_quotation_to_closed_request(NEW.tender_id);
        RETURN NEW;
    END IF;
    IF (NEW.tender_id, NEW.supplier_id) IS DISTINCT FROM (OLD.tender_id, OLD.supplier_id) THEN
        RAISE EXCEPTION 'a quotation stays with its request and supplier' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.status IN ('draft', 'sealed', 'withdrawn') THEN
        PERFORM public.refuse_quotation_to_closed_request(NEW.tender_id);
    ELSIF NEW.status <> OLD.status AND current_setting('role') = 'mes_firm' THEN
        RAISE EXCEPTION 'a supplier neither opens nor awards nor voids' USING ERRCODE = 'check_violation';
    END IF;
    IF (OLD.status, NEW.status) <> ('draft', 'draft')
       AND (NEW.valid_until, NEW.capacity_kg, NEW.payment_days, NEW.with_vat, NEW.vat_permille, NEW.basis,
            NEW.freight_fen_per_t)
           IS DISTINCT FROM (OLD.valid_until, OLD.capacity_kg, OLD.payment_days, OLD.with_vat, OLD.vat_permille,
            OLD.basis, OLD.freight_fen_per_t) THEN
        RAISE EXCEPTION 'a sealed quotation does not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'terms_while_quotation_is_draft';
    END IF;
    IF NEW.status = OLD.status AND OLD.status <> 'draft'
       AND (NEW.sealed_at, NEW.sealed_sha256, NEW.tender_revision, NEW.opened_at)
           IS DISTINCT FROM (OLD.sealed_at, OLD.sealed_sha256, OLD.tender_revision, OLD.opened_at) THEN
        RAISE EXCEPTION 'a seal does not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'seal_changes_with_its_state';
    END IF;
    IF NEW.status = ANY (is_open || ARRAY['invalidated'])
       AND (NEW.sealed_at, NEW.sealed_sha256, NEW.tender_revision)
           IS DISTINCT FROM (OLD.sealed_at, OLD.sealed_sha256, OLD.tender_revision) THEN
        RAISE EXCEPTION 'a seal does not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'seal_changes_with_its_state';
    END IF;
    IF NEW.status IN ('sealed', 'opened') AND NEW.tender_revision <> the_request.revision THEN
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
    IF TG_ARGV[0] = 'quotation' THEN
        of_quotation := (row_of ->> 'quotation_id')::uuid;
    ELSE
        SELECT quotation_id INTO of_quotation FROM public.quotations_quotationline
         WHERE id = (row_of ->> 'line_id')::uuid;
    END IF;
    SELECT status, tender_id, opened_at INTO found FROM public.quotations_quotation WHERE id = of_quotation;
    IF row_of ->> 'opened_at' IS NOT NULL AND TG_OP <> 'DELETE' AND found.opened_at IS NULL THEN
        RAISE EXCEPTION 'no part of a quotation is opened before it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'part_opened_with_its_quotation';
    END IF;
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'opened_at' = to_jsonb(OLD) - 'opened_at' THEN
        RETURN NEW;
    END IF;
    IF found.status <> 'draft' THEN
        RAISE EXCEPTION 'a sealed quotation does not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'part_while_quotation_is_draft';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        RAISE EXCEPTION 'a part of a quotation is put anew, never changed' USING ERRCODE = 'check_violation';
    END IF;
    PERFORM public.refuse_quotation_to_closed_request(found.tender_id);
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

-- Suppliers do not read the round: what they must know of it stands in the request.
CREATE FUNCTION request_follows_its_round() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE public.quotations_tender SET closes_at = CASE WHEN opened_at IS NULL THEN NEW.quotations_close_at
                                                         ELSE closes_at END,
           status = CASE WHEN NEW.status IN ('cancelled', 'failed') THEN 'ended'
                         WHEN NEW.suspended_at IS NOT NULL THEN 'suspended'
                         WHEN NEW.status = 'tendering' THEN 'open'
                         WHEN NEW.status IN ('opened', 'proposed', 'confirming') THEN 'opened'
                         ELSE 'awarded' END
     WHERE round_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER request_follows AFTER UPDATE OF status, suspended_at, quotations_close_at ON rounds_round
FOR EACH ROW WHEN (NEW.status NOT IN ('draft', 'collecting', 'firming', 'frozen'))
EXECUTE FUNCTION request_follows_its_round();

REVOKE ALL ON FUNCTION refuse_quotation_to_closed_request(uuid), quotation_while_request_is_open(),
    part_while_quotation_is_draft(), request_opens_after_its_close(), request_follows_its_round() FROM PUBLIC;
"""

# Whether one of a round's firms, or a supplier that it asked, is kept from the person of the association. Unset, or
# of no round: all are.
INTEREST = """
CREATE FUNCTION round_has_barred_firm(wanted uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
    SELECT wanted IS NULL OR barred.firms IS NULL
        OR EXISTS (
            SELECT FROM public.rounds_lockedcommitment c
              JOIN public.rounds_demandsnapshot s ON s.id = c.snapshot_id
              JOIN public.rounds_roundline l ON l.id = s.line_id
             WHERE l.round_id = wanted AND c.firm_id = ANY (barred.firms))
        OR EXISTS (
            SELECT FROM public.quotations_tenderinvitation i JOIN public.quotations_tender t ON t.id = i.tender_id
             WHERE t.round_id = wanted AND i.supplier_id = ANY (barred.firms))
      FROM (SELECT nullif(current_setting('app.round_closed_firms', true), '')::uuid[] AS firms) AS barred
$$;
REVOKE ALL ON FUNCTION round_has_barred_firm(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION round_has_barred_firm(uuid) TO mes_staff;
"""

BACK = """
DROP FUNCTION round_has_barred_firm(uuid) CASCADE;
DROP TRIGGER request_follows ON rounds_round;
DROP FUNCTION request_follows_its_round();
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
    operations = [migrations.RunSQL(f"{SEALS}{INTEREST}", BACK)]
