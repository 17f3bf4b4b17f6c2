"""Applies overrides to a Problem. The order of the list means nothing: what comes of it is the same."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from production.planning.problem import Calendar, FixedLot, Line, Machine, Offer, Period, Problem
from production.planning.scenario.override import Override, ScenarioError

DAY_MIN = 1440
ALL_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Applied:
    """The problem with the overrides. machines, lines: what is new, and what it is like."""

    problem: Problem
    machines: Mapping[str, str]
    lines: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Asked:
    """The overrides by kind, sorted by what they say; new things are numbered in that order."""

    of_kind: Mapping[str, Sequence[Override]]

    def __call__(self, kind: str) -> Sequence[Override]:
        return self.of_kind.get(kind, ())


def scenario_of(problem: Problem, overrides: Sequence[Override]) -> Applied:
    """`problem` with the overrides: machines first, then hours, offers and lines.

    Raises ScenarioError for a machine, firm, class, offer or line that the problem does not have.
    """
    _check_keys(problem, overrides)
    of_kind: defaultdict[str, list[Override]] = defaultdict(list)
    for item in sorted(overrides, key=_order):
        of_kind[item.kind].append(item)
    asked = _Asked(of_kind)
    machines, machine_origins = _machines(problem.machines, asked)
    problem = _hours(replace(problem, machines=machines), asked)
    problem = replace(problem, offers=_offers(problem, asked))
    lines, line_origins = _lines(problem.lines, asked)
    return Applied(_without_lines(replace(problem, lines=lines)), machine_origins, line_origins)


def _order(item: Override) -> tuple[str, ...]:
    return tuple(f"{value:+020d}" if isinstance(value, int) else str(value or "") for value in _values(item))


def _values(item: Override) -> tuple[object, ...]:
    return tuple(getattr(item, name) for name in Override.__slots__)


def _check_keys(problem: Problem, overrides: Sequence[Override]) -> None:
    known = {
        "machine": {machine.key for machine in problem.machines},
        "firm": {firm.key for firm in problem.firms},
        "machine_class": {_class(machine) for machine in problem.machines},
        "offer": {offer.key for offer in problem.offers},
        "line": {line.key for line in problem.lines},
    }
    for number, item in enumerate(overrides):
        for name, keys in known.items():
            if item.is_about(name) and getattr(item, name) not in keys:
                raise ScenarioError(f"/{number}/{name}", "key_unknown")
        if item.firm and item.machine_class and not _targeted(problem.machines, item):
            raise ScenarioError(f"/{number}/machine_class", "key_unknown")


def _class(machine: Machine) -> str:
    """The machine's class without its firm's approvals."""
    return machine.machine_class.partition("+")[0]


def _targeted(machines: Iterable[Machine], item: Override) -> list[str]:
    return [
        machine.key
        for machine in machines
        if (item.machine is None or machine.key == item.machine)
        and (item.firm is None or machine.firm == item.firm)
        and (item.machine_class is None or _class(machine) == item.machine_class)
    ]


def _is_of_people(item: Override, firm: str) -> bool:
    return item.firm == firm and item.machine_class is None


def _numbered(like: str, taken: Iterable[str]) -> str:
    """The first free key like another one: `A:P-1+1`, `A:P-1+2`."""
    keys, number = set(taken), 1
    while f"{like}+{number}" in keys:
        number += 1
    return f"{like}+{number}"


def _machines(before: Sequence[Machine], asked: _Asked) -> tuple[tuple[Machine, ...], dict[str, str]]:
    rows = {machine.key: machine for machine in before}
    origins: dict[str, str] = {}
    for item in asked("machine_more"):
        like = rows[str(item.machine)]
        for _ in range(item.count or 1):
            key = _numbered(like.key, rows)
            rows[key], origins[key] = replace(like, key=key, closed=()), like.key
    return tuple(rows.values()), origins


def _hours(problem: Problem, asked: _Asked) -> Problem:
    """Hours added to calendars, each of which a machine has to itself then; closed hours added to machines."""
    more: defaultdict[str, set[Period]] = defaultdict(set)
    less: defaultdict[str, set[Period]] = defaultdict(set)
    for item in asked("hours_more"):
        for key in _targeted(problem.machines, item):
            more[key] |= set(_daily(item, problem.horizon_min))
    for item in asked("no_work"):
        for key in _targeted(problem.machines, item):
            less[key].add(_period(item, problem.horizon_min))
    calendars = _Calendars(problem)
    machines = tuple(
        replace(
            machine,
            calendar=calendars.longer(machine.calendar, more[machine.key]),
            closed=_merged((*machine.closed, *less[machine.key])) if less[machine.key] else machine.closed,
        )
        for machine in problem.machines
    )
    firms = tuple(
        replace(firm, calendar=calendars.longer(firm.calendar, *_of_people(asked, firm.key, problem.horizon_min)))
        for firm in problem.firms
    )
    return replace(problem, machines=machines, firms=firms, calendars=calendars.all())


def _of_people(asked: _Asked, firm: str, horizon_min: int) -> tuple[set[Period], set[Period]]:
    """When a firm's people work more, and when not at all."""
    more = [_daily(item, horizon_min) for item in asked("hours_more") if _is_of_people(item, firm)]
    less = {_period(item, horizon_min) for item in asked("no_work") if _is_of_people(item, firm)}
    return {period for periods in more for period in periods}, less


