"""The request: what it asks for, whom, and what becomes of seals when it changes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mes.core.actors import DatabaseRole
from mes.core.errors import InvalidValue, NotAllowedInState, NotPermitted
from mes.core.models import AuditRow, OutboxEvent
from mes.core.wall import actor_wall, wall
from mes.firms.models import Firm
from procurement.benchmarks.models import BenchmarkPolicy
from procurement.quotations.errors import ConditionsChanged, TenderClosed
from procurement.quotations.models import Quotation, Tender, TenderInvitation, TenderLine
from procurement.quotations.services import TenderDraft, tender_publish
from procurement.rounds.models import Round
from procurement.rounds.services import round_cancel, round_resume, round_suspend
from tests.factories import a_firm, at, planner_of
from tests.quotations.work import (
    ASKED_AT,
    KG,
    OPENS_AT,
    a_seller,
    change,
    publish,
    put,
    seal,
    status_of,
)
from tests.rounds.work import a_supplier, an_officer, the_time_is


def test_a_request_asks_for_the_whole_demand_and_names_no_firm(
    tender: Tender, members: list[Firm], suppliers: list[Firm]
) -> None:
    with wall(DatabaseRole.FIRM, suppliers[0].pk):
        shown = Tender.objects.get()
        line = TenderLine.objects.get()
        assert (shown.code, shown.status, shown.revision, shown.closes_at) == ("2026-R1", "open", 1, OPENS_AT)
        assert (line.material_code, line.wanted_kg, line.most_kg) == ("R1", 5 * KG, 5 * KG)
        assert TenderInvitation.objects.get().supplier_id == suppliers[0].pk
        assert not Round.objects.exists()
    for outsider in (members[0], a_supplier("S09")):
        with wall(DatabaseRole.FIRM, outsider.pk):
            assert not Tender.objects.exists()
            assert not TenderLine.objects.exists()
            assert not TenderInvitation.objects.exists()
    with wall(DatabaseRole.STAFF):
        assert Round.objects.get().status == "tendering"
        assert BenchmarkPolicy.objects.get().frozen_at == ASKED_AT


def test_who_is_not_qualified_is_not_invited_and_two_need_a_reason(frozen: Round, suppliers: list[Firm]) -> None:
    with pytest.raises(InvalidValue) as refused:
        publish(frozen, [*suppliers, a_firm("F01")])
    assert refused.value.pointer == "/suppliers/3"
    with pytest.raises(InvalidValue) as refused:
        publish(frozen, suppliers[:2])
    assert refused.value.pointer == "/few_suppliers_reason"
    assert publish(frozen, suppliers[:2], few_suppliers_reason="只有两家生产").few_suppliers_reason
    with pytest.raises(NotAllowedInState):
        publish(frozen, suppliers)


def test_a_member_publishes_nothing(frozen: Round, members: list[Firm]) -> None:
    planner = planner_of(members[0])
    with actor_wall(planner), pytest.raises(NotPermitted):
        tender_publish(actor=planner, round_id=frozen.pk, draft=TenderDraft(("S01",)), now=ASKED_AT)


def test_less_than_two_days_to_the_close_move_it(frozen: Round, suppliers: list[Firm]) -> None:
    the_time_is(OPENS_AT - timedelta(hours=3))
    tender = publish(frozen, suppliers)
    assert tender.closes_at == OPENS_AT + timedelta(hours=45)
    the_time_is(OPENS_AT)
    assert change(tender, conditions="含托盘").closes_at == OPENS_AT + timedelta(hours=48)


def test_other_conditions_void_what_is_sealed_and_nobody_but_its_supplier_learns_of_it(
    tender: Tender, suppliers: list[Firm]
) -> None:
    sealed, written = suppliers[0], suppliers[1]
    row = put(sealed, tender)
    seal(sealed, tender)
    draft = put(written, tender)
    changed = change(tender, payment_days=60)
    assert (changed.revision, changed.closes_at) == (2, OPENS_AT)
    assert (status_of(row), status_of(draft)) == ("invalidated", "draft")
    with wall(DatabaseRole.FIRM, sealed.pk):
        assert AuditRow.objects.filter(verb="quotation.invalidate", object_id=row.pk).count() == 1
    with wall(DatabaseRole.STAFF):
        assert not AuditRow.objects.filter(verb__startswith="quotation").exists()
        told = OutboxEvent.objects.filter(topic="tender.changed").values_list("firm_id", flat=True)
        assert set(told) == {firm.pk for firm in suppliers}
    with pytest.raises(ConditionsChanged):
        seal(sealed, tender, revision=1)
    assert seal(sealed, tender, revision=2).status == "sealed"


def test_the_same_again_changes_nothing(tender: Tender, suppliers: list[Firm]) -> None:
    row = put(suppliers[0], tender)
    seal(suppliers[0], tender)
    assert change(tender, payment_days=0).revision == 1
    assert status_of(row) == "sealed"


def test_the_close_moves_later_only_and_not_after_it(tender: Tender) -> None:
    with pytest.raises(InvalidValue) as refused:
        change(tender, closes_at=OPENS_AT - timedelta(seconds=1))
    assert refused.value.pointer == "/closes_at"
    assert change(tender, closes_at=OPENS_AT + timedelta(days=1)).closes_at == OPENS_AT + timedelta(days=1)
    the_time_is(OPENS_AT + timedelta(days=1))
    with pytest.raises(TenderClosed):
        change(tender, conditions="x")


def test_a_request_follows_its_round(tender: Tender, suppliers: list[Firm]) -> None:
    officer = an_officer()
    with actor_wall(officer):
        round_suspend(actor=officer, round_id=tender.round_id, reason="停电", now=ASKED_AT)
    with pytest.raises(TenderClosed):
        put(suppliers[0], tender)
    the_time_is(ASKED_AT + timedelta(hours=5))
    with actor_wall(officer):
        round_resume(actor=officer, round_id=tender.round_id, now=ASKED_AT + timedelta(hours=5))
    with wall(DatabaseRole.FIRM, suppliers[0].pk):
        shown = Tender.objects.get()
        assert (shown.status, shown.closes_at) == ("open", OPENS_AT + timedelta(hours=5))
    put(suppliers[0], tender)
    with actor_wall(officer):
        round_cancel(actor=officer, round_id=tender.round_id, reason="不需要", now=at(days=9))
    with wall(DatabaseRole.FIRM, suppliers[0].pk):
        assert Tender.objects.get().status == "ended"
        assert Quotation.objects.get().status == "draft"
    assert a_seller(suppliers[0]).firm_id == suppliers[0].pk
