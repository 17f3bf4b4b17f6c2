"""What a promise says: where the line's pieces would go, when it is finished, what gives way."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from production.planning.objective import tiers_of
from production.planning.problem import Line, Problem
from production.planning.schedule import Lot, Run, Schedule, Unplaced

NO_PLACE = "no_place"


@dataclass(frozen=True, slots=True)
class Displaced:
    """A line of the plan that gives way. Minutes from the plan's zero; None: some of its pieces have no place.

    late_before_min, late_min: beyond its due date, before and now; 0 in time. missing: pieces without a place.
    """

    line: str
    finish_before_min: int
    finish_min: int | None
    late_before_min: int
    late_min: int | None
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """A line added to the plan.

    lots: the line's own. finish_min: of its last piece at the firm's gate. fee_fen, transport_fen: of what other firms
    make. runs: all machine runs of `lots` and `replaced`, and those of the plan that are set up for another family
    than before; their work does not move. removed: lots of the plan that give way. replaced: where their pieces go.
    """

    line: Line
    lots: tuple[Lot, ...]
    finish_min: int
    runs: tuple[Run, ...]
    fee_fen: int = 0
    transport_fen: int = 0
    displaced: tuple[Displaced, ...] = ()
    removed: frozenset[str] = frozenset()
    replaced: tuple[Lot, ...] = ()

    @property
    def own_runs(self) -> tuple[Run, ...]:
        """The machine runs of the line itself."""
        own = {lot.key for lot in self.lots}
        return tuple(run for run in self.runs if any(part.lot in own for part in run.parts))


def plan_with(problem: Problem, schedule: Schedule, answer: Answer) -> tuple[Problem, Schedule]:
    """The problem with the promised line, and the plan with what the answer changes. `problem_hash` is left."""
    problem = replace(problem, lines=(*problem.lines, answer.line))
    lots = [lot for lot in schedule.lots if lot.key not in answer.removed]
    lots += [*answer.lots, *answer.replaced]
    kept = [run for run in schedule.runs if not any(part.lot in answer.removed for part in run.parts)]
    runs = {place_of(run): run for run in (*kept, *answer.runs)}
    unplaced = [*schedule.unplaced]
    unplaced += [Unplaced(item.line, item.missing, NO_PLACE) for item in answer.displaced if item.missing]
    ordered = [runs[place] for place in sorted(runs)]
    tiers = tiers_of(problem, lots, ordered, unplaced)
    return problem, replace(
        schedule, lots=tuple(lots), runs=tuple(ordered), unplaced=tuple(unplaced), tiers=tiers, reasons=()
    )


def place_of(run: Run) -> tuple[str, int]:
    """What tells a run from all others of a plan: its machine, and when its work begins."""
    return run.machine, run.work_start_min


def finishes_of(lots: Mapping[str, Lot]) -> dict[str, int]:
    """By line: when its last lot is finished."""
    finishes: dict[str, int] = {}
    for lot in lots.values():
        finishes[lot.line] = max(lot.finish_min, finishes.get(lot.line, lot.finish_min))
    return finishes
