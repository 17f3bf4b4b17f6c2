"""The race for the close of a round: many firms write at once, and somebody freezes it among them.

What a writer was told is accepted must be in the demand, and nothing else may be. The test runs a few rounds;
`python -m tests.drills.round_close --long` runs sixty of each kind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event
from time import sleep
from uuid import UUID

from django.db import IntegrityError, connection

from mes.core.actors import Actor, DatabaseRole, system_actor
from mes.core.clock import business_now
from mes.core.errors import DomainError
from mes.core.ids import new_id
from mes.core.wall import actor_wall, wall
from mes.firms.models import Firm
from procurement.rounds.choices import CommitmentStatus
from procurement.rounds.errors import RoundClosed
from procurement.rounds.models import Commitment, DemandSnapshot, LockedCommitment, Round
from procurement.rounds.services import commitment_put, round_freeze
from tests.core.work import at_once
from tests.rounds.work import a_buyer, a_want, an_open_round

BAG_KG = 25
OPEN_FOR = timedelta(milliseconds=1500)
MOST_TRIES = 2000
_UPSERT = """
    INSERT INTO rounds_commitment (id, firm_id, line_id, least_kg, wanted_kg, most_kg, priority, approved_suppliers,
                                   silence, status, revision)
    VALUES (%s, %s, %s, %s, %s, %s, 2, '{}', 'accept', 'submitted', 1)
    ON CONFLICT (firm_id, line_id) DO UPDATE SET least_kg = excluded.least_kg, wanted_kg = excluded.wanted_kg,
        most_kg = excluded.most_kg, revision = rounds_commitment.revision + 1
"""

# (round, firm, kg) → whether it was accepted, in a transaction of its own.
Write = Callable[[Round, Firm, int], bool]


@dataclass
class Outcome:
    """`accepted`: kg that each firm was last told of; `locked`: kg that the freeze found; what the demand says.

    `acknowledged`, `refused`: how many writes.
    """

    accepted: dict[UUID, int] = field(default_factory=dict)
    acknowledged: int = 0
    refused: int = 0
    locked: dict[UUID, int] = field(default_factory=dict)
    standing: dict[UUID, int] = field(default_factory=dict)
    demand_kg: int = 0

    @property
    def is_exact(self) -> bool:
        """Whether the demand is what was accepted, row by row and in sum."""
        same = self.accepted == self.locked == self.standing
        return same and self.demand_kg == sum(self.locked.values())


def by_service(row: Round, firm: Firm, kg: int) -> bool:
    buyer = a_buyer_of(firm)
    try:
        with actor_wall(buyer):
            commitment_put(actor=buyer, round_id=row.pk, number=1, draft=a_want(kg), now=business_now())
    except RoundClosed:
        return False
    return True


def by_sql(row: Round, firm: Firm, kg: int) -> bool:
    """Past the services: the trigger alone stands in the way."""
    try:
        with wall(DatabaseRole.FIRM, firm.pk), connection.cursor() as cursor:
            line_id = row.lines.get(number=1).pk
            cursor.execute(_UPSERT, [new_id(), firm.pk, line_id, kg, kg, kg])
    except IntegrityError as error:
        if "takes no commitments" not in str(error):
            raise
        return False
    return True


_buyers: dict[UUID, Actor] = {}


def a_buyer_of(firm: Firm) -> Actor:
    """The firm's buyer, looked up once: before the threads begin."""
    if firm.pk not in _buyers:
        _buyers[firm.pk] = a_buyer(firm)
    return _buyers[firm.pk]


def freeze(row: Round) -> str:
    """Tries from the close on until the round is frozen; the code of the last refusal, or "done"."""
    said = ""
    while business_now() < row.demand_closes_at:
        sleep(0.005)
    for _ in range(MOST_TRIES):
        try:
            with wall(DatabaseRole.PLANNER):
                round_freeze(actor=system_actor(), round_id=row.pk, now=business_now(), few_firms_reason="race")
        except DomainError as refusal:
            said = refusal.code
        else:
            return "done"
        with wall(DatabaseRole.PLANNER):
            if Round.objects.get(pk=row.pk).status == "frozen":
                return said
    raise AssertionError("the closer starved")


def run(code: str, firms: list[Firm], write: Write, *, closers: int = 1) -> Outcome:
    """Each firm raises its quantity without a pause until the round is frozen and once more."""
    for firm in firms:
        a_buyer_of(firm)
    now = business_now()
    row = an_open_round(
        code,
        firming_at=now + OPEN_FOR,
        demand_closes_at=now + OPEN_FOR,
        quotations_close_at=now + timedelta(days=1),
    )
    outcome, frozen = Outcome(), Event()

    def act(number: int) -> tuple[int, int]:
        if number < closers:
            freeze(row)
            frozen.set()
            return 0, 0
        firm, acknowledged = firms[number - closers], 0
        for turn in range(1, MOST_TRIES):
            is_last = frozen.is_set()
            if write(row, firm, turn * BAG_KG):
                outcome.accepted[firm.pk] = turn * BAG_KG
                acknowledged += 1
            connection.close()
            if is_last:
                return acknowledged, turn - acknowledged
        raise AssertionError("nobody froze the round")

    told = at_once(len(firms) + closers, act)
    outcome.acknowledged, outcome.refused = (sum(counts) for counts in zip(*told, strict=True))
    with wall(DatabaseRole.PLANNER):
        line = row.lines.get(number=1)
        outcome.locked = dict(LockedCommitment.objects.filter(snapshot__line=line).values_list("firm_id", "wanted_kg"))
        standing = Commitment.objects.filter(line=line, status=CommitmentStatus.SUBMITTED)
        outcome.standing = dict(standing.values_list("firm_id", "wanted_kg"))
        outcome.demand_kg = DemandSnapshot.objects.get(line=line).wanted_kg
    return outcome
