"""Real transactions beside each other: a seal against a change, against the close, and two who open at once."""

from __future__ import annotations

from threading import Barrier

import pytest

from mes.core.actors import DatabaseRole
from mes.core.errors import DomainError, NotAllowedInState
from mes.core.models import AuditRow
from mes.core.wall import wall
from mes.firms.models import Firm
from procurement.quotations.errors import ConditionsChanged, TenderClosed
from procurement.quotations.models import Quotation, Tender
from procurement.rounds.models import Round
from tests.core.work import at_once
from tests.factories import MONDAY
from tests.quotations.work import (
    ASKED_AT,
    OPENS_AT,
    a_frozen_round,
    a_seller,
    change,
    consent,
    freeze,
    officer_named,
    open_it,
    publish,
    put,
    seal,
    status_of,
    three_suppliers,
    unseal,
)
from tests.rounds.work import a_user_of_resin, an_officer, the_time_is

pytestmark = pytest.mark.django_db(transaction=True)
TURNS = 6


@pytest.fixture
def tender(transactional_db: None) -> Tender:
    """Published to three suppliers, who all have written a quotation."""
    the_time_is(MONDAY)
    members = [a_user_of_resin(f"F{number:02}") for number in range(1, 6)]
    row = a_frozen_round(members)
    the_time_is(ASKED_AT)
    freeze(row)
    found = publish(row, three_suppliers())
    for firm in firms():
        a_seller(firm)
        put(firm, found)
    an_officer()
    return found


def firms() -> list[Firm]:
    with wall(DatabaseRole.STAFF):
        return list(Firm.objects.filter(status="supplier").order_by("code"))


def test_no_seal_outlives_a_change_of_the_conditions(tender: Tender) -> None:
    firm = firms()[0]
    ends = set()
    for turn in range(1, TURNS + 1):
        together = Barrier(2)

        def act(number: int, turn: int = turn, together: Barrier = together) -> str:
            together.wait(timeout=20)
            if number == 0:
                change(tender, payment_days=turn)
                return "changed"
            try:
                return seal(firm, tender, revision=turn).status
            except ConditionsChanged:
                return "too late"

        assert at_once(2, act)[0] == "changed"
        with wall(DatabaseRole.FIRM, firm.pk):
            row = Quotation.objects.get()
        ends.add(row.status)
        assert row.status in {"draft", "invalidated"}
        if row.status == "invalidated":
            seal(firm, tender, revision=turn + 1)
            unseal(firm, tender)
    assert ends


def test_who_sealed_before_the_close_is_opened_and_nobody_else(tender: Tender) -> None:
    officers, sellers = [officer_named("first"), officer_named("second")], firms()
    together = Barrier(len(sellers) + 1)

    def sells(firm: Firm) -> bool:
        """Whether its last seal came in time: on and off until the close."""
        while True:
            try:
                seal(firm, tender)
                unseal(firm, tender)
            except TenderClosed:
                return status_of(rows[firm.pk]) in {"sealed", "opened"}

    rows = {}
    for firm in sellers:
        with wall(DatabaseRole.FIRM, firm.pk):
            rows[firm.pk] = Quotation.objects.get()

    def act(number: int) -> bool | None:
        together.wait(timeout=20)
        if number < len(sellers):
            return sells(sellers[number])
        the_time_is(OPENS_AT)
        for officer in officers:
            consent(officer, tender)
        open_it(officers[0], tender)
        return None

    sealed = at_once(len(sellers) + 1, act)[:-1]
    with wall(DatabaseRole.STAFF):
        assert Quotation.objects.count() == sum(bool(found) for found in sealed)
    for firm, was_sealed in zip(sellers, sealed, strict=True):
        assert status_of(rows[firm.pk]) == ("opened" if was_sealed else "draft")


def test_two_who_open_at_once_open_once(tender: Tender) -> None:
    sellers = firms()
    for firm in sellers:
        seal(firm, tender)
    the_time_is(OPENS_AT)
    officers = [officer_named("first"), officer_named("second")]
    for officer in officers:
        consent(officer, tender)
    together = Barrier(2)

    def act(number: int) -> type[DomainError] | None:
        together.wait(timeout=20)
        try:
            open_it(officers[number], tender)
        except NotAllowedInState as error:
            return type(error)
        return None

    assert sorted(map(str, at_once(2, act))) == sorted(map(str, [None, NotAllowedInState]))
    with wall(DatabaseRole.STAFF):
        assert AuditRow.objects.filter(verb="quotation.open").count() == len(sellers)
        assert Round.objects.get().status == "opened"
