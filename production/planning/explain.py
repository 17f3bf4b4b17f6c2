"""Why lines are late or without a place: codes with data, worked out from the plan.

Codes of a chain, in the order in which they are given when they apply:

- `fixed_late` (lot, finish_min): a lot that may not move is late
- `due_before_release` (release_min, due_min)
- `routing_loop`, `no_machine`, `pieces_do_not_split`: why routes were set aside (`screen`)
- `no_route`; `no_machine` (process, classes): the firm has no machine with the envelope, or none with open hours
- `material_missing` (material, firm, short_g); `material_late` (material, firm, at_min)
- `route_too_long` (least_min, available_min, longest_wait): even on idle machines, in one lot
- `pool_missing` (pool): the firm has no such pool, or too little of it
- `planners_hand`: the line is pinned, kept off machines or in a sequence, which may be what makes it late
- `machine_busy` (process, machine_class, machine, waited_min): the longest wait for a machine at work for
others
- `closed_hours` (process, machine, closed_min): the run's longest pause
- `horizon` (horizon_min): what is missing does not fit before it
- `consent_never`, `no_offer` (classes), `no_mould` (offers): who offers lacks the mould that it takes,
  `firms_excluded` (offers), `fee_ceiling` (least_fee_fen_per_t,
ceiling),
  `least_lot` (least_g, mass_g), `offer_window` (offers): only offers too early or too late, `offers_full`
  (offers): suitable ones exist, but none has room in time
- `refused` (refusal_cost_fen): optional, and late or dearer than its refusal
"""

from collections.abc import Iterator
from dataclasses import replace

from production.planning.holding import short_of
from production.planning.problem import FixedLot, Line, Machine, Mode, Offer, Route, Step
from production.planning.schedule import Data, Lot, Reason, Run, Schedule, Unplaced
from production.planning.screen import Screened
from production.planning.verify.hours import machine_hours, open_minutes, units_minutes


def explain(screened: Screened, schedule: Schedule) -> Schedule:
    """The schedule with the reasons of late and unplaced lines; unplaced pieces take the first as code."""
    problem = screened.problem
    reader = _Reader(screened, schedule)
    reasons: list[Reason] = []
    first: dict[str, Reason] = {}
    for line in sorted(problem.lines, key=lambda line: line.key):
        chain = [Reason(line.key, code, data) for code, data in reader.chain(line)]
        reasons += chain
        if chain:
            first[line.key] = chain[0]
    unplaced = tuple(
        Unplaced(item.line, item.pieces, first[item.line].code, first[item.line].data) for item in schedule.unplaced
    )
    return replace(schedule, reasons=tuple(reasons), unplaced=unplaced)


NEAR_MIN = 1440
"""A line whose first run starts within this time after an arrival has waited for it."""


