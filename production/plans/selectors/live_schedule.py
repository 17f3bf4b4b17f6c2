"""The live plan as a Schedule: the lots that may still move. What is frozen stands in the problem."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from production.planning import problem as p
from production.planning.holding import Needs
from production.planning.schedule import Lot, Part, Run, Schedule, Tiers
from production.plans.selectors.live import LiveLot, LivePart, LiveRun
from production.plans.selectors.problem import Snapshot

_NO_TIERS = Tiers(0, 0, 0, 0, 0, 0)


def live_schedule(snapshot: Snapshot) -> tuple[p.Problem, Schedule]:
    """The snapshot's problem, and the schedule of its lots that may still move. No query.

    A lot that the problem can no longer describe (its order is over, its routing or machine has changed) is a fixed lot
    of the problem: it holds its machines until the next plan.
    """
    moving = [lot for lot in snapshot.lots if not lot.frozen]
    reader = _Reader(snapshot)
    described = [lot for lot in moving if reader.describes(lot)]
    names = {lot.lot_id: f"{reader.line_key(lot)}/{number}" for number, lot in enumerate(described, start=1)}
    stuck = reader.fixed(lot for lot in moving if lot.lot_id not in names)
    problem = replace(snapshot.problem, fixed_lots=(*snapshot.problem.fixed_lots, *stuck), previous=())
    schedule = Schedule(
        problem_hash="",
        lots=tuple(reader.lot(lot, names[lot.lot_id]) for lot in described),
        runs=tuple(reader.runs((names[lot.lot_id], part) for lot in described for part in lot.parts)),
        fixed=problem.fixed_lots,
        unplaced=(),
        tiers=_NO_TIERS,
    )
    return problem, schedule


class _Reader:
    """Reads rows in the words of the problem."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.lines = {line.key: line for line in snapshot.problem.lines}
        self.line_keys = {reference.line_id: key for key, reference in snapshot.lines.items()}
        self.machines = {machine.key: machine for machine in snapshot.problem.machines}
        self.machine_keys = {reference.machine_id: key for key, reference in snapshot.machines.items()}
        self.snapshot = snapshot
        self.firm_codes = {firm_id: code for code, firm_id in snapshot.firms.items()}

    def line_key(self, lot: LiveLot) -> str:
        return self.line_keys[lot.line_id]

    def describes(self, lot: LiveLot) -> bool:
        """Whether every batch of every step of the lot is in a run that the problem allows."""
        line = self.lines.get(self.line_keys.get(lot.line_id, ""))
        route = next((its for its in line.routes if its.key == lot.routing_variant), None) if line else None
        if route is None or sum(lot.batches) != lot.pieces:
            return False
        worked: defaultdict[int, int] = defaultdict(int)
        for part in lot.parts:
            key = self.machine_keys.get(part.run.machine_id)
            if key is None or part.step >= len(route.steps):
                return False
            step = route.steps[part.step]
            classes = {mode.machine_class for mode in step.modes}
            if self.machines[key].machine_class not in classes or step.family != part.run.family_code:
                return False
            worked[part.step] += part.batches
        return all(worked[number] == len(lot.batches) for number in range(len(route.steps)))

    def lot(self, lot: LiveLot, name: str) -> Lot:
        line = self.lines[self.line_key(lot)]
        return Lot(
            key=name,
            line=line.key,
            product=line.product,
            pieces=lot.pieces,
            firm=line.firm,
            route=lot.routing_variant,
            offer=None,
            batches=lot.batches,
            finish_min=lot.finish_min,
        )

    def runs(self, parts: Iterable[tuple[str, LivePart]]) -> Iterable[Run]:
        """The runs of the named lots. One that carries more than they do is told with all its pieces."""
        carried: defaultdict[UUID, list[Part]] = defaultdict(list)
        runs: dict[UUID, LiveRun] = {}
        for name, part in parts:
            carried[part.run.run_id].append(Part(name, part.step, part.first_batch, part.batches))
            runs[part.run.run_id] = part.run
        for run_id, run in runs.items():
            its = sorted(carried[run_id], key=lambda part: (part.lot, part.step, part.first_batch))
            yield Run(
                key=run.key,
                machine=self.machine_keys[run.machine_id],
                start_min=run.start_min,
                work_start_min=run.work_start_min,
                end_min=run.end_min,
                setup_min=run.setup_min,
                family=run.family_code,
                cycles=run.cycles,
                pieces=run.pieces,
                parts=tuple(its),
            )

    def needs(self, lot: LiveLot, run: LiveRun) -> Needs:
        """What a run of the lot holds of pools."""
        machine = self.snapshot.plant.rows[self.machine_keys[run.machine_id]]
        return self.snapshot.pools.of_run(machine, run.process, lot.product_id)

    def fixed(self, lots: Iterable[LiveLot]) -> Iterable[p.FixedLot]:
        """What stays put. A run that several lots share stands with the first."""
        told: set[UUID] = set()
        for lot in lots:
            runs = [
                p.FixedRun(
                    self.machine_keys[run.machine_id],
                    run.start_min,
                    run.end_min,
                    run.family_code,
                    run.setup_min,
                    self.needs(lot, run),
                )
                for run in lot.runs
                if run.machine_id in self.machine_keys and run.end_min > 0 and run.run_id not in told
            ]
            told |= {run.run_id for run in lot.runs}
            if runs:
                yield p.FixedLot(
                    key=f"live:{lot.lot_id}",
                    line="",
                    firm=self.firm_codes[lot.firm_id],
                    pieces=lot.open_pieces,
                    runs=tuple(sorted(runs, key=lambda run: (run.machine, run.start_min))),
                    finish_min=lot.finish_min,
                )
