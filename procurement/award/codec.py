"""Problem and Award to JSON and back, canonical: one byte string for one content.

The dataclasses' type hints are the format. Unknown and missing names and wrong types raise AwardError with the place,
e.g. `Problem.lines[3].bag_kg`.
"""

import hashlib
import json
from dataclasses import MISSING, fields, is_dataclass, replace
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from procurement.award.award import Award
from procurement.award.errors import AwardError
from procurement.award.problem import Problem

LARGEST = 10**18
Shape = TypeVar("Shape")


def sorted_problem(problem: Problem) -> Problem:
    """The same problem with every collection whose order means nothing sorted by business keys."""
    return replace(
        problem,
        lines=tuple(sorted(problem.lines, key=lambda item: item.key)),
        commitments=tuple(
            item if item.approved is None else replace(item, approved=tuple(sorted(item.approved)))
            for item in sorted(problem.commitments, key=lambda item: (item.line, item.firm))
        ),
        suppliers=tuple(sorted(problem.suppliers, key=lambda item: item.key)),
        quotations=tuple(sorted(problem.quotations, key=lambda item: (item.line, item.supplier))),
    )


def problem_dump(problem: Problem) -> str:
    """Canonical JSON of the sorted problem."""
    return dump(sorted_problem(problem))


def problem_load(text: str) -> Problem:
    """Raises AwardError on malformed text; what the values mean is checked by `check_problem`."""
    return load(Problem, text)


def problem_hash(problem: Problem) -> str:
    """sha256 (hex) of the canonical form: the order of rows does not matter, each value does."""
    return hashlib.sha256(problem_dump(problem).encode()).hexdigest()


def award_hash(award: Award) -> str:
    """sha256 (hex) of the award, which is sorted."""
    return hashlib.sha256(dump(award).encode()).hexdigest()


def dump(shape: object) -> str:
    """Canonical JSON of a dataclass."""
    return json.dumps(shape, default=_fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def load(kind: type[Shape], text: str) -> Shape:
    """The dataclass `kind` from JSON. Raises AwardError naming the place."""
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise AwardError(kind.__name__, f"is not JSON: {error}") from error
    decoded: Shape = _decode(kind, raw, kind.__name__)
    return decoded


def _fields(shape: Any) -> dict[str, object]:
    return {field.name: getattr(shape, field.name) for field in fields(shape)}


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _decode(kind: Any, raw: Any, place: str) -> Any:
    origin = get_origin(kind)
    if origin is UnionType:  # `… | None` alone
        wanted = next(option for option in get_args(kind) if option is not NoneType)
        return None if raw is None else _decode(wanted, raw, place)
    if origin is Literal:
        if raw not in get_args(kind):
            raise AwardError(place, f"must be one of {', '.join(get_args(kind))}, not {raw!r}")
        return raw
    if origin is tuple:  # `tuple[…, ...]` alone
        if not isinstance(raw, list):
            raise AwardError(place, f"must be a list, not {raw!r}")
        return tuple(_decode(get_args(kind)[0], item, f"{place}[{number}]") for number, item in enumerate(raw))
    if is_dataclass(kind):
        return _decode_shape(kind, raw, place)
    if type(raw) is not kind:
        raise AwardError(place, f"must be {kind.__name__}, not {raw!r}")
    if kind is int and abs(raw) > LARGEST:
        raise AwardError(place, f"must be at most {LARGEST}")
    if kind is str and any("\ud800" <= letter <= "\udfff" for letter in raw):
        raise AwardError(place, "holds half a letter (a lone surrogate)")
    return raw


def _decode_shape(kind: Any, raw: Any, place: str) -> Any:
    if not isinstance(raw, dict):
        raise AwardError(place, f"must be an object, not {raw!r}")
    hints = _hints(kind)
    for name in raw:
        if name not in hints:
            raise AwardError(f"{place}.{name}", "is not a known field")
    values = {}
    for field in fields(kind):
        if field.name in raw:
            values[field.name] = _decode(hints[field.name], raw[field.name], f"{place}.{field.name}")
        elif field.default is MISSING:
            raise AwardError(f"{place}.{field.name}", "is missing")
    return kind(**values)