class _Reader:
    """Problem and plan by key."""

    def __init__(self, screened: Screened, schedule: Schedule) -> None:
        self.problem = problem = screened.problem
        self.faults = screened.faults
        self.machines = {machine.key: machine for machine in problem.machines}
        self.pools = {pool.key: pool for pool in problem.pools}
        self.hours = machine_hours(problem)
        self.by_class: dict[tuple[str, str], list[Machine]] = {}
        for machine in problem.machines:
            if self.hours[machine.key]:
                self.by_class.setdefault((machine.firm, machine.machine_class), []).append(machine)
        self.in_hand = {line.key for line in problem.lines if line.forbidden_machines}
        self.in_hand |= {pin.line for pin in problem.pins}
        self.in_hand |= {key for sequence in problem.sequences for key in sequence.lines}
        self.lots_of: dict[str, list[Lot]] = {}
        for lot in schedule.lots:
            self.lots_of.setdefault(lot.line, []).append(lot)
        self.runs_of: dict[str, list[tuple[int, Run]]] = {}
        for run in schedule.runs:
            for part in run.parts:
                self.runs_of.setdefault(part.lot, []).append((part.step, run))
        self.fixed_of: dict[str, FixedLot] = {}
        for fixed in sorted(problem.fixed_lots, key=lambda lot: (lot.finish_min, lot.key)):
            self.fixed_of[fixed.line] = fixed
        self.missing = {item.line: item.pieces for item in schedule.unplaced}
        self.refused = {item.line for item in schedule.unplaced if item.code == "refused"}

    def chain(self, line: Line) -> Iterator[tuple[str, Data]]:
        """Codes and data of one line; nothing when it is on time."""
        lots = self.lots_of.get(line.key, [])
        last = max(lots, key=lambda lot: (lot.finish_min, lot.key), default=None)
        missing = self.missing.get(line.key, 0)
        fixed = self.fixed_of.get(line.key)
        if fixed is not None and fixed.finish_min > line.due_min:
            yield "fixed_late", (("lot", fixed.key), ("finish_min", fixed.finish_min))
        if not missing and (last is None or last.finish_min <= line.due_min):
            return
        if line.key in self.refused:
            yield "refused", (("refusal_cost_fen", line.refusal_cost_fen),)
        if line.due_min < line.release_min:
            yield "due_before_release", (("release_min", line.release_min), ("due_min", line.due_min))
        starts = [run.work_start_min for lot in lots for _, run in self.runs_of[lot.key]]
        yield from self._means(line, min(starts, default=None))
        if line.key in self.in_hand:
            yield "planners_hand", ()
        if last is not None:
            yield from self._longest_wait(line, last)
        elif any(self._can(line.firm, route) for route in line.routes):
            yield "horizon", (("horizon_min", self.problem.horizon_min),)
        yield from self._elsewhere(line)

    def _means(self, line: Line, start_min: int | None) -> Iterator[tuple[str, Data]]:
        """What its data or the firm by itself lacks: routes, machines, material, time."""
        faults = self.faults.get(line.key, ())
        yield from ((fault.code, fault.data) for fault in faults)
        if not any(route.steps for route in line.routes):
            if not faults:
                yield "no_route", ()
            return
        possible = [route for route in line.routes if self._can(line.firm, route)]
        if not possible:
            step = next(step for step in line.routes[0].steps if not self._workers(line.firm, step))
            classes = " ".join(mode.machine_class for mode in step.modes)
            yield "no_machine", (("process", step.process), ("classes", classes))
            return
        yield from self._pools(line, possible)
        yield from self._material(line, possible[0], start_min)
        least = min(self._least_min(line, route) for route in possible)
        available = line.due_min - max(line.release_min, 0)
        if least > available:
            waits = [wait for route in possible for step in route.steps for wait in step.waits]
            longest = max(waits, key=lambda wait: (wait.fixed_min, wait.process), default=None)
            data: Data = (("least_min", least), ("available_min", available))
            yield "route_too_long", (*data, ("longest_wait", longest.process if longest else ""))

    def _workers(self, firm: str, step: Step) -> list[tuple[Mode, Machine]]:
        return [(mode, machine) for mode in step.modes for machine in self.by_class.get((firm, mode.machine_class), ())]

    def _can(self, firm: str, route: Route) -> bool:
        return bool(route.steps) and all(self._workers(firm, step) for step in route.steps)

    def _pools(self, line: Line, routes: list[Route]) -> Iterator[tuple[str, Data]]:
        """A pool that each route lacks at home."""
        missing = [
            next((key for step in route.steps if (key := self._lacks(line.firm, step)) is not None), None)
            for route in routes
        ]
        if None not in missing:
            yield "pool_missing", (("pool", missing[0] or ""),)

    def _lacks(self, firm: str, step: Step) -> str | None:
        """A pool of which the firm has too little for the step, whatever machine of it is taken."""
        return short_of(step, (machine for _mode, machine in self._workers(firm, step)), self.pools)

    def _material(self, line: Line, route: Route, start_min: int | None) -> Iterator[tuple[str, Data]]:
        for step in route.steps:
            for material, grams in step.materials:
                arrivals = [
                    item for item in self.problem.arrivals if (item.firm, item.material) == (line.firm, material)
                ]
                total = sum(item.grams for item in arrivals)
                latest = max((item.at_min for item in arrivals), default=0)
                where: Data = (("material", material), ("firm", line.firm))
                if total < grams * line.pieces:
                    yield "material_missing", (*where, ("short_g", grams * line.pieces - total))
                elif latest > max(line.release_min, 0) and (start_min is None or 0 <= start_min - latest < NEAR_MIN):
                    yield "material_late", (*where, ("at_min", latest))

    def _least_min(self, line: Line, route: Route) -> int:
        """Forming of the whole line on the fastest machine, one piece through the rest, all waits."""
        total = 0
        for step in route.steps:
            pieces = line.pieces if step.forming or step.transfer_pieces is None else 1
            total += min(
                mode.setup_min + units_minutes(mode, machine, -(-pieces // _per(mode)))
                for mode, machine in self._workers(line.firm, step)
            )
            total += sum(wait.fixed_min + -(-wait.piece_s // 60) for wait in step.waits)
        return total

    def _longest_wait(self, line: Line, lot: Lot) -> Iterator[tuple[str, Data]]:
        """Where the lot that is finished last has waited longest, and its longest pause over closed hours."""
        route = next(route for route in line.routes if route.key == lot.route)
        runs = self.runs_of[lot.key]
        forming = next((number for number, step in enumerate(route.steps) if step.forming), 0)
        waits: list[tuple[int, int, Run]] = []
        pauses: list[tuple[int, int, Run]] = []
        ready = max(line.release_min, 0)
        for number, step in enumerate(route.steps):
            mine = sorted(
                (run for place, run in runs if place == number),
                key=lambda run: (run.work_start_min, run.machine),
            )
            for run in mine:
                worked = open_minutes(self.hours[run.machine], run.work_start_min, run.end_min)
                pauses.append((run.end_min - run.work_start_min - worked, number, run))
            if number < forming:
                ready += mine[0].end_min - mine[0].work_start_min
                continue
            judged = mine[0] if number == forming else mine[-1]
            waits.append((judged.work_start_min - ready, number, judged))
            ready = max(run.end_min for run in mine) + sum(wait.fixed_min for wait in step.waits)
        waited, number, run = max(waits, key=lambda item: (item[0], -item[1]))
        if waited > 0:
            machine = self.machines[run.machine]
            data: Data = (("process", route.steps[number].process), ("machine_class", machine.machine_class))
            yield "machine_busy", (*data, ("machine", machine.key), ("waited_min", waited))
        paused, number, run = max(pauses, key=lambda item: (item[0], -item[1], item[2].machine))
        if paused > 0:
            process = route.steps[number].process
            yield "closed_hours", (("process", process), ("machine", run.machine), ("closed_min", paused))

    def _elsewhere(self, line: Line) -> Iterator[tuple[str, Data]]:
        """Why other firms do not help: the first filter that leaves no offer."""
        if line.consent == "never":
            yield "consent_never", ()
            return
        classes = {
            mode.machine_class for route in line.routes for step in route.steps if step.forming for mode in step.modes
        }
        offers = [
            offer
            for offer in self.problem.offers
            if offer.firm != line.firm
            and any(self.machines[key].machine_class in classes for key in offer.machines)
            and any(self._can(offer.firm, route) for route in line.routes)
        ]
        if not offers:
            yield "no_offer", (("classes", " ".join(sorted(classes))),)
            return
        yield self._first_filter(line, offers)

    def _first_filter(self, line: Line, offers: list[Offer]) -> tuple[str, Data]:
        able = [offer for offer in offers if offer.firm not in line.unable_firms]
        if not able:
            return "no_mould", (("offers", len(offers)),)
        barred = {*line.excluded_firms, *line.barred_firms}
        allowed = [offer for offer in able if offer.firm not in barred]
        if not allowed:
            return "firms_excluded", (("offers", len(able)),)
        ceiling = line.fee_ceiling_fen_per_t
        cheap = [offer for offer in allowed if ceiling is None or offer.fee_fen_per_t <= ceiling]
        if not cheap:
            least_fee = min(offer.fee_fen_per_t for offer in allowed)
            return "fee_ceiling", (("least_fee_fen_per_t", least_fee), ("ceiling", ceiling or 0))
        mass_g = line.pieces * line.unit_mass_g
        small = [offer for offer in cheap if offer.least_lot_g <= mass_g]
        if not small:
            return "least_lot", (("least_g", min(offer.least_lot_g for offer in cheap)), ("mass_g", mass_g))
        in_window = [
            offer for offer in small if offer.window[0] < line.due_min and offer.window[1] > max(line.release_min, 0)
        ]
        if not in_window:
            return "offer_window", (("offers", len(small)),)
        return "offers_full", (("offers", len(in_window)),)


def _per(mode: Mode) -> int:
    return mode.pieces_per_cycle if mode.kind == "cycle" else 1
