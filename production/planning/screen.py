"""Bad data in a well-formed problem: found before the search, named in plain words, and only what is hit set aside.

Codes of notes and reasons, with their data:

- `routing_loop` (line, route, process): the route leads back to an operation that it has passed
- `no_machine` (line, process, classes): nobody who may make the line has a machine for the operation; with `route`:
  that one of the line's routes names no machine class at all for it
- `pieces_do_not_split` (line, and what does not: pieces, least_lot_pieces, most_pieces, transfer_pieces,
  pieces_per_cycle, unit_mass_g, kinds): quantities that cannot be divided into lots, transfer batches or loads
- `due_before_release` (line, release_min, due_min): planned all the same, as soon as it may begin
- `no_hours` (calendar, machines or firms): a calendar without hours from the plan's zero on
- `pin_impossible` (line, process, machine): pinned to a step that none of the line's routes has, or to a machine that
  does not do it; its pieces have no place then
- `fixed_runs_overlap` (machine, lot, other, from_min, until_min): frozen runs at one time on one machine; new work is
  kept off both
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from production.planning.problem import Line, Machine, Mode, Problem, Route, Step
from production.planning.schedule import Data, Note, Reason
from production.planning.verify.hours import open_minutes, open_periods, units_minutes

WORDS = {
    "routing_loop": "order line {line}: its routing {route} leads back to {process}, which it has passed",
    "no_machine": "order line {line}: no machine for the operation {process} (classes: {classes})",
    "pieces_do_not_split": "order line {line}: its quantities do not split into lots, batches and loads ({rest})",
    "due_before_release": "order line {line}: due at minute {due_min}, before it may begin at {release_min}",
    "pin_impossible": "order line {line}: pinned to a step or a machine that cannot be: {process} on {machine}",
    "no_hours": "calendar {calendar}: has no working hours ({rest})",
    "fixed_runs_overlap": "machine {machine}: frozen lots {lot} and {other} overlap, minutes {from_min} to {until_min}",
}
"""What a code says, for the command line; the product has its own words in its readers' language."""


@dataclass(frozen=True, slots=True)
class Screened:
    """The problem as the search takes it, and what was found.

    problem: the same lines, without the routes that cannot be worked. notes: sorted. faults: by line, why routes of it
    were set aside.
    """

    problem: Problem
    notes: tuple[Note, ...]
    faults: dict[str, tuple[Reason, ...]]


def screen(problem: Problem) -> Screened:
    """Names bad data and sets aside what it hits. A screened problem has nothing more to set aside."""
    makers = _Makers(problem)
    notes: list[Note] = [*_calendars(problem), *_overlaps(problem), *_pins(problem)]
    faults: dict[str, tuple[Reason, ...]] = {}
    lines = []
    for line in problem.lines:
        kept, found = _routes(line, makers)
        if found:
            faults[line.key] = tuple(Reason(line.key, code, data) for code, data in found)
        lines.append(kept)
        notes += [Note(code, (("line", line.key), *data)) for code, data in (*found, *_said(line, kept, makers))]
    return Screened(replace(problem, lines=tuple(lines)), tuple(sorted(notes, key=_order)), faults)


def plain_words(note: Note) -> str:
    """One sentence in English."""
    words = WORDS[note.code]
    rest = ", ".join(f"{name} {value}" for name, value in note.data if "{" + name + "}" not in words)
    return words.format(**dict(note.data), rest=rest)


def _order(note: Note) -> tuple[str, str]:
    return note.code, str(note.data)


Found = tuple[str, Data]
"""Code and data, without the line."""


