"""Problem and Schedule to JSON and back, canonical: one byte string for one content.

The dataclasses' type hints are the format. Unknown and missing names, wrong types and wrong words raise
ProblemError with the place, e.g. `Problem.lines[3].due_min`.
"""

import hashlib
import json
from dataclasses import MISSING, fields, is_dataclass, replace
from functools import cache
from math import isfinite
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from production.planning.errors import ProblemError
from production.planning.problem import Problem
from production.planning.schedule import Note, Schedule

LARGEST = 10**15
"""No number of a file is above this, so that sums and products of the search stay whole 64-bit numbers."""


def problem_dump(problem: Problem) -> str:
    """Canonical JSON of the sorted problem."""
    return _json(sorted_problem(problem))


def problem_load(text: str) -> Problem:
    """Problem from JSON. Raises ProblemError on malformed text; references are checked by `check_problem`."""
    decoded: Problem = _decode(Problem, _parse(Problem, text), Problem.__name__)
    return decoded


def problem_read(text: str) -> tuple[Problem, tuple[Note, ...]]:
    """Like `problem_load`, but a line of broken pieces (12.5) is set aside with a note: it is read with none."""
    raw = _parse(Problem, text)
    notes = []
    rows = raw.get("lines") if isinstance(raw, dict) else None
    for row in rows if isinstance(rows, list) else ():
        pieces = row.get("pieces") if isinstance(row, dict) else None
        if isinstance(pieces, float) and isfinite(pieces) and pieces % 1:
            notes.append(Note("pieces_do_not_split", (("line", str(row.get("key"))), ("pieces", str(pieces)))))
            row["pieces"] = 0
    decoded: Problem = _decode(Problem, raw, Problem.__name__)
    return decoded, tuple(notes)


def problem_hash(problem: Problem) -> str:
    """sha256 (hex) of the canonical form: the order of rows does not matter, each value does."""
    return hashlib.sha256(problem_dump(problem).encode()).hexdigest()


def schedule_dump(schedule: Schedule) -> str:
    """Canonical JSON of a schedule (its tuples are sorted by the search already)."""
    return _json(schedule)


def schedule_load(text: str) -> Schedule:
    """Schedule from JSON. Raises ProblemError on malformed text."""
    decoded: Schedule = _decode(Schedule, _parse(Schedule, text), Schedule.__name__)
    return decoded


def sorted_problem(problem: Problem) -> Problem:
    """The same problem with every collection whose order means nothing sorted by business keys."""
    lines = tuple(
        replace(
            line,
            excluded_firms=tuple(sorted(line.excluded_firms)),
            barred_firms=tuple(sorted(line.barred_firms)),
            unable_firms=tuple(sorted(line.unable_firms)),
            forbidden_machines=tuple(sorted(line.forbidden_machines)),
        )
        for line in sorted(problem.lines, key=lambda line: line.key)
    )
    return replace(
        problem,
        calendars=tuple(sorted(problem.calendars, key=lambda item: item.key)),
        firms=tuple(sorted(problem.firms, key=lambda item: item.key)),
        machines=tuple(sorted(problem.machines, key=lambda item: item.key)),
        lines=lines,
        changeovers=tuple(
            replace(item, minutes=tuple(sorted(item.minutes)), forbidden=tuple(sorted(item.forbidden)))
            for item in sorted(problem.changeovers, key=lambda item: item.key)
        ),
        pools=tuple(
            replace(item, out=tuple(sorted(item.out))) for item in sorted(problem.pools, key=lambda item: item.key)
        ),
        arrivals=tuple(sorted(problem.arrivals, key=lambda item: item.key)),
        transports=tuple(sorted(problem.transports, key=lambda item: (item.from_firm, item.to_firm))),
        offers=tuple(
            replace(item, machines=tuple(sorted(item.machines)))
            for item in sorted(problem.offers, key=lambda item: item.key)
        ),
        fixed_lots=tuple(
            replace(item, runs=tuple(sorted(item.runs, key=lambda run: (run.machine, run.start_min))))
            for item in sorted(problem.fixed_lots, key=lambda item: item.key)
        ),
        previous=tuple(
            sorted(problem.previous, key=lambda item: (item.line, item.process, item.machine, item.start_min))
        ),
        pins=tuple(sorted(problem.pins, key=lambda item: (item.line, item.process, item.machine or ""))),
        sequences=tuple(sorted(problem.sequences, key=lambda item: (item.machine, item.lines))),
    )


def _json(value: object) -> str:
    return json.dumps(value, default=_fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _fields(value: Any) -> dict[str, object]:
    """What the encoder does not know are shapes."""
    kind: type = type(value)
    return {name: getattr(value, name) for name in _names(kind)}


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _parse(kind: type, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ProblemError(kind.__name__, f"is not JSON: {error}") from error
    except RecursionError as error:
        raise ProblemError(kind.__name__, "is nested too deep") from error


def _decode(kind: Any, raw: Any, place: str) -> Any:
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return _decode_union(kind, raw, place)
    if origin is Literal:
        if raw not in get_args(kind):
            raise ProblemError(place, f"must be one of {', '.join(get_args(kind))}, not {raw!r}")
        return raw
    if origin is tuple:
        return _decode_tuple(get_args(kind), raw, place)
    if is_dataclass(kind):
        return _decode_dataclass(kind, raw, place)
    if isinstance(kind, type) and issubclass(kind, tuple):
        hints = _hints(kind)
        return kind(*_decode_tuple(tuple(hints.values()), raw, place))
    if type(raw) is not kind:
        raise ProblemError(place, f"must be {kind.__name__}, not {raw!r}")
    if kind is int and abs(raw) > LARGEST:
        raise ProblemError(place, f"must be at most {LARGEST}, not {raw}")
    if kind is str and any("\ud800" <= letter <= "\udfff" for letter in raw):
        raise ProblemError(place, "holds half a letter (a lone surrogate)")
    return raw


def _decode_union(kind: Any, raw: Any, place: str) -> Any:
    options = get_args(kind)
    if raw is None and NoneType in options:
        return None
    named = [option for option in options if option is not NoneType]
    for option in named:
        if type(raw) is option:
            return _decode(option, raw, place)
    return _decode(named[0], raw, place)


def _decode_tuple(kinds: tuple[Any, ...], raw: Any, place: str) -> tuple[Any, ...]:
    if not isinstance(raw, list):
        raise ProblemError(place, f"must be a list, not {raw!r}")
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(_decode(kinds[0], item, f"{place}[{number}]") for number, item in enumerate(raw))
    if len(raw) != len(kinds):
        raise ProblemError(place, f"must have {len(kinds)} values, not {len(raw)}")
    return tuple(
        _decode(kind, item, f"{place}[{number}]") for number, (kind, item) in enumerate(zip(kinds, raw, strict=True))
    )


def _decode_dataclass(kind: Any, raw: Any, place: str) -> Any:
    if not isinstance(raw, dict):
        raise ProblemError(place, f"must be an object, not {raw!r}")
    hints = _hints(kind)
    for name in raw:
        if name not in hints:
            raise ProblemError(f"{place}.{name}", "is not a known field")
    values = {}
    for field in fields(kind):
        if field.name in raw:
            values[field.name] = _decode(hints[field.name], raw[field.name], f"{place}.{field.name}")
        elif field.default is MISSING:
            raise ProblemError(f"{place}.{field.name}", "is missing")
    return kind(**values)
