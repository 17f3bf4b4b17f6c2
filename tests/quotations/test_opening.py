"""The opening: when, by whom, of what; and what becomes readable for whom."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mes.core.actors import DatabaseRole
from mes.core.errors import NotAllowedInState, NotPermitted
from mes.core.models import AuditRow
from mes.core.wall import actor_wall, wall
from mes.firms.choices import Role
from mes.firms.models import Firm, Membership
from procurement.quotations.errors import ConsentMissing, InterestBars
from procurement.quotations.models import PriceBreak, Quotation, QuotationLine, SupplierDiscount, Tender
from procurement.quotations.services import DiscountDraft, opening_consent
from procurement.rounds.models import Round
from tests.core.people import staff_actor
from tests.factories import a_firm
from tests.quotations.work import (
    OPENS_AT,
    a_draft,
    change,
    consent,
    officer_named,
    open_it,
    put,
    seal,
    status_of,
)
from tests.rounds.work import the_time_is


def test_two_officers_open_what_is_sealed_and_nothing_else(
    tender: Tender, suppliers: list[Firm], members: list[Firm]
) -> None:
    sealed, void, written = suppliers
    row = put(sealed, tender, a_draft(discounts=(DiscountDraft(100_000, 10),)))
    other = put(void, tender)
    seal(void, tender)
    change(tender, payment_days=10)
    seal(sealed, tender, revision=2)
    put(written, tender)
    the_time_is(OPENS_AT)
    first, second = officer_named("first"), officer_named("second")
    with pytest.raises(ConsentMissing):
        open_it(first, tender)
    consent(first, tender)
    with pytest.raises(NotAllowedInState):
        consent(first, tender)
    with pytest.raises(ConsentMissing):
        open_it(first, tender)
    consent(second, tender)
    with pytest.raises(ConsentMissing):
        open_it(officer_named("third"), tender)
    assert open_it(second, tender).opened_at == OPENS_AT
    with wall(DatabaseRole.STAFF):
        assert Round.objects.get().status == "opened"
        assert [found.pk for found in Quotation.objects.all()] == [row.pk]
        counts = [model.objects.count() for model in (QuotationLine, PriceBreak, SupplierDiscount)]
        assert counts == [1, 2, 1]
        assert AuditRow.objects.filter(verb="quotation.open").count() == 1
    assert (status_of(row), status_of(other)) == ("opened", "invalidated")
    for outsider in (written, members[0]):
        with wall(DatabaseRole.FIRM, outsider.pk):
            assert not Quotation.objects.filter(pk=row.pk).exists()
    with pytest.raises(NotAllowedInState):
        open_it(second, tender)


def test_nothing_is_opened_before_the_close(tender: Tender, suppliers: list[Firm]) -> None:
    the_time_is(OPENS_AT - timedelta(seconds=1))
    with pytest.raises(NotAllowedInState):
        consent(officer_named("first"), tender)
    with pytest.raises(NotAllowedInState):
        open_it(officer_named("first"), tender)


def test_where_nobody_quotes_the_round_fails(tender: Tender, suppliers: list[Firm]) -> None:
    put(suppliers[0], tender)
    the_time_is(OPENS_AT)
    for name in ("first", "second"):
        consent(officer_named(name), tender)
    open_it(officer_named("first"), tender)
    with wall(DatabaseRole.STAFF):
        row = Round.objects.get()
        assert row.status == "failed"
        assert row.end_reason
        assert not Quotation.objects.exists()
    with wall(DatabaseRole.FIRM, suppliers[0].pk):
        assert Tender.objects.get().status == "ended"


def test_an_interest_in_a_supplier_or_in_a_firm_of_the_round_bars(
    tender: Tender, suppliers: list[Firm], members: list[Firm]
) -> None:
    the_time_is(OPENS_AT)
    for name, firm in (("a", suppliers[0]), ("b", members[4])):
        with pytest.raises(InterestBars):
            consent(officer_named(name, firm), tender)
    consent(officer_named("c", a_firm("F77")), tender)


def test_two_who_share_an_interest_do_not_open_together(tender: Tender) -> None:
    outside = a_firm("F77")
    the_time_is(OPENS_AT)
    consent(officer_named("a", outside), tender)
    with pytest.raises(InterestBars):
        consent(officer_named("b", outside), tender)
    consent(officer_named("c", a_firm("F78")), tender)
    open_it(officer_named("c", a_firm("F78")), tender)


def test_an_interest_that_came_after_the_consent_counts(tender: Tender, suppliers: list[Firm]) -> None:
    put(suppliers[0], tender)
    seal(suppliers[0], tender)
    the_time_is(OPENS_AT)
    first, second = officer_named("first"), officer_named("second")
    consent(first, tender)
    consent(second, tender)
    barred = officer_named("second", suppliers[0])
    for officer in (barred, first):
        with pytest.raises(InterestBars):
            open_it(officer, tender)
    third = officer_named("third")
    consent(third, tender)
    open_it(third, tender)


def test_a_consent_of_who_is_no_officer_any_more_does_not_count(tender: Tender) -> None:
    the_time_is(OPENS_AT)
    first, second = officer_named("first"), officer_named("second")
    consent(first, tender)
    consent(second, tender)
    with wall(DatabaseRole.STAFF):
        Membership.objects.filter(user_id=second.user_id).delete()
    with pytest.raises(ConsentMissing):
        open_it(first, tender)


def test_only_the_rounds_officers_consent(tender: Tender) -> None:
    the_time_is(OPENS_AT)
    for role in (Role.DISPATCHER, Role.AUDITOR, Role.ADMINISTRATOR):
        actor = staff_actor(role, user_id=tender.pk)
        with actor_wall(actor), pytest.raises(NotPermitted):
            opening_consent(actor=actor, tender_id=tender.pk, now=OPENS_AT)