def _routes(line: Line, makers: "_Makers") -> tuple[Line, list[Found]]:
    """The line without the routes that cannot be worked, and why."""
    whole = _line_quantities(line)
    if whole:
        return replace(line, pieces=max(0, line.pieces), least_lot_pieces=1, unit_mass_g=1, routes=()), [whole]
    found: list[Found] = []
    kept = []
    for route in line.routes:
        fault = _loop(route) or _no_class(route) or _step_quantities(route)
        if fault is None:
            kept.append(route)
        else:
            found.append(fault)
    routes = tuple(kept) if found else line.routes
    most = makers.most_pieces(line, routes) if line.least_lot_pieces > 1 and line.pieces else 0
    if 0 < most < min(line.least_lot_pieces, line.pieces):
        data = (("pieces", line.pieces), ("least_lot_pieces", line.least_lot_pieces), ("most_pieces", most))
        return replace(line, routes=()), [*found, ("pieces_do_not_split", data)]
    return (replace(line, routes=routes) if found else line), found


def _said(line: Line, kept: Line, makers: "_Makers") -> Iterator[Found]:
    """What is named without setting anything aside."""
    if line.release_min > 0 and line.due_min < line.release_min:
        yield "due_before_release", (("release_min", line.release_min), ("due_min", line.due_min))
    if kept.pieces and kept.routes and not makers.can_make(kept):
        step = makers.lacking(kept)
        if step is not None:
            classes = " ".join(mode.machine_class for mode in step.modes)
            yield "no_machine", (("process", step.process), ("classes", classes))


def _line_quantities(line: Line) -> Found | None:
    for name, least in (("pieces", 0), ("least_lot_pieces", 1), ("unit_mass_g", 1)):
        value = getattr(line, name)
        if value < least:
            return "pieces_do_not_split", ((name, value),)
    return None


def _loop(route: Route) -> Found | None:
    """A piece is formed once, and what was done to its material before cannot be done to it afterwards.

    After forming an operation may come again (annealed, milled, annealed); the same two in the same order may not.
    """
    forming = [number for number, step in enumerate(route.steps) if step.forming]
    passed = {step.process for step in route.steps[: forming[0] + 1]} if forming else set()
    again = (
        (step for step in route.steps[forming[0] + 1 :] if step.forming or step.process in passed) if forming else ()
    )
    step = next(iter(again), None)
    if step is None:
        pairs = list(zip(route.steps, route.steps[1:], strict=False))
        step = next((pair[0] for number, pair in enumerate(pairs) if pair in pairs[: max(0, number - 1)]), None)
    return None if step is None else ("routing_loop", (("route", route.key), ("process", step.process)))


def _no_class(route: Route) -> Found | None:
    step = next((step for step in route.steps if not step.modes), None)
    return None if step is None else ("no_machine", (("route", route.key), ("process", step.process), ("classes", "")))


def _step_quantities(route: Route) -> Found | None:
    for step in route.steps:
        place: Data = (("route", route.key), ("process", step.process))
        if step.transfer_pieces is not None and step.transfer_pieces < 1:
            return "pieces_do_not_split", (*place, ("transfer_pieces", step.transfer_pieces))
        for mode in step.modes:
            if mode.kind == "cycle" and mode.pieces_per_cycle < 1:
                return "pieces_do_not_split", (*place, ("pieces_per_cycle", mode.pieces_per_cycle))
        if len({mode.kind for mode in step.modes}) > 1:
            return "pieces_do_not_split", (*place, ("kinds", "cycles and single pieces in one step"))
    return None


def _calendars(problem: Problem) -> Iterator[Note]:
    shut = {item.key for item in problem.calendars if not any(end > max(start, 0) for start, end in item.open)}
    for kind, rows in (("machines", problem.machines), ("firms", problem.firms)):
        for calendar in sorted(shut):
            keys = sorted(item.key for item in rows if item.calendar == calendar)
            if keys:
                yield Note("no_hours", (("calendar", calendar), (kind, " ".join(keys))))


def _pins(problem: Problem) -> Iterator[Note]:
    """Pins that no run of their line can keep."""
    classes = {machine.key: machine.machine_class for machine in problem.machines}
    lines = {line.key: line for line in problem.lines}
    for pin in problem.pins:
        steps = [step for route in lines[pin.line].routes for step in route.steps if step.process == pin.process]
        able = {mode.machine_class for step in steps for mode in step.modes}
        if not steps or (pin.machine is not None and classes[pin.machine] not in able):
            place: Data = (("line", pin.line), ("process", pin.process), ("machine", pin.machine or ""))
            yield Note("pin_impossible", place)


