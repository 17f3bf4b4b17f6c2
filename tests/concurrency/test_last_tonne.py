"""The last tonne of an agreement is ordered once: through the service, and past it by SQL."""

from __future__ import annotations

import pytest
from django.db import IntegrityError

from mes.core.actors import DatabaseRole
from mes.core.clock import business_now
from mes.core.ids import new_id
from mes.core.wall import actor_wall, wall
from procurement.supply import services
from procurement.supply.errors import AgreementExhausted
from procurement.supply.models import FirmOrder, FrameworkAgreement, FrameworkBalance
from procurement.supply.services import AgreementChanges
from tests.core.work import at_once
from tests.database import as_owner
from tests.factories.awarded import an_awarded_round
from tests.factories.rounds import OpenedRound, an_officer
from tests.supply.work import agreement_of, delivering, timed

pytestmark = pytest.mark.django_db(transaction=True)

TONNE = 1000
FIRMS = ("F01", "F02", "F03")


def with_tonnes_left(count: int) -> tuple[OpenedRound, FrameworkAgreement]:
    found = delivering(an_awarded_round(), signed=False)
    agreement = agreement_of(found)
    with as_owner():
        cap_kg = FrameworkBalance.objects.get(agreement=agreement).cap_kg + count * TONNE
    changes = AgreementChanges(cap_kg=cap_kg)
    timed(an_officer(), services.agreement_change, agreement_id=agreement.pk, changes=changes)
    return found, agreement


def left(agreement: FrameworkAgreement) -> int:
    with as_owner():
        return FrameworkBalance.objects.get(agreement=agreement).remaining_kg


def test_of_firms_that_call_it_off_at_once_as_many_get_it_as_there_are_tonnes() -> None:
    found, agreement = with_tonnes_left(2)
    buyers = [found.buyer(FIRMS[number % 3]) for number in range(6)]

    def turn(number: int) -> bool:
        try:
            with actor_wall(buyers[number]):
                services.order_call_off(
                    actor=buyers[number],
                    agreement_id=agreement.pk,
                    kg=TONNE,
                    wanted_on=agreement.until_on,
                    now=business_now(),
                )
        except AgreementExhausted:
            return False
        return True

    assert sorted(at_once(6, turn)) == [False] * 4 + [True] * 2
    assert left(agreement) == 0


def test_what_is_inserted_past_the_service_takes_it_once_too() -> None:
    _found, agreement = with_tonnes_left(1)
    with as_owner():
        like = FirmOrder.objects.filter(agreement=agreement).first()
    assert like is not None

    def turn(number: int) -> bool:
        try:
            with wall(DatabaseRole.EXCHANGE):
                FirmOrder.objects.create(
                    id=new_id(), firm_id=like.firm_id, supplier_id=like.supplier_id, agreement=agreement,
                    line_id=like.line_id, locked_id=like.locked_id, number=f"X{number}", kg=TONNE,
                    price_mfen_per_t=1, wanted_on=like.wanted_on,
                )  # fmt: skip
        except IntegrityError:
            return False
        return True

    assert sorted(at_once(4, turn)) == [False, False, False, True]
    assert left(agreement) == 0