class _Calendars:
    """The problem's calendars, and those that overrides make of them, each once."""

    def __init__(self, problem: Problem) -> None:
        self._rows = {calendar.key: calendar for calendar in problem.calendars}
        self._made: dict[tuple[str, tuple[Period, ...]], str] = {}

    def longer(self, key: str, more: set[Period], less: set[Period] | None = None) -> str:
        """The key of the calendar that is open `more`, and not in `less`."""
        if not more and not less:
            return key
        periods = _without(_merged((*self._rows[key].open, *more)), less or set())
        if (key, periods) not in self._made:
            self._made[key, periods] = made = _numbered(key, self._rows)
            self._rows[made] = Calendar(made, periods)
        return self._made[key, periods]

    def all(self) -> tuple[Calendar, ...]:
        return tuple(self._rows.values())


def _daily(item: Override, horizon_min: int) -> list[Period]:
    assert item.from_min is not None
    assert item.until_min is not None
    assert item.day_min is not None
    starts = range(item.from_min, min(item.until_min, horizon_min), DAY_MIN)
    return [(max(0, start), start + item.day_min) for start in starts if start + item.day_min > 0]


def _period(item: Override, horizon_min: int) -> Period:
    """The override's, as far as the plan reaches."""
    return max(0, item.from_min or 0), horizon_min if item.until_min is None else min(item.until_min, horizon_min)


def _merged(periods: Iterable[Period]) -> tuple[Period, ...]:
    found: list[Period] = []
    for start, end in sorted(periods):
        if start >= end:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return tuple(found)


def _without(periods: Iterable[Period], less: Iterable[Period]) -> tuple[Period, ...]:
    left = list(periods)
    for gone in _merged(less):
        left = [
            part
            for start, end in left
            for part in ((start, min(end, gone[0])), (max(start, gone[1]), end))
            if part[0] < part[1]
        ]
    return tuple(sorted(left))


def _offers(problem: Problem, asked: _Asked) -> tuple[Offer, ...]:
    before = {offer.key: offer for offer in problem.offers}
    rows = dict(before)
    for item in asked("offer_less"):
        del rows[str(item.offer)]
    for item in asked("offer_change"):
        rows[str(item.offer)] = _changed(problem, before[str(item.offer)], item)
    owners = {machine.key: machine.firm for machine in problem.machines}
    for item in asked("offer_more"):
        like, machine = before[str(item.offer)], str(item.machine)
        key = _numbered(like.key, {*rows, *before})
        start = like.window[0] if item.from_min is None else max(0, item.from_min)
        end = like.window[1] if item.until_min is None else item.until_min
        more = replace(
            like, key=key, firm=owners[machine], machines=(machine,), window=(start, max(start, end)),
            machine_minutes=None,
        )  # fmt: skip
        rows[key] = _changed(problem, more, item)
    return tuple(rows.values())


def _changed(problem: Problem, offer: Offer, item: Override) -> Offer:
    if item.fee_fen_per_t is not None:
        offer = replace(offer, fee_fen_per_t=item.fee_fen_per_t)
    if item.share_percent is None:
        return offer
    if item.share_percent == ALL_PERCENT:
        return replace(offer, machine_minutes=None)
    free = sum(_free_min(problem, machine, offer.window) for machine in offer.machines)
    return replace(offer, machine_minutes=free * item.share_percent // ALL_PERCENT)


def _free_min(problem: Problem, key: str, window: Period) -> int:
    """Minutes of a machine inside a window that are open and not taken by fixed work."""
    machine = next(machine for machine in problem.machines if machine.key == key)
    calendar = next(calendar for calendar in problem.calendars if calendar.key == machine.calendar)
    taken = [(run.start_min, run.end_min) for lot in problem.fixed_lots for run in lot.runs if run.machine == key]
    inside = _without(calendar.open, ((0, window[0]), (window[1], max(window[1], problem.horizon_min))))
    return sum(end - start for start, end in _without(inside, (*machine.closed, *taken)))


def _lines(before: Sequence[Line], asked: _Asked) -> tuple[tuple[Line, ...], dict[str, str]]:
    old = {line.key: line for line in before}
    rows = dict(old)
    for item in asked("line_less"):
        del rows[str(item.line)]
    for item in asked("line_change"):
        rows[str(item.line)] = _with_given(old[str(item.line)], item)
    origins: dict[str, str] = {}
    for item in asked("line_more"):
        like = old[str(item.line)]
        key = _numbered(like.key, {*rows, *old})
        more = replace(like, key=key, release_min=max(0, item.from_min or 0), barred_firms=())
        rows[key], origins[key] = _with_given(more, item), like.key
    return tuple(rows.values()), origins


def _with_given(line: Line, item: Override) -> Line:
    return replace(
        line,
        pieces=line.pieces if item.pieces is None else item.pieces,
        due_min=line.due_min if item.due_min is None else item.due_min,
        priority=line.priority if item.priority is None else item.priority,
        consent=line.consent if item.consent is None else item.consent,
    )


def _without_lines(problem: Problem) -> Problem:
    """What names a line that is gone names it no more. Its frozen lots stand as somebody's work."""
    lines = {line.key for line in problem.lines}
    return replace(
        problem,
        fixed_lots=tuple(_freed(lot, lines) for lot in problem.fixed_lots),
        previous=tuple(run for run in problem.previous if run.line in lines),
        pins=tuple(pin for pin in problem.pins if pin.line in lines),
        sequences=tuple(
            replace(sequence, lines=tuple(key for key in sequence.lines if key in lines))
            for sequence in problem.sequences
        ),
    )


def _freed(lot: FixedLot, lines: set[str]) -> FixedLot:
    return lot if lot.line in {"", *lines} else replace(lot, line="")
