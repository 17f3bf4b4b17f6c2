"""Pieces' answers back into the plan: the whole is judged again, and only what makes it better stays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from production.planning.pieces.piece import Piece, outside
from production.planning.problem import Problem
from production.planning.repair.rest import together
from production.planning.schedule import Schedule
from production.planning.verify import verify

Fate = Literal["merged", "nothing_better", "no_room", "breaks_a_rule", "not_better"]
"""What became of a piece: its answer is in the plan; it had none; a set-up next to it has no room; the whole would
break a rule; the whole's tuple is not less.
"""


@dataclass(frozen=True, slots=True)
class Merged:
    """A plan without violations, and what became of each piece, by key."""

    schedule: Schedule
    fates: Mapping[str, Fate]


def merge(problem: Problem, schedule: Schedule, answers: Sequence[tuple[Piece, Schedule | None]]) -> Merged:
    """The plan with the answers that make it better, whatever the order in which they have come.

    All at once if that holds; else halves of them in the order of their keys, one after the other, down to single
    ones. The problem is sorted and screened; the plan's hash, notes and reasons are left empty.
    """
    ordered = sorted(answers, key=lambda item: item[0].key)
    fates: dict[str, Fate] = {piece.key: "nothing_better" for piece, answer in ordered if answer is None}
    found = [(piece, answer) for piece, answer in ordered if answer is not None]
    waiting = [found] if found else []
    while waiting:
        some = waiting.pop()
        fate, whole = _tried(problem, schedule, some)
        if fate == "merged" or len(some) == 1:
            schedule = whole if fate == "merged" and whole is not None else schedule
            fates |= {piece.key: fate for piece, _ in some}
        else:
            half = len(some) // 2
            waiting += [some[half:], some[:half]]
    return Merged(schedule, dict(sorted(fates.items())))


def _tried(
    problem: Problem, schedule: Schedule, answers: Sequence[tuple[Piece, Schedule]]
) -> tuple[Fate, Schedule | None]:
    """The plan with all of the answers, and whether it may stay."""
    lines = frozenset().union(*(piece.lines for piece, _ in answers))
    others = [item for item in schedule.unplaced if item.line not in lines]
    rest = replace(
        schedule,
        lots=tuple(lot for _, answer in answers for lot in answer.lots),
        runs=tuple(run for _, answer in answers for run in answer.runs),
        unplaced=tuple(
            sorted((*others, *(item for _, answer in answers for item in answer.unplaced)), key=lambda item: item.line)
        ),
        notes=(),
    )
    whole = together(problem, outside(schedule, lines), rest)
    if whole is None:
        return "no_room", None
    if whole.tiers >= schedule.tiers:
        return "not_better", None
    return ("breaks_a_rule", None) if verify(problem, whole) else ("merged", whole)
