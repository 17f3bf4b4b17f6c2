"""A round's life until it is frozen: by the officer, by the clock, and what neither may."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from mes.core.actors import DatabaseRole
from mes.core.errors import InvalidValue, NotAllowedInState, NotPermitted
from mes.core.states import diagram
from mes.core.wall import actor_wall, wall
from mes.firms.models import Firm
from procurement.rounds.choices import NEXT, RoundStatus
from procurement.rounds.models import LockedCommitment, Round
from procurement.rounds.services import (
    round_cancel,
    round_change,
    round_fail,
    round_firm,
    round_freeze,
    round_line_change,
    round_line_remove,
    round_open,
    round_suspend,
)
from tests.architecture.source import CHECKOUT
from tests.database import as_owner
from tests.factories import MONDAY, a_dispatcher, at
from tests.rounds.work import (
    CLOSES_AT,
    FIRMING_AT,
    a_draft_round,
    a_line,
    an_officer,
    an_open_round,
    commit,
    later,
    the_time_is,
)


def as_officer(service: object, row: Round, **values: object) -> Round:
    officer = an_officer()
    with actor_wall(officer):
        return service(actor=officer, round_id=row.pk, **values)  # type: ignore[operator,no-any-return]


def test_the_readme_draws_the_states() -> None:
    assert diagram(NEXT) in (CHECKOUT / "procurement" / "README.md").read_text(encoding="utf-8")


def test_no_firm_meets_a_draft(firms: list[Firm]) -> None:
    row = a_draft_round()
    with wall(DatabaseRole.FIRM, firms[0].pk):
        assert not Round.objects.exists()
    as_officer(round_open, row, now=MONDAY)
    with wall(DatabaseRole.FIRM, firms[0].pk):
        (seen,) = Round.objects.all()
    assert seen.policy_sha256


def test_a_round_without_lines_or_with_times_that_are_over_is_not_opened(firms: list[Firm]) -> None:
    with pytest.raises(InvalidValue) as refusal:
        as_officer(round_open, a_draft_round(lines=0), now=MONDAY)
    assert refusal.value.pointer == "/lines"
    with pytest.raises(InvalidValue) as refusal:
        as_officer(round_open, a_draft_round("2026-R2"), now=later(FIRMING_AT, minutes=1))
    assert refusal.value.pointer == "/firming_at"


def test_times_out_of_order_are_refused(firms: list[Firm]) -> None:
    with pytest.raises(InvalidValue) as refusal:
        a_draft_round(demand_closes_at=at(days=4))
    assert refusal.value.pointer == "/firming_at"
    with pytest.raises(InvalidValue) as refusal:
        a_draft_round(quotations_close_at=CLOSES_AT)
    assert refusal.value.pointer == "/quotations_close_at"


def test_an_announced_rounds_times_move_later_only(opened: Round) -> None:
    with pytest.raises(InvalidValue) as refusal:
        as_officer(round_change, opened, changes={"firming_at": at(days=4)})
    assert refusal.value.pointer == "/firming_at"
    with pytest.raises(NotAllowedInState):
        as_officer(round_change, opened, changes={"use_cap_permille": 2000})
    with pytest.raises(NotAllowedInState):
        as_officer(round_line_remove, opened, number=1)
    changed = as_officer(round_change, opened, changes={"firming_at": at(days=6)})
    assert changed.firming_at == at(days=6)


def test_the_database_lets_no_time_of_an_announced_round_move_earlier(opened: Round) -> None:
    for column in ("firming_at", "demand_closes_at", "quotations_close_at"):
        with pytest.raises(IntegrityError, match="later only"), transaction.atomic(), as_owner():
            Round.objects.filter(pk=opened.pk).update(**{column: at(days=1)})


def test_lines_change_in_a_draft(firms: list[Firm]) -> None:
    row = a_draft_round(lines=2)
    as_officer(round_line_change, row, number=2, draft=a_line(zone="Z9", bag_kg=1000))
    as_officer(round_line_remove, row, number=1)
    with pytest.raises(InvalidValue):
        as_officer(round_line_change, row, number=2, draft=a_line(material_code="NOWHERE"))
    with as_owner():
        (line,) = row.lines.all()
        assert (line.number, line.zone, line.bag_kg) == (2, "Z9", 1000)


def test_who_is_no_round_officer_moves_nothing(opened: Round) -> None:
    dispatcher = a_dispatcher()
    with actor_wall(dispatcher), pytest.raises(NotPermitted):
        round_cancel(actor=dispatcher, round_id=opened.pk, reason="x", now=MONDAY)


def test_nobody_freezes_before_the_close_or_what_is_empty(opened: Round, firms: list[Firm]) -> None:
    with pytest.raises(NotAllowedInState):
        as_officer(round_freeze, opened, now=later(CLOSES_AT, minutes=-1))
    with pytest.raises(NotAllowedInState):
        as_officer(round_freeze, opened, now=CLOSES_AT, few_firms_reason="x")
    with pytest.raises(NotAllowedInState):
        as_officer(round_firm, opened, now=MONDAY)


def test_a_round_ends_with_a_reason_and_for_good(firms: list[Firm]) -> None:
    for number, (service, status) in enumerate(
        ((round_cancel, RoundStatus.CANCELLED), (round_fail, RoundStatus.FAILED))
    ):
        row = an_open_round(f"2026-R{number}")
        with pytest.raises(InvalidValue):
            as_officer(service, row, reason=" ", now=MONDAY)
        assert as_officer(service, row, reason="无人响应", now=MONDAY).status == status
        with pytest.raises(NotAllowedInState):
            as_officer(round_suspend, row, reason="x", now=MONDAY)
        with pytest.raises(NotAllowedInState):
            as_officer(round_cancel, row, reason="x", now=MONDAY)


def test_the_snapshot_is_the_sum_of_what_is_locked(opened: Round, firms: list[Firm]) -> None:
    for number, firm in enumerate(firms):
        commit(firm, opened, 32_000 + 25 * number)
    the_time_is(CLOSES_AT)
    as_officer(round_freeze, opened, now=CLOSES_AT)
    with as_owner():
        (line,) = opened.lines.select_related("snapshot")
        locked = list(LockedCommitment.objects.filter(snapshot=line.snapshot))
    assert line.snapshot.firms == len(locked) == 6
    assert line.snapshot.wanted_kg == sum(row.wanted_kg for row in locked) == 6 * 32_000 + 25 * 15
    assert len({row.tie for row in locked}) == 6
