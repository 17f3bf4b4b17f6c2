"""From a signed award to resin in the firms' own stock: orders, deliveries, weights, lots, who gets what, claims."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from mes.core.actors import DatabaseRole
from mes.core.clock import business_now
from mes.core.errors import InvalidValue, NotAllowedInState, NotFound, NotPermitted, StaleState
from mes.core.wall import actor_wall, wall
from procurement.supply import services
from procurement.supply.errors import AgreementExhausted, OffSpecification, WeightOpen
from procurement.supply.models import (
    CertificateValue,
    Claim,
    Concession,
    Delivery,
    DeliveryLot,
    FirmOrder,
    FrameworkAgreement,
    FrameworkBalance,
    LotAllocation,
)
from procurement.supply.selectors.sharing import sharing_of
from procurement.supply.services import AgreementChanges, ClaimDraft, ValueDraft
from tests.database import as_owner
from tests.factories.awarded import an_awarded_round, seller_of
from tests.factories.rounds import an_officer, with_interest
from tests.rounds.work import the_time_is
from tests.supply.work import (
    BAD,
    act,
    again,
    agreement_of,
    announced,
    certified,
    delivering,
    got,
    limited,
    lots_of,
    settled,
    shared,
    timed,
    weighed,
)

pytestmark = pytest.mark.django_db(transaction=True)


def order_of(firm: str, supplier: str = "S1") -> FirmOrder:
    with as_owner():
        return FirmOrder.objects.get(firm__code=firm, supplier__code=supplier, allocation__isnull=False)


def test_orders_are_made_of_the_award_and_a_supplier_reads_them_once_signed() -> None:
    found = delivering(an_awarded_round(), signed=False)
    assert found.again().status == "delivering"
    with as_owner():
        assert FirmOrder.objects.count() == 6
        assert {balance.remaining_kg for balance in FrameworkBalance.objects.all()} == {0}
        assert FrameworkAgreement.objects.get(supplier__code="S1").price_mfen_per_t == 1_000_003_000
    with actor_wall(found.buyer("F02")):
        assert set(FirmOrder.objects.values_list("firm__code", "kg")) == {("F02", 10_000)}
        assert FrameworkAgreement.objects.count() == 2
        assert not FrameworkBalance.objects.exists()
    with actor_wall(seller_of(found, "S1")):
        assert not FirmOrder.objects.exists()
    order = order_of("F01")
    timed(found.buyer("F01"), services.order_sign, order_id=order.pk, contract_number="HT-7")
    with actor_wall(seller_of(found, "S1")):
        assert list(FirmOrder.objects.values_list("firm__code", "contract_number")) == [("F01", "HT-7")]
        assert FrameworkAgreement.objects.count() == 1
    with actor_wall(seller_of(found, "S2")):
        assert not FirmOrder.objects.exists()
    with pytest.raises(NotFound):
        timed(found.buyer("F02"), services.order_sign, order_id=order.pk, contract_number="HT-8")
    with pytest.raises(NotAllowedInState):
        timed(an_officer(), services.orders_make, round_id=found.pk)


def test_in_a_central_round_the_supplier_reads_no_firm() -> None:
    found = delivering(an_awarded_round(mode="central"))
    limited(found)
    delivery = shared(found, (1800,))
    assert sum(got(delivery).values()) == 1800
    with actor_wall(seller_of(found, "S1")):
        assert not FirmOrder.objects.exists()
        assert not LotAllocation.objects.exists()


def test_a_barred_officer_does_nothing_of_the_round() -> None:
    found = an_awarded_round()
    with pytest.raises(NotPermitted):
        timed(with_interest("barred", found.firms["F05"]), services.orders_make, round_id=found.pk)


def test_a_short_delivery_is_shared_by_class_then_in_proportion_and_the_rest_comes_later() -> None:
    found = delivering(an_awarded_round())
    limited(found)
    delivery = shared(found, (600, 601))
    # F02 is of the first class: its 400 bags whole; F01 and F03 share 801 as 1200 to 200.
    assert got(delivery) == {"F02": 400, "F01": 687, "F03": 114}
    later = shared(found, (599,), number="D2")
    assert got(later) == {"F01": 513, "F03": 86}
    with as_owner():
        assert {lot.accepted_kg for lot in DeliveryLot.objects.filter(delivery=later)} == {599 * 25}
    timed(an_officer(), services.deliveries_end, round_id=found.pk)
    assert found.again().status == "settling"


def test_a_surplus_fills_firms_up_to_their_most_and_the_rest_goes_back() -> None:
    found = delivering(an_awarded_round())
    limited(found)
    delivery = announced(found, (1800, 300))
    certified(found, delivery)
    settled(delivery)
    for lot in lots_of(delivery):
        timed(an_officer(), services.lot_release, lot_id=lot.pk)
    with actor_wall(an_officer()):
        preview = sharing_of(again(delivery))
    gets = {part.firm_id: part.gets_kg for part in preview.firms}
    assert gets[found.firms["F01"].pk] == 36_000
    with pytest.raises(StaleState):
        timed(an_officer(), services.delivery_share, delivery_id=delivery.pk, digest="0")
    timed(an_officer(), services.delivery_share, delivery_id=delivery.pk, digest=preview.digest)
    assert got(delivery) == {"F02": 400, "F01": 1440, "F03": 200}
    assert [(lot.bags, lot.accepted_bags) for lot in lots_of(delivery)] == [(1800, 1800), (300, 240)]
    with pytest.raises(NotAllowedInState):
        timed(an_officer(), services.delivery_share, delivery_id=delivery.pk)


def test_a_weight_beyond_the_tolerance_waits_for_the_dispute_and_a_third_party() -> None:
    found = delivering(an_awarded_round())
    delivery = announced(found, (1280,))
    assert weighed(delivery, 31_950).settled_kg == 32_000  # within 3 per mille: the ticket
    timed(an_officer(), services.delivery_settle, delivery_id=delivery.pk)
    heavy = announced(found, (100, 28), number="D2")
    assert weighed(heavy, 3_300).settled_kg == 3_300
    with pytest.raises(WeightOpen):
        timed(an_officer(), services.delivery_settle, delivery_id=heavy.pk)
    with pytest.raises(NotFound):
        timed(seller_of(found, "S2"), services.delivery_dispute, delivery_id=heavy.pk, reason="x")
    timed(seller_of(found, "S1"), services.delivery_dispute, delivery_id=heavy.pk, reason="our scales say less")
    with pytest.raises(NotAllowedInState):
        timed(an_officer(), services.delivery_settle, delivery_id=heavy.pk)
    act(an_officer(), services.delivery_weigh_again, delivery_id=heavy.pk, third_kg=3_250)
    timed(an_officer(), services.delivery_settle, delivery_id=heavy.pk)
    assert (again(heavy).settled_kg, again(heavy).basis) == (3_250, "third_party")
    assert [lot.kg for lot in lots_of(heavy)] == [2_539, 711]
    last = announced(found, (100,), number="D3")
    weighed(last, 2_000)
    the_time_is(business_now() + timedelta(hours=48))
    with pytest.raises(NotAllowedInState):
        timed(seller_of(found, "S1"), services.delivery_dispute, delivery_id=last.pk, reason="x")
    timed(an_officer(), services.delivery_settle, delivery_id=last.pk)


def test_a_lot_off_specification_is_released_to_nobody_and_conceded_to_those_who_agree() -> None:
    found = delivering(an_awarded_round())
    limited(found)
    delivery = announced(found, (1000,))
    with pytest.raises(NotAllowedInState):
        timed(an_officer(), services.lot_release, lot_id=lots_of(delivery)[0].pk)
    certified(found, delivery, values=BAD)
    settled(delivery)
    lot = lots_of(delivery)[0]
    with pytest.raises(OffSpecification):
        timed(an_officer(), services.lot_release, lot_id=lot.pk)
    with pytest.raises(NotAllowedInState):
        timed(an_officer(), services.lot_concede, lot_id=lot.pk, reason="x")
    with actor_wall(found.buyer("F01")):
        assert not CertificateValue.objects.exists()
    act(an_officer(), services.concession_ask, lot_id=lot.pk, reason="good enough for wear strips")
    for firm, answer in (("F01", services.concession_agree), ("F02", services.concession_decline)):
        with actor_wall(found.buyer(firm)):
            asked = Concession.objects.get()
            assert CertificateValue.objects.count() == 1
        timed(found.buyer(firm), answer, concession_id=asked.pk)
    with pytest.raises(NotAllowedInState):
        timed(an_officer(), services.deliveries_end, round_id=found.pk)
    timed(an_officer(), services.lot_concede, lot_id=lot.pk, reason="F01 takes it")
    timed(an_officer(), services.delivery_share, delivery_id=delivery.pk)
    assert got(delivery) == {"F01": 1000}
    with as_owner():
        assert DeliveryLot.objects.get(pk=lot.pk).off_specification == ["viscosity_number"]
        assert LotAllocation.objects.get().conceded


def test_a_retest_counts_before_the_certificate_and_a_method_judges_its_own_values_only() -> None:
    found = delivering(an_awarded_round())
    limited(found)
    delivery = announced(found, (100,))
    certified(found, delivery, values=BAD)
    weighed(delivery)
    lot = lots_of(delivery)[0]
    again_measured = (ValueDraft("viscosity_number", BAD[0].value + 900, "ml/g", "GB/T 1632.3"),)
    act(an_officer(), services.lot_retest, lot_id=lot.pk, values=again_measured)
    with actor_wall(seller_of(found, "S1")):
        assert CertificateValue.objects.count() == 2
    timed(an_officer(), services.lot_release, lot_id=lot.pk)
    with pytest.raises(NotAllowedInState):
        act(seller_of(found, "S1"), services.certificate_put, lot_id=lot.pk, values=BAD)


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        (ValueDraft("viscosity_number", BAD[0].value, "g/l", "X"), "/values/0/unit"),
        (ValueDraft("molecular_weight", BAD[0].value, "10^6 g/mol", "X"), "/values/0/equation"),
        (ValueDraft("ash", BAD[0].value, "%", "X", "Margolies"), "/values/0/equation"),
        (ValueDraft("taste", BAD[0].value, "%", "X"), "/values/0/property"),
        (ValueDraft("ash", -BAD[0].value, "%", "X"), "/values/0/value"),
    ],
)
def test_a_certificate_names_unit_method_and_equation(
    value: ValueDraft, pointer: str, standing: dict[str, Any]
) -> None:
    with pytest.raises(InvalidValue) as caught:
        act(standing["seller"], services.certificate_put, lot_id=standing["lot"], values=(value,))
    assert caught.value.pointer == pointer


@pytest.fixture
def standing() -> dict[str, Any]:
    found = delivering(an_awarded_round(), signed=False)
    return {"seller": seller_of(found, "S1"), "lot": lots_of(announced(found, (1,)))[0].pk}


def test_a_firm_calls_off_more_until_the_cap() -> None:
    found = delivering(an_awarded_round())
    agreement = agreement_of(found)
    day = agreement.until_on
    with pytest.raises(AgreementExhausted):
        timed(found.buyer("F01"), services.order_call_off, agreement_id=agreement.pk, kg=25, wanted_on=day)
    changes = AgreementChanges(cap_kg=agreement_cap(agreement) + 1000, price_mfen_per_t=2_000_000_000)
    timed(an_officer(), services.agreement_change, agreement_id=agreement.pk, changes=changes)
    with pytest.raises(InvalidValue):
        timed(found.buyer("F01"), services.order_call_off, agreement_id=agreement.pk, kg=30, wanted_on=day)
    with pytest.raises(NotFound):  # orders of the other supplier only
        timed(found.buyer("F05"), services.order_call_off, agreement_id=agreement.pk, kg=25, wanted_on=day)
    order = timed(found.buyer("F01"), services.order_call_off, agreement_id=agreement.pk, kg=1000, wanted_on=day)
    assert (order.number, order.price_mfen_per_t) == ("R1/F01/2", 2_000_000_000)
    with pytest.raises(AgreementExhausted):
        timed(found.buyer("F03"), services.order_call_off, agreement_id=agreement.pk, kg=25, wanted_on=day)
    act(an_officer(), services.order_cancel, order_id=order.pk, reason="not needed")
    timed(found.buyer("F03"), services.order_call_off, agreement_id=agreement.pk, kg=25, wanted_on=day)
    with pytest.raises(InvalidValue):
        low = AgreementChanges(cap_kg=agreement_cap(agreement) - 1000)
        timed(an_officer(), services.agreement_change, agreement_id=agreement.pk, changes=low)


def agreement_cap(agreement: FrameworkAgreement) -> int:
    with as_owner():
        return FrameworkBalance.objects.get(agreement=agreement).cap_kg


def test_a_firm_reads_its_part_of_a_lot_and_takes_it_in_and_nobody_elses() -> None:
    found = delivering(an_awarded_round())
    limited(found)
    shared(found, (1800,))
    with actor_wall(found.buyer("F03")):
        part = LotAllocation.objects.get()
        assert (part.bags, part.kg, part.lot_number) == (200, 5000, "D1-1")
        assert CertificateValue.objects.count() == 2
        assert not Delivery.objects.exists()
        assert not DeliveryLot.objects.exists()
    taken = act(found.buyer("F03"), services.lot_take_in, part_id=part.pk)
    with actor_wall(found.buyer("F03")):
        assert taken.kernel_lot.supplier_lot == "D1-1"
    with pytest.raises(NotAllowedInState):
        act(found.buyer("F03"), services.lot_take_in, part_id=part.pk)
    with pytest.raises(NotFound):
        act(found.buyer("F01"), services.lot_take_in, part_id=part.pk)


def test_claims_are_a_firms_or_the_associations_and_end_once() -> None:
    found = delivering(an_awarded_round())
    order = order_of("F03")
    draft = ClaimDraft("late", 5000, 100_000, "two weeks late")
    claim = act(found.buyer("F03"), services.claim_open, order_id=order.pk, draft=draft)
    with pytest.raises(NotFound):
        act(found.buyer("F01"), services.claim_open, order_id=order.pk, draft=draft)
    with actor_wall(seller_of(found, "S1")):
        assert Claim.objects.get().amount_fen == 100_000
    with actor_wall(seller_of(found, "S2")):
        assert not Claim.objects.exists()
    answer = {"claim_id": claim.pk, "answer": "half of it"}
    with pytest.raises(InvalidValue):
        timed(an_officer(), services.claim_settle, settled_fen=100_001, **answer)
    timed(an_officer(), services.claim_settle, settled_fen=50_000, **answer)
    with pytest.raises(NotAllowedInState):
        timed(found.buyer("F03"), services.claim_withdraw, claim_id=claim.pk)
    theirs = act(an_officer(), services.claim_open_of_delivery, delivery_id=announced(found, (1,)).pk, draft=draft)
    with actor_wall(found.buyer("F03")):
        assert Claim.objects.count() == 1
    timed(an_officer(), services.claim_withdraw, claim_id=theirs.pk)


def test_raw_sql_breaks_neither_the_sum_of_a_lot_nor_the_cap_nor_the_states() -> None:
    found = delivering(an_awarded_round())
    limited(found)
    delivery = shared(found, (1800,))
    lot = lots_of(delivery)[0]

    def refused(message: str, change: Any) -> None:
        with pytest.raises(IntegrityError, match=message), wall(DatabaseRole.EXCHANGE), transaction.atomic():
            change()

    with as_owner():
        part = LotAllocation.objects.filter(lot=lot).first()
    assert part is not None
    refused("what was accepted", lambda: LotAllocation.objects.filter(pk=part.pk).update(kg=part.kg + 1))
    refused("what was accepted", lambda: DeliveryLot.objects.filter(pk=lot.pk).update(accepted_bags=1799))
    refused("not allowed", lambda: DeliveryLot.objects.filter(pk=lot.pk).update(status="rejected"))
    refused("framework_cap_holds", lambda: FirmOrder.objects.filter(pk=part.order_id).update(kg=10**6))
    other = announced(found, (10,), number="D9")
    certified(found, other)
    new = lots_of(other)[0]

    def given_from_quarantine() -> None:
        LotAllocation.objects.create(
            firm_id=part.firm_id, seller_id=part.seller_id, lot=new, order_id=part.order_id, bags=1, kg=25,
            allocated_at=part.allocated_at, lot_number="x",
        )  # fmt: skip

    refused("neither released nor conceded", given_from_quarantine)
