"""What a firm commits to, and what it may not."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from mes.core.actors import DatabaseRole
from mes.core.errors import InvalidValue, NotFound, NotPermitted
from mes.core.models import AuditRow
from mes.core.wall import actor_wall, wall
from mes.firms.models import Firm
from procurement.rounds.choices import CommitmentStatus
from procurement.rounds.errors import OnlyUpwards, RoundClosed, UseExceeded
from procurement.rounds.models import (
    Commitment,
    CommitmentEvent,
    CommitmentReserve,
    Round,
)
from procurement.rounds.services import round_firm, round_freeze, round_suspend, use_allowance_grant
from procurement.rounds.services.commitments import commitment_put
from procurement.rounds.services.progress import band_of
from tests.database import as_owner
from tests.factories import MONDAY, a_firm, an_operator, at
from tests.rounds.work import (
    CLOSES_AT,
    FIRMING_AT,
    USED_KG,
    a_draft_round,
    a_supplier,
    a_want,
    an_officer,
    commit,
    the_time_is,
    withdraw,
)

TRUCK_KG = 32_000


def test_a_commitment_is_given_changed_and_withdrawn(opened: Round, firms: list[Firm]) -> None:
    firm = firms[0]
    row = commit(firm, opened, TRUCK_KG, reserve_fen_per_t=790_000)
    assert commit(firm, opened, TRUCK_KG, reserve_fen_per_t=790_000).revision == 1
    assert commit(firm, opened, 2 * TRUCK_KG, least_kg=0).revision == 2
    assert withdraw(firm, opened).revision == 3
    assert commit(firm, opened, 25).revision == 4
    with wall(DatabaseRole.FIRM, firm.pk):
        told = CommitmentEvent.objects.filter(commitment=row).order_by("revision").values_list("status", "wanted_kg")
        assert list(told) == [
            (CommitmentStatus.SUBMITTED, TRUCK_KG),
            (CommitmentStatus.SUBMITTED, 2 * TRUCK_KG),
            (CommitmentStatus.WITHDRAWN, 2 * TRUCK_KG),
            (CommitmentStatus.SUBMITTED, 25),
        ]
        assert not CommitmentReserve.objects.exists()
        verbs = AuditRow.objects.filter(object_id=row.pk).order_by("at").values_list("verb", flat=True)
        assert list(verbs) == ["commitment.put", "commitment.put", "commitment.withdraw", "commitment.put"]


def test_the_audit_tells_no_reserve_price(opened: Round, firms: list[Firm]) -> None:
    row = commit(firms[0], opened, TRUCK_KG, reserve_fen_per_t=791_234)
    with as_owner():
        for audit in AuditRow.objects.filter(object_id=row.pk):
            assert "791234" not in str(audit.changes)


def test_nobody_else_of_the_firms_reads_it_and_no_officer_the_reserve_price(opened: Round, firms: list[Firm]) -> None:
    commit(firms[0], opened, TRUCK_KG, reserve_fen_per_t=790_000)
    with wall(DatabaseRole.FIRM, firms[1].pk):
        assert not Commitment.objects.exists()
        assert not CommitmentReserve.objects.exists()
    officer = an_officer()
    with actor_wall(officer):
        assert Commitment.objects.get().wanted_kg == TRUCK_KG
    with actor_wall(officer), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        list(CommitmentReserve.objects.all())


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"least_kg": 10}, "/least_kg"),
        ({"wanted_kg": TRUCK_KG + 1}, "/wanted_kg"),
        ({"most_kg": TRUCK_KG - 25}, "/most_kg"),
        ({"least_kg": TRUCK_KG + 25}, "/wanted_kg"),
        ({"least_kg": 0, "wanted_kg": 0}, "/wanted_kg"),
        ({"least_kg": -25}, "/least_kg"),
        ({"priority": 3}, "/priority"),
        ({"silence": "maybe"}, "/silence"),
        ({"reserve_fen_per_t": 0}, "/reserve_fen_per_t"),
        ({"approved_suppliers": ("NOWHERE",)}, "/approved_suppliers/0"),
        ({"approved_suppliers": ("F02",)}, "/approved_suppliers/0"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    opened: Round, firms: list[Firm], fields: dict[str, object], pointer: str
) -> None:
    with pytest.raises(InvalidValue) as refusal:
        commit(firms[0], opened, TRUCK_KG, **fields)
    assert refusal.value.pointer == pointer


def test_a_firm_chooses_among_qualified_suppliers(opened: Round, firms: list[Firm]) -> None:
    supplier = a_supplier()
    row = commit(firms[0], opened, TRUCK_KG, approved_suppliers=("S01",))
    assert row.approved_suppliers == [supplier.pk]


def test_verified_use_caps_a_commitment_unless_the_association_allows_more(opened: Round, firms: list[Firm]) -> None:
    firm, most_kg = firms[0], USED_KG * 12 // 10
    commit(firm, opened, most_kg)
    with pytest.raises(UseExceeded) as refusal:
        commit(firm, opened, most_kg + 25)
    assert refusal.value.pointer == "/most_kg"
    newcomer = a_firm("F99")
    with pytest.raises(UseExceeded):
        commit(newcomer, opened, 25)
    officer = an_officer()
    with actor_wall(officer):
        use_allowance_grant(
            actor=officer, round_id=opened.pk, number=1, firm_id=newcomer.pk, most_kg=TRUCK_KG, reason="新厂"
        )
    commit(newcomer, opened, TRUCK_KG)


def test_use_of_more_than_three_months_ago_does_not_count(opened: Round, firms: list[Firm]) -> None:
    the_time_is(at(days=4))
    commit(firms[0], opened, TRUCK_KG)
    the_time_is(MONDAY)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("UPDATE machines_stockmovement SET available_at = available_at - interval '100 days'")
    with pytest.raises(UseExceeded):
        commit(firms[0], opened, TRUCK_KG)


def test_only_a_buyer_or_an_owner_commits(opened: Round, firms: list[Firm]) -> None:
    operator = an_operator(firms[0])
    with actor_wall(operator), pytest.raises(NotPermitted):
        commitment_put(actor=operator, round_id=opened.pk, number=1, draft=a_want(25), now=MONDAY)


def test_a_line_that_is_not_there_and_a_draft_are_not_found(opened: Round, firms: list[Firm]) -> None:
    with pytest.raises(NotFound):
        commit(firms[0], opened, 25, number=2)
    with pytest.raises(NotFound):
        commit(firms[0], a_draft_round("2026-R2"), 25)


def firm_up(row: Round) -> None:
    the_time_is(FIRMING_AT)
    officer = an_officer()
    with actor_wall(officer):
        round_firm(actor=officer, round_id=row.pk, now=FIRMING_AT)


def test_while_it_firms_quantities_rise_or_stay_within_their_last_truck(opened: Round, firms: list[Firm]) -> None:
    firm = firms[0]
    commit(firm, opened, 2 * TRUCK_KG + 10_000)
    commit(firms[1], opened, 10_000)
    firm_up(opened)
    commit(firm, opened, 2 * TRUCK_KG + 5_000)
    with pytest.raises(OnlyUpwards):
        commit(firm, opened, 2 * TRUCK_KG - 25)
    with pytest.raises(OnlyUpwards):
        withdraw(firm, opened)
    commit(firm, opened, 3 * TRUCK_KG)
    with pytest.raises(OnlyUpwards) as refusal:
        commit(firm, opened, 3 * TRUCK_KG, least_kg=0)
    assert refusal.value.pointer == "/least_kg"
    commit(firms[2], opened, 25)
    withdraw(firms[1], opened)


def test_after_the_close_nothing_is_said_any_more(opened: Round, firms: list[Firm]) -> None:
    commit(firms[0], opened, TRUCK_KG)
    the_time_is(CLOSES_AT)
    for act in (lambda: commit(firms[0], opened, 64_000), lambda: withdraw(firms[0], opened)):
        with pytest.raises(RoundClosed):
            act()
    officer = an_officer()
    with actor_wall(officer):
        round_freeze(actor=officer, round_id=opened.pk, now=CLOSES_AT, few_firms_reason="试运行")
    the_time_is(MONDAY)
    with pytest.raises(RoundClosed):
        commit(firms[1], opened, 25)


def test_a_suspended_round_takes_nothing(opened: Round, firms: list[Firm]) -> None:
    officer = an_officer()
    with actor_wall(officer):
        round_suspend(actor=officer, round_id=opened.pk, reason="x", now=MONDAY)
    with pytest.raises(RoundClosed):
        commit(firms[0], opened, 25)


def test_the_database_refuses_what_a_service_forgot(opened: Round, firms: list[Firm]) -> None:
    row = commit(firms[0], opened, TRUCK_KG, reserve_fen_per_t=790_000)
    the_time_is(CLOSES_AT)
    wrong = (
        "UPDATE rounds_commitment SET wanted_kg = wanted_kg WHERE id = %s",
        "DELETE FROM rounds_commitmentreserve WHERE commitment_id = %s",
    )
    for statement in wrong:
        with (
            pytest.raises(IntegrityError, match="takes no commitments"),
            transaction.atomic(),
            as_owner(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, [row.pk])


def test_bands_have_their_upper_end_outside() -> None:
    ends = [(99_999, "under_100_t"), (100_000, "100_to_500_t"), (500_000, "500_to_2000_t"), (2_000_000, "over_2000_t")]
    assert [(kg, band_of(kg)) for kg, _band in ends] == ends
