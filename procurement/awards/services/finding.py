"""What a search finds: awards of a posed problem, each judged, with what is fair about it. No database in here."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from procurement.award.award import Award
from procurement.award.codec import sorted_problem
from procurement.award.fairness import Fairness, fairness
from procurement.award.milp.solver import Effort
from procurement.award.override import override_award
from procurement.award.problem import Problem
from procurement.award.record import Record, record_of
from procurement.award.solve import award_problem
from procurement.award.verify import Violation, verify
from procurement.awards.choices import PlanKind

Clock = Callable[[], float]
Bought = Mapping[tuple[str, str], int]
"""(line key, supplier's code) to kg."""


@dataclass(frozen=True, slots=True)
class Made:
    """One way to buy. `lowest_mfen` None: not proved."""

    kind: PlanKind
    award: Award
    dearer_mfen: int
    lowest_mfen: int | None
    made_by: str
    ended_by: str
    fairness: Fairness


@dataclass(frozen=True, slots=True)
class Found:
    """`broken`: rules that what was wanted breaks; then nothing is made. `record`: of a search."""

    made: tuple[Made, ...] = ()
    record: Record | None = None
    broken: tuple[Violation, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a search may take, and as long again what is said of its fairness. `now_s`: a steady clock."""

    seconds: float
    now_s: Clock

    def left(self) -> Clock:
        """Seconds that are left from now on."""
        began_s = self.now_s()
        return lambda: self.seconds - (self.now_s() - began_s)


def solved(problem: Problem, limits: Limits) -> Found:
    """The cheapest award that is found, and the greedy one beside it if it keeps the rules."""
    effort = Effort(seconds=limits.seconds)
    outcome = award_problem(problem, effort=effort, seconds_left=limits.left())
    canonical = sorted_problem(problem)
    broken = verify(canonical, outcome.award)
    if broken:
        return Found(broken=tuple(broken))
    left = limits.left()
    made = [
        Made(
            PlanKind.OPTIMAL,
            outcome.award,
            0,
            outcome.bound_mfen,
            outcome.made_by,
            outcome.ended_by,
            fairness(problem, outcome.award, effort=effort, seconds_left=left),
        )
    ]
    if not verify(canonical, outcome.greedy):
        dearer = outcome.greedy.tally.total_mfen - outcome.award.tally.total_mfen
        told = fairness(problem, outcome.greedy, effort=effort, seconds_left=left)
        made.append(Made(PlanKind.GREEDY, outcome.greedy, dearer, outcome.bound_mfen, "greedy", "", told))
    return Found(tuple(made), record_of(problem, effort, outcome))


def overridden(
    problem: Problem, bought: Bought, *, instead_of: Award, lowest_mfen: int | None, kind: PlanKind, limits: Limits
) -> Found:
    """What somebody chose to buy. Raises AwardError for what no quotation offers."""
    chosen = override_award(problem, bought, instead_of=instead_of)
    if chosen.broken:
        return Found(broken=chosen.broken)
    told = fairness(problem, chosen.award, effort=Effort(seconds=limits.seconds), seconds_left=limits.left())
    dearer = chosen.extra_mfen if kind is PlanKind.OVERRIDE else 0
    return Found((Made(kind, chosen.award, dearer, lowest_mfen, "hand", "", told),))


def in_lots(problem: Problem, kg: Bought) -> Bought:
    """The least that can be bought of each quotation so that it holds so many kg: whole multiples, from its first."""
    quotations = {(item.line, item.supplier): item for item in problem.quotations}
    found = {}
    for place, wanted in kg.items():
        item = quotations.get(place)
        if item is not None and wanted:
            found[place] = math.ceil(max(wanted, item.least_kg, item.breaks[0].from_kg) / item.lot_kg) * item.lot_kg
    return found


def counted(figures: Fairness) -> dict[str, object]:
    """Fairness as counts and sums of five firms or more: no firm is named in it."""
    return {
        "compared": len(figures.bills),
        "not_compared": len(figures.not_compared),
        "dearer_than_alone": len(figures.dearer),
        "above_reserve": len(figures.above_reserve),
        "dominant": dict(Counter(item.grade for item in figures.dominant)),
        "blocs": [
            {"firms": bloc.firms, "kg": bloc.kg, "paid_mfen": bloc.paid_mfen, "gain_mfen": bloc.gain_mfen}
            for bloc in figures.blocs
        ],
    }


def alone_prices(figures: Fairness) -> dict[tuple[str, str], int]:
    """(firm, line) to fen per tonne."""
    return {(bill.firm, line): price for bill in figures.bills for line, price in bill.alone_fen_per_t}


def kg_by_share(award: Award) -> dict[tuple[str, str], dict[str, int]]:
    """(firm, line) to kg by supplier."""
    found: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for share in award.shares:
        found[share.firm, share.line][share.supplier] = share.kg
    return dict(found)
