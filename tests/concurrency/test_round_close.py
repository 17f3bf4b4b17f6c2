"""The close of a round under many writers: no commitment outside the demand, and the one who freezes is not starved."""

from __future__ import annotations

from functools import partial
from time import sleep
from typing import Any

import psycopg
import pytest

from mes.core.actors import Actor, DatabaseRole, system_actor
from mes.core.clock import business_now
from mes.core.errors import DomainError
from mes.core.wall import actor_wall, wall
from mes.firms.models import Firm
from procurement.rounds.models import Commitment, LockedCommitment, Round
from procurement.rounds.services import commitment_withdraw, commitments, round_freeze
from tests.core.work import at_once
from tests.factories import MONDAY
from tests.rounds.race import Write, a_buyer_of, by_service, by_sql, run
from tests.rounds.work import CLOSES_AT, a_user_of_resin, an_open_round, commit

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS = 24
ROUNDS = 2
Owner = psycopg.Connection[tuple[object, ...]]


def firms_at(count: int, owner: Owner, *, runs: bool = True) -> list[Firm]:
    """The park's clock runs from MONDAY on, or stands there."""
    started = "clock_timestamp()" if runs else "NULL"
    owner.execute(
        f"INSERT INTO core_installation (id, kind, business_at, started_at) VALUES (1, 'test', %s, {started})", [MONDAY]
    )
    return [a_user_of_resin(f"F{number:02}") for number in range(1, count + 1)]


@pytest.mark.parametrize("write", [by_service, by_sql])
def test_what_was_accepted_is_the_demand(worker_login: None, owner: Owner, write: Write) -> None:
    firms = firms_at(WRITERS, owner)
    for number in range(ROUNDS):
        outcome = run(f"2026-R{number}", firms, write)
        assert outcome.is_exact, outcome
        assert outcome.refused >= WRITERS


def test_without_lock_and_trigger_commitments_are_lost(
    worker_login: None, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the same race, and the demand is not what was accepted."""
    firms = firms_at(WRITERS, owner)
    checked: Any = commitments._check_use

    def slowly(*given: Any) -> None:
        checked(*given)
        sleep(0.02)

    monkeypatch.setattr(commitments.locks, "share_round", lambda _round_id: None)
    monkeypatch.setattr(commitments, "_check_use", slowly)
    owner.execute("ALTER TABLE rounds_commitment DISABLE TRIGGER while_round_is_open")
    owner.execute("ALTER TABLE rounds_commitmentreserve DISABLE TRIGGER while_round_is_open")
    assert not all(run(f"2026-R{number}", firms, by_service).is_exact for number in range(6))


def test_of_two_who_freeze_one_does(worker_login: None, owner: Owner) -> None:
    firms = firms_at(6, owner)
    for number in range(ROUNDS):
        outcome = run(f"2026-R{number}", firms, by_service, closers=2)
        assert outcome.is_exact, outcome


def test_a_withdrawal_comes_before_the_freeze_or_is_refused(worker_login: None, owner: Owner) -> None:
    """The close has come for the one who freezes, and not yet for the one who withdraws: the lock alone decides."""
    firms = firms_at(6, owner, runs=False)
    ends = set()
    for number in range(8):
        row = an_open_round(f"2026-R{number}")
        for firm in firms:
            commit(firm, row, 32_000)
        ends_of = partial(_withdraw_or_freeze, row, a_buyer_of(firms[0]))
        withdrawn, frozen = at_once(2, ends_of)
        assert frozen == "done"
        ends.add(withdrawn)
        with wall(DatabaseRole.PLANNER):
            locked = set(LockedCommitment.objects.filter(snapshot__line__round=row).values_list("firm_id", flat=True))
            standing = Commitment.objects.filter(line__round=row, status="submitted")
            assert locked == set(standing.values_list("firm_id", flat=True))
        assert (firms[0].pk in locked) == (withdrawn != "done")
    assert ends <= {"done", "round_closed"}


def _withdraw_or_freeze(row: Round, buyer: Actor, turn: int) -> str:
    try:
        if turn == 0:
            with actor_wall(buyer):
                commitment_withdraw(actor=buyer, round_id=row.pk, number=1, now=business_now())
        else:
            with wall(DatabaseRole.PLANNER):
                round_freeze(actor=system_actor(), round_id=row.pk, now=CLOSES_AT)
    except DomainError as refusal:
        return refusal.code
    return "done"