def _overlaps(problem: Problem) -> Iterator[Note]:
    """Each run that begins while one before it on its machine is still going, with the one that goes on longest."""
    runs = sorted((run.machine, run.start_min, run.end_min, lot.key) for lot in problem.fixed_lots for run in lot.runs)
    last: dict[str, tuple[int, str]] = {}
    for machine, start, end, key in runs:
        until, other = last.get(machine, (start, ""))
        if start < until and start < end:
            span: Data = (("from_min", start), ("until_min", min(end, until)))
            yield Note("fixed_runs_overlap", (("machine", machine), ("lot", key), ("other", other), *span))
        if end > until or machine not in last:
            last[machine] = (end, key)


class _Makers:
    """Who has which machines with open hours, and how long they are open before the horizon."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        calendars = {calendar.key: calendar for calendar in problem.calendars}
        open_min = {  # most machines of a firm work by one calendar
            (key, closed): open_minutes(open_periods(calendars[key], closed), 0, problem.horizon_min)
            for key, closed in {(machine.calendar, machine.closed) for machine in problem.machines}
        }
        self.open_min = {machine.key: open_min[machine.calendar, machine.closed] for machine in problem.machines}
        self.by_class: dict[tuple[str, str], list[Machine]] = {}
        for machine in problem.machines:
            if self.open_min[machine.key]:
                self.by_class.setdefault((machine.firm, machine.machine_class), []).append(machine)
        self.offered: dict[str, set[str]] = {}
        for offer in problem.offers:
            self.offered.setdefault(offer.firm, set()).update(offer.machines)
        self._known: dict[tuple[str, int], bool] = {}

    def can_make(self, line: Line) -> bool:
        """Whether the firm itself, or one that offers and may be asked, has machines for a whole route."""
        return any(self._can(firm, line) for firm in self._firms(line))

    def lacking(self, line: Line) -> Step | None:
        """The first operation of the preferred route for which its firm has no machine."""
        return next((step for step in line.routes[0].steps if not self._workers(line.firm, step)), None)

    def most_pieces(self, line: Line, routes: tuple[Route, ...]) -> int:
        """The largest lot for which any machine that may form it is open long enough; 0: there is none."""
        forming = [step for route in routes for step in route.steps if step.forming]
        return max(
            (
                _pieces_within(mode, machine, self.open_min[machine.key])
                for firm in self._firms(line)
                for step in forming
                for mode, machine in self._workers(firm, step)
            ),
            default=0,
        )

    def _firms(self, line: Line) -> Iterable[str]:
        barred = {*line.excluded_firms, *line.barred_firms, *line.unable_firms, line.firm}
        others = () if line.consent == "never" else self.offered
        return [line.firm, *(firm for firm in others if firm not in barred)]

    def _can(self, firm: str, line: Line) -> bool:
        key = (firm if firm == line.firm else f"{firm}'s offers", id(line.routes))
        if key not in self._known:
            only = None if firm == line.firm else self.offered[firm]
            self._known[key] = any(
                bool(route.steps) and all(self._serves(firm, step, only) for step in route.steps)
                for route in line.routes
                if only is None or any(step.forming for step in route.steps)
            )
        return self._known[key]

    def _serves(self, firm: str, step: Step, only: set[str] | None) -> bool:
        workers = self._workers(firm, step)
        return any(only is None or not step.forming or machine.key in only for _, machine in workers)

    def _workers(self, firm: str, step: Step) -> list[tuple[Mode, Machine]]:
        return [(mode, machine) for mode in step.modes for machine in self.by_class.get((firm, mode.machine_class), ())]


def _pieces_within(mode: Mode, machine: Machine, minutes: int) -> int:
    """The most pieces whose work takes no more than so many minutes."""
    per, seconds = (mode.pieces_per_cycle, mode.cycle_s) if mode.kind == "cycle" else (1, mode.piece_s)
    units = minutes * machine.efficiency_permille * 60 // (seconds * 1000)
    assert units_minutes(mode, machine, units) <= minutes
    return units * per
