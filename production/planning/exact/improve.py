"""CP-SAT on a small plan: its lots on other machines, in another order, at other firms; and what it proves.

One worker and deterministic time, so that the same plan is given each time. A solution is only an order of runs and
where they are: the engine times it anew, and the caller judges it.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

from production.planning.exact.claim import is_whole_truth
from production.planning.exact.jobs import Bundle, Job, Option, shop_of
from production.planning.exact.model import MOST_LITERALS, Model
from production.planning.exact.worth import Worth
from production.planning.problem import Problem
from production.planning.schedule import Lot, Run, Schedule

MOST_RUNS = 150
"""With more runs CP-SAT on one worker finds nothing that the engine has not found."""

SHARES = (0.6, 0.5, 1.0)
"""Of the work that is left, what goes to lateness, then to cost, then to changeovers."""

ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Effort:
    """Deterministic time of CP-SAT, or seconds of the clock."""

    work: float | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """plan: to be timed anew, or None. tardiness: no plan of the problem has less; None when no more is proved."""

    plan: Schedule | None = None
    tardiness: int | None = None


def improve(problem: Problem, plan: Schedule, effort: Effort, *, least_tardy: int, seed: int) -> Found:
    """Looks for a plan with less of lateness, cost or changeovers, in this order.

    The problem is sorted and screened. least_tardy: what lateness cannot be below.
    """
    shop = shop_of(problem, plan) if 0 < len(plan.runs) <= MOST_RUNS else None
    if shop is None:
        return Found()
    # PLC0415 - the library takes most of a second to import, and most problems do not need it
    from ortools.sat.python import cp_model  # noqa: PLC0415 - see above

    until_min = problem.horizon_min
    if Model(cp_model, shop, until_min).literals() > MOST_LITERALS:
        until_min = min(until_min, 1 + max(run.end_min for run in plan.runs))
    model = Model(cp_model, shop, until_min)
    if model.literals() > MOST_LITERALS:
        return Found()
    model.build()
    is_truth = until_min == problem.horizon_min and is_whole_truth(problem, shop)
    return _Stages(model, plan, effort, seed).run(least_tardy, is_truth=is_truth)


class _Stages:
    """The tiers one after the other, each without loss of those before."""

    def __init__(self, model: Model, plan: Schedule, effort: Effort, seed: int) -> None:
        self.model, self.plan, self.effort, self.seed = model, plan, effort, seed
        self.spent = 0.0
        self.solver: Any = None

    def run(self, least_tardy: int, *, is_truth: bool) -> Found:
        """All tiers in which something may be won."""
        tiers = self.plan.tiers
        tardy, fen = Worth(self.model, self.plan).tiers()
        wanted = (
            (tardy, tiers.tardiness, least_tardy),
            (fen, tiers.cost_fen, 0),
            (sum(self.model.changes), tiers.changeover_min, 0),
        )
        proved: int | None = None
        is_better = False
        self._hint_plan()
        for number, ((value, present, least), share) in enumerate(zip(wanted, SHARES, strict=True)):
            if not is_better:
                self.model.model.add(value <= present)
            if present > least or is_better:
                got, bound = self._least(value, share)
                if number == 0 and is_truth and bound is not None and bound > least_tardy:
                    proved = bound
                if got is None:
                    break
                is_better = is_better or got < present
                self._hint_found()
                self.model.model.add(value <= got)
        return Found(_read(self.model, self.plan, self.solver) if is_better else None, proved)

    def _least(self, value: Any, share: float) -> tuple[int | None, int | None]:
        """(the least that was found, what it cannot be below)."""
        cp = self.model.cp
        solver = cp.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = self.seed & 0x7FFFFFFF
        if self.effort.work is not None:
            solver.parameters.max_deterministic_time = max(0.0, (self.effort.work - self.spent) * share)
        if self.effort.seconds is not None:
            solver.parameters.max_time_in_seconds = max(0.0, (self.effort.seconds - self.spent) * share)
        self.model.model.minimize(value)
        status = solver.solve(self.model.model)
        self.spent += solver.deterministic_time if self.effort.seconds is None else solver.wall_time
        if status not in (cp.OPTIMAL, cp.FEASIBLE):
            return None, None
        self.solver = solver
        return round(solver.objective_value), ceil(solver.best_objective_bound - ROUNDING)

    def _hint_plan(self) -> None:
        """The plan as it is."""
        model = self.model
        ends = {(run.parts[0].lot, run.parts[0].step, run.parts[0].first_batch): run for run in self.plan.runs}
        for made in model.made.values():
            model.model.add_hint(made, 1)
        for bundle, at in zip(model.shop.bundles, model.at, strict=True):
            for number, literal in enumerate(at):
                model.model.add_hint(literal, number == bundle.present)
            for job in bundle.all_jobs():
                run = ends[bundle.lot.key, job.part.step, job.part.first_batch]
                model.model.add_hint(model.start[job.number], run.work_start_min)
                model.model.add_hint(model.end[job.number], run.end_min)
                for number, literal in enumerate(model.on[job.number]):
                    model.model.add_hint(literal, number == job.present)

    def _hint_found(self) -> None:
        """What was found last."""
        model = self.model
        literals = [*model.made.values(), *(one for some in (*model.at, *model.on) for one in some)]
        model.model.clear_hints()
        for variable in (*literals, *model.start, *model.end):
            model.model.add_hint(variable, self.solver.value(variable))


def _read(model: Model, plan: Schedule, solver: Any) -> Schedule:
    """The solution as lots and runs: who works what and in which order; finishes and tiers are not worked out."""
    lots: list[Lot] = []
    works: dict[str, list[tuple[int, Bundle, Job, Option]]] = defaultdict(list)
    for bundle, at in zip(model.shop.bundles, model.at, strict=True):
        if not solver.value(model.made[bundle.line.key]):
            continue
        place = next(place for place, literal in zip(bundle.places, at, strict=True) if solver.value(literal))
        offer = None if place.offer is None else place.offer.key
        lots.append(replace(bundle.lot, firm=place.firm, offer=offer, fee_fen=place.fen, transport_fen=0))
        for job in bundle.all_jobs():
            on = model.on[job.number]
            option = next(option for option, literal in zip(job.options, on, strict=True) if solver.value(literal))
            works[option.machine.key].append((solver.value(model.start[job.number]), bundle, job, option))
    runs = [run for machine in sorted(works) for run in _runs(model, works[machine])]
    return replace(plan, lots=tuple(lots), runs=tuple(runs), unplaced=())


def _runs(model: Model, works: list[tuple[int, Bundle, Job, Option]]) -> Iterator[Run]:
    """One machine's runs in their order, each with its set-up before it."""
    machine = works[0][3].machine
    frozen = sorted(
        (run.start_min, run.family)
        for lot in model.problem.fixed_lots
        for run in lot.runs
        if run.machine == machine.key
    )
    before = machine.family_at_zero
    last = 0
    for work, bundle, job, option in sorted(works, key=lambda item: (item[0], item[2].number)):
        for at_min, family in frozen:
            if last <= at_min < work:
                before = family
        last = work
        setup = model.setup(option) + max(0, model.change(machine, before, job.step.family))
        before = job.step.family
        yield Run(
            key=f"{machine.key}@{work}/{job.number}",
            machine=machine.key,
            start_min=max(0, model.hours(machine).latest(work, setup)),
            work_start_min=work,
            end_min=work + option.minutes,
            setup_min=setup,
            family=before,
            cycles=-(-job.pieces // option.mode.pieces_per_cycle) if option.mode.kind == "cycle" else 0,
            pieces=job.pieces,
            parts=(replace(job.part, lot=bundle.lot.key),),
        )
