"""What follows an award in the lively park."""

from __future__ import annotations

from datetime import timedelta

from mes.core.clock import business_now
from mes.core.wall import actor_wall
from procurement.supply import services as supply
from procurement.supply.models import FrameworkAgreement
from procurement.supply.services import ClaimDraft, DeliveryDraft, LotDraft
from tests.factories.awarded import an_awarded_round, seller_of
from tests.factories.rounds import Want
from tests.plans.small_park import ZERO
from tests.rounds.work import an_officer, the_time_is
from tests.supply.work import BAD, act, certified, delivering, limited, lots_of, timed, weighed


def a_delivered_round() -> None:
    """A round that is delivered: a lot that A takes by concession and claims about. The clock is put back."""
    wants = (Want("A", 32, "U2R"), Want("B", 16, "U2R"))
    given = {("S1", "U2R"): (("A", 32), ("B", 16))}
    found = delivering(an_awarded_round(wants, given, code="2026-R0", opened_at=ZERO - timedelta(days=60)))
    limited(found, "U2R")
    with actor_wall(an_officer()):
        agreement = FrameworkAgreement.objects.get(line=found.lines["U2R"])
    draft = DeliveryDraft("D1", business_now().date(), 32_000, (LotDraft("P26-0401", 1_280),))
    seller, officer = seller_of(found, "S1"), an_officer()
    delivery = timed(seller, supply.delivery_announce, agreement_id=agreement.pk, draft=draft)
    certified(found, delivery, values=BAD)
    weighed(delivery)
    timed(officer, supply.delivery_settle, delivery_id=delivery.pk)
    lot = lots_of(delivery)[0]
    asked = act(officer, supply.concession_ask, lot_id=lot.pk, reason="可用于耐磨条")
    buyer = found.buyer("A")
    answer = next(row for row in asked if row.firm_id == found.firms["A"].pk)
    timed(buyer, supply.concession_agree, concession_id=answer.pk)
    timed(officer, supply.lot_concede, lot_id=lot.pk, reason="用于耐磨条")
    timed(officer, supply.delivery_share, delivery_id=delivery.pk)
    claim = ClaimDraft("off_specification", 32_000, 100_000, "粘数偏低")
    act(buyer, supply.claim_open, order_id=answer.order_id, draft=claim)
    the_time_is(ZERO)
