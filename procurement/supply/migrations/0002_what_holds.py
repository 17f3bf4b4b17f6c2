from django.db import migrations

MOVES = """
CREATE TRIGGER status_moves BEFORE UPDATE OF status ON supply_firmorder FOR EACH ROW
EXECUTE FUNCTION refuse_unlisted_move('open>signed', 'open>cancelled', 'signed>cancelled');
CREATE TRIGGER status_moves BEFORE UPDATE OF status ON supply_delivery FOR EACH ROW
EXECUTE FUNCTION refuse_unlisted_move(
    'announced>weighed', 'announced>cancelled', 'weighed>disputed', 'weighed>settled', 'disputed>weighed'
);
CREATE TRIGGER status_moves BEFORE UPDATE OF status ON supply_deliverylot FOR EACH ROW
EXECUTE FUNCTION refuse_unlisted_move('quarantined>released', 'quarantined>conceded', 'quarantined>rejected');
CREATE TRIGGER status_moves BEFORE UPDATE OF status ON supply_concession FOR EACH ROW
EXECUTE FUNCTION refuse_unlisted_move('asked>agreed', 'asked>declined');
CREATE TRIGGER status_moves BEFORE UPDATE OF status ON supply_claim FOR EACH ROW
EXECUTE FUNCTION refuse_unlisted_move('open>settled', 'open>withdrawn');
"""

MOVES_BACK = """
DROP TRIGGER status_moves ON supply_claim;
DROP TRIGGER status_moves ON supply_concession;
DROP TRIGGER status_moves ON supply_deliverylot;
DROP TRIGGER status_moves ON supply_delivery;
DROP TRIGGER status_moves ON supply_firmorder;
"""

# Each order takes its kg from what is left of its agreement, whoever writes it: the constraint of the balance refuses
# what is too much, and its row's lock lets one order after the other. What is cancelled comes back.
CAP = """
CREATE FUNCTION order_takes_from_its_agreement() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE taken bigint := 0;
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.status <> 'cancelled' THEN taken := taken - OLD.kg; END IF;
    IF TG_OP <> 'DELETE' AND NEW.status <> 'cancelled' THEN taken := taken + NEW.kg; END IF;
    IF TG_OP = 'UPDATE' AND NEW.agreement_id <> OLD.agreement_id THEN
        RAISE EXCEPTION 'an order stays with its agreement' USING ERRCODE = 'check_violation';
    END IF;
    IF taken <> 0 THEN
        UPDATE public.supply_frameworkbalance SET remaining_kg = remaining_kg - taken
         WHERE agreement_id = COALESCE(NEW.agreement_id, OLD.agreement_id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER takes_from_agreement AFTER INSERT OR UPDATE OR DELETE ON supply_firmorder
FOR EACH ROW EXECUTE FUNCTION order_takes_from_its_agreement();
"""

CAP_BACK = """
DROP TRIGGER takes_from_agreement ON supply_firmorder;
DROP FUNCTION order_takes_from_its_agreement();
"""

# At the end of each transaction what firms got of a lot is what was accepted of it, to the bag and to the kg.
WHOLE = """
CREATE FUNCTION lot_is_shared_whole() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE the_lot uuid; accepted record; got record;
BEGIN
    IF TG_TABLE_NAME = 'supply_deliverylot' THEN the_lot := NEW.id;
    ELSE the_lot := COALESCE(NEW.lot_id, OLD.lot_id); END IF;
    SELECT status, accepted_bags, accepted_kg INTO accepted FROM public.supply_deliverylot WHERE id = the_lot;
    SELECT count(*) AS parts, COALESCE(sum(bags), 0) AS bags, COALESCE(sum(kg), 0) AS kg INTO got
      FROM public.supply_lotallocation WHERE lot_id = the_lot;
    IF got.parts > 0 AND accepted.status NOT IN ('released', 'conceded') THEN
        RAISE EXCEPTION 'nothing is taken from a lot that is neither released nor conceded'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'only_accepted_lots_are_shared';
    END IF;
    IF (got.bags, got.kg) IS DISTINCT FROM
       (COALESCE(accepted.accepted_bags, 0)::bigint, COALESCE(accepted.accepted_kg, 0)::numeric) THEN
        RAISE EXCEPTION 'what firms get of a lot is what was accepted of it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lot_is_shared_whole';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER shared_whole AFTER INSERT OR UPDATE OR DELETE ON supply_lotallocation
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION lot_is_shared_whole();
CREATE CONSTRAINT TRIGGER shared_whole AFTER INSERT OR UPDATE ON supply_deliverylot
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION lot_is_shared_whole();
"""

WHOLE_BACK = """
DROP TRIGGER shared_whole ON supply_deliverylot;
DROP TRIGGER shared_whole ON supply_lotallocation;
DROP FUNCTION lot_is_shared_whole();
"""

# A supplier announces; weights and decisions are the association's. What a lot was judged by does not change later.
SUPPLIER = """
CREATE FUNCTION begins_undecided() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('role') = 'mes_firm' AND NEW.status <> TG_ARGV[0] THEN
        RAISE EXCEPTION 'a supplier announces; it neither weighs nor decides' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER begins_undecided BEFORE INSERT ON supply_delivery FOR EACH ROW
EXECUTE FUNCTION begins_undecided('announced');
CREATE TRIGGER begins_undecided BEFORE INSERT ON supply_deliverylot FOR EACH ROW
EXECUTE FUNCTION begins_undecided('quarantined');

CREATE FUNCTION value_while_quarantined() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT status FROM public.supply_deliverylot WHERE id = COALESCE(NEW.lot_id, OLD.lot_id) FOR SHARE)
       <> 'quarantined' THEN
        RAISE EXCEPTION 'what a lot was judged by does not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'certificate_while_quarantined';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER while_quarantined BEFORE INSERT OR UPDATE OR DELETE ON supply_certificatevalue
FOR EACH ROW EXECUTE FUNCTION value_while_quarantined();

REVOKE ALL ON FUNCTION order_takes_from_its_agreement(), lot_is_shared_whole(), value_while_quarantined() FROM PUBLIC;
"""

SUPPLIER_BACK = """
DROP TRIGGER while_quarantined ON supply_certificatevalue;
DROP FUNCTION value_while_quarantined();
DROP TRIGGER begins_undecided ON supply_deliverylot;
DROP TRIGGER begins_undecided ON supply_delivery;
DROP FUNCTION begins_undecided();
"""


class Migration(migrations.Migration):
    dependencies = [("supply", "0001_initial"), ("core", "0003_state_moves")]
    operations = [
        migrations.RunSQL(MOVES, MOVES_BACK),
        migrations.RunSQL(CAP, CAP_BACK),
        migrations.RunSQL(WHOLE, WHOLE_BACK),
        migrations.RunSQL(SUPPLIER, SUPPLIER_BACK),
    ]
