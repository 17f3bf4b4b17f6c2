"""Commitments and the freeze as a machine of states, beside a model of what must hold after each step."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from mes.core.errors import DomainError, InvalidValue
from mes.core.wall import actor_wall
from mes.firms.models import Firm
from procurement.rounds.choices import CommitmentStatus, RoundStatus
from procurement.rounds.models import Commitment, CommitmentEvent, DemandSnapshot, LockedCommitment, Round
from procurement.rounds.services import round_firm, round_freeze
from tests.database import as_owner
from tests.factories import MONDAY
from tests.rounds.work import (
    CLOSES_AT,
    FIRMING_AT,
    USED_KG,
    an_officer,
    an_open_round,
    commit,
    the_time_is,
    withdraw,
)

FIRMS, BAG_KG, TRUCK_KG = 6, 25, 32_000
MOST_KG = USED_KG * 12 // 10
who = st.integers(0, FIRMS - 1)
bags = st.one_of(st.integers(1, 4000), st.sampled_from([TRUCK_KG // BAG_KG, MOST_KG // BAG_KG, MOST_KG // BAG_KG + 1]))


class Close(RuleBasedStateMachine):
    """`said`: what each firm's commitment must be, kg by firm; nothing for who has none."""

    firms: list[Firm]

    def __init__(self) -> None:
        super().__init__()
        self.said: dict[int, int] = {}
        self.stage = RoundStatus.COLLECTING
        self.block = transaction.atomic()
        self.block.__enter__()

    @initialize()
    def announced(self) -> None:
        the_time_is(MONDAY)
        self.round: Round = an_open_round()
        self.officer = an_officer()

    @rule(number=who, count=bags)
    def put(self, number: int, count: int) -> None:
        kg, before = count * BAG_KG, self.said.get(number, 0)
        loses_truck = self.stage == RoundStatus.FIRMING and kg < before and kg // TRUCK_KG < before // TRUCK_KG
        allowed = self.stage != RoundStatus.FROZEN and kg <= MOST_KG and not loses_truck
        assert self.tried(lambda: commit(self.firms[number], self.round, kg)) == allowed
        if allowed:
            self.said[number] = kg

    @rule(number=who)
    def take_back(self, number: int) -> None:
        before = self.said.get(number, 0)
        loses_truck = self.stage == RoundStatus.FIRMING and before >= TRUCK_KG
        allowed = self.stage != RoundStatus.FROZEN and before > 0 and not loses_truck
        assert self.tried(lambda: withdraw(self.firms[number], self.round)) == allowed
        if allowed:
            del self.said[number]

    @precondition(lambda self: self.stage == RoundStatus.COLLECTING)
    @rule()
    def firm(self) -> None:
        the_time_is(FIRMING_AT)
        with actor_wall(self.officer):
            round_firm(actor=self.officer, round_id=self.round.pk, now=FIRMING_AT)
        self.stage = RoundStatus.FIRMING

    @precondition(lambda self: self.stage == RoundStatus.FIRMING and self.said)
    @rule()
    def freeze(self) -> None:
        the_time_is(CLOSES_AT)
        reason = "" if len(self.said) >= 5 else "试运行"
        with actor_wall(self.officer):
            if reason:
                with pytest.raises(InvalidValue):
                    self.frozen("")
            self.frozen(reason)
        self.stage = RoundStatus.FROZEN

    def frozen(self, reason: str) -> None:
        round_freeze(actor=self.officer, round_id=self.round.pk, now=CLOSES_AT, few_firms_reason=reason)

    @invariant()
    def what_stands_is_what_was_said(self) -> None:
        if not hasattr(self, "round"):
            return
        with as_owner():
            standing = Commitment.objects.filter(status=CommitmentStatus.SUBMITTED).values_list("firm_id", "wanted_kg")
            assert dict(standing) == self.wanted()
            assert self.history() == self.wanted()

    @invariant()
    def the_demand_is_its_sum_and_moves_no_more(self) -> None:
        if self.stage != RoundStatus.FROZEN:
            return
        with as_owner():
            snapshot = DemandSnapshot.objects.get()
            locked = dict(LockedCommitment.objects.values_list("firm_id", "wanted_kg"))
        assert locked == self.wanted()
        assert (snapshot.firms, snapshot.wanted_kg) == (len(locked), sum(locked.values()))

    def wanted(self) -> dict[Any, int]:
        return {self.firms[number].pk: kg for number, kg in self.said.items()}

    def history(self) -> dict[Any, int]:
        """What the kept revisions say, the last of each firm."""
        last = {}
        for event in CommitmentEvent.objects.order_by("revision"):
            last[event.firm_id] = (event.status, event.wanted_kg)
        return {firm: kg for firm, (status, kg) in last.items() if status == CommitmentStatus.SUBMITTED}

    def tried(self, act: Any) -> bool:
        """Whether a service did it; what it refused has left nothing."""
        try:
            with transaction.atomic():
                act()
        except DomainError:
            return False
        return True

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)


def test_commitments_and_the_freeze_hold_together(firms: list[Firm]) -> None:
    machine = type("CloseOfThese", (Close,), {"firms": firms})
    checks = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
    run_state_machine_as_test(
        machine, settings=settings(max_examples=12, stateful_step_count=14, deadline=None, suppress_health_check=checks)
    )
