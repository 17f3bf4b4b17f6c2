from django.db import migrations

# The ledger is added to and never changed, by whomever; what one posting moves sums to nothing when its transaction
# ends. Fees are passed on as they were booked.
FORWARD = """
CREATE FUNCTION ledger_only_grows() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'what is booked stays: reverse it by a posting of its own'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_only_grows';
END $$;
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE ON settlement_posting
FOR EACH ROW EXECUTE FUNCTION ledger_only_grows();
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE ON settlement_ledgerentry
FOR EACH ROW EXECUTE FUNCTION ledger_only_grows();
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE ON settlement_fee
FOR EACH ROW EXECUTE FUNCTION ledger_only_grows();

CREATE FUNCTION posting_sums_to_zero() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT sum(fen) FROM public.settlement_ledgerentry WHERE posting_id = NEW.posting_id) <> 0 THEN
        RAISE EXCEPTION 'a posting sums to zero'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'posting_sums_to_zero';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER sums_to_zero AFTER INSERT ON settlement_ledgerentry
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION posting_sums_to_zero();

CREATE TRIGGER status_moves BEFORE UPDATE OF status ON settlement_invoice FOR EACH ROW
EXECUTE FUNCTION refuse_unlisted_move(
    'received>matched', 'received>disputed', 'received>void', 'disputed>matched', 'disputed>void',
    'matched>settled', 'matched>disputed', 'matched>void'
);
CREATE TRIGGER status_moves BEFORE UPDATE OF status ON settlement_deposit FOR EACH ROW
EXECUTE FUNCTION refuse_unlisted_move('held>applied', 'held>refunded', 'held>forfeited');

-- What the paper says does not change; arguments: the columns that may.
CREATE FUNCTION paper_stays() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF to_jsonb(NEW) - TG_ARGV <> to_jsonb(OLD) - TG_ARGV THEN
        RAISE EXCEPTION 'what an invoice says does not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'paper_stays';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER paper_stays BEFORE UPDATE ON settlement_invoice
FOR EACH ROW EXECUTE FUNCTION paper_stays('status', 'settled_at', 'reason');
CREATE TRIGGER paper_stays BEFORE UPDATE ON settlement_invoiceline
FOR EACH ROW EXECUTE FUNCTION paper_stays('live', 'net_difference_fen', 'vat_difference_fen', 'findings');
CREATE TRIGGER paper_stays BEFORE UPDATE ON settlement_deposit
FOR EACH ROW EXECUTE FUNCTION paper_stays('status', 'ended_at', 'reason');

-- All deposits on an order that were not given back are a fifth of its value at most; its row's lock keeps two apart.
CREATE FUNCTION deposits_are_a_fifth() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE worth numeric; held numeric;
BEGIN
    SELECT kg::numeric * price_mfen_per_t / 1000000 INTO worth
      FROM public.supply_firmorder WHERE id = NEW.order_id FOR UPDATE;
    SELECT COALESCE(sum(fen), 0) INTO held
      FROM public.settlement_deposit WHERE order_id = NEW.order_id AND status <> 'refunded';
    IF held * 5 > worth THEN
        RAISE EXCEPTION 'deposits are a fifth of the contract at most'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'deposits_are_a_fifth';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER a_fifth_at_most AFTER INSERT ON settlement_deposit
FOR EACH ROW EXECUTE FUNCTION deposits_are_a_fifth();

REVOKE ALL ON FUNCTION posting_sums_to_zero(), deposits_are_a_fifth() FROM PUBLIC;
"""

BACK = """
DROP TRIGGER a_fifth_at_most ON settlement_deposit;
DROP FUNCTION deposits_are_a_fifth();
DROP TRIGGER paper_stays ON settlement_deposit;
DROP TRIGGER paper_stays ON settlement_invoiceline;
DROP TRIGGER paper_stays ON settlement_invoice;
DROP FUNCTION paper_stays();
DROP TRIGGER status_moves ON settlement_deposit;
DROP TRIGGER status_moves ON settlement_invoice;
DROP TRIGGER sums_to_zero ON settlement_ledgerentry;
DROP FUNCTION posting_sums_to_zero();
DROP TRIGGER only_grows ON settlement_fee;
DROP TRIGGER only_grows ON settlement_ledgerentry;
DROP TRIGGER only_grows ON settlement_posting;
DROP FUNCTION ledger_only_grows();
"""


class Migration(migrations.Migration):
    dependencies = [("settlement", "0001_initial"), ("core", "0003_state_moves"), ("supply", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
