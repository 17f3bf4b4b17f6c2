"""A park as it is read from JSON: firms, machines, families and orders. Times are hours from a Monday's midnight."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from production.planning.errors import ProblemError

CALENDARS = ("24x7", "6x24", "6x16")
"""Always; Monday to Saturday; Monday to Saturday from 6 to 22 o'clock."""

FORMING = ("press", "extruder")
CUTTING = "mill"
LARGEST = 1_000_000
"""No number of a park is above this: hours, tonnes, hours for each tonne."""


@dataclass(frozen=True, slots=True)
class Maker:
    """A firm. calendar: one of CALENDARS; work pauses when it is closed."""

    key: str
    calendar: str


@dataclass(frozen=True, slots=True)
class Tool:
    """A machine. efficiency: an hour of work takes 1 / efficiency hours."""

    key: str
    firm: str
    kind: str
    efficiency: float


@dataclass(frozen=True, slots=True)
class Family:
    """What is made alike: formed on machines of a kind, then cooled without one, then cut on a mill.

    firms: who can. form_h_t and cut_h_t: hours of work for each tonne. cool_h: hours, whoever is open.
    """

    key: str
    kind: str
    firms: tuple[str, ...]
    form_h_t: float
    cool_h: float
    cut_h_t: float


@dataclass(frozen=True, slots=True)
class Order:
    """An order: made whole by one firm that can, its home where that is possible. due_h: hours."""

    key: str
    family: str
    home: str
    tonnes: float
    due_h: float


@dataclass(frozen=True, slots=True)
class Park:
    """All of it, in the order of the file."""

    firms: tuple[Maker, ...]
    machines: tuple[Tool, ...]
    families: tuple[Family, ...]
    orders: tuple[Order, ...]

    def notes(self) -> list[tuple[str, str]]:
        """(code, what) of the orders that cannot be made or not in time, whatever the plan."""
        there = {(machine.firm, machine.kind) for machine in self.machines}
        families = {family.key: family for family in self.families}
        found = []
        for order in self.orders:
            family = families[order.family]
            if not any((firm, family.kind) in there and (firm, CUTTING) in there for firm in family.firms):
                found.append(
                    ("no_machine", f"order {order.key}: no firm has a {family.kind} and a mill for {family.key}")
                )
            elif order.due_h <= family.cool_h:
                found.append(("due_too_soon", f"order {order.key} is due {order.due_h:g} h after the start"))
        return found


def park_load(text: str) -> Park:
    """Raises ProblemError naming the place and, in plain words, what is wrong there."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProblemError("park", f"is not JSON: {error}") from error
    top = Place("park", data)
    firms = top.rows("firms", lambda row: Maker(row.text("id"), row.one_of("calendar", CALENDARS)))
    known = {firm.key for firm in firms}
    park = Park(
        firms=firms,
        machines=top.rows("machines", lambda row: _machine(row, known)),
        families=(families := top.rows("families", lambda row: _family(row, known))),
        orders=top.rows("orders", lambda row: _order(row, known, {family.key for family in families})),
    )
    for name, rows in (("firms", park.firms), ("machines", park.machines), ("families", park.families)):
        _check_unique(name, [row.key for row in rows])
    _check_unique("orders", [order.key for order in park.orders])
    return park


def _machine(row: "Place", firms: set[str]) -> Tool:
    efficiency = row.number("eff", above=0)
    if round(efficiency, 3) != efficiency:
        raise ProblemError(f"{row.name}.eff", f"must have at most three decimals, not {efficiency}")
    return Tool(row.text("id"), row.one_of("firm", firms), row.one_of("kind", (*FORMING, CUTTING)), efficiency)


def _family(row: "Place", firms: set[str]) -> Family:
    return Family(
        key=row.text("id"),
        kind=row.one_of("kind", FORMING),
        firms=row.members("firms", firms),
        form_h_t=row.number("form_h_t", above=0),
        cool_h=row.number("cool_h", least=0),
        cut_h_t=row.number("cut_h_t", above=0),
    )


def _order(row: "Place", firms: set[str], families: set[str]) -> Order:
    return Order(
        key=row.text("id"),
        family=row.one_of("family", families),
        home=row.one_of("home", firms),
        tonnes=row.number("tonnes", above=0),
        due_h=row.number("due_h"),
    )


def _check_unique(name: str, keys: Sequence[str]) -> None:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise ProblemError(f"{name}[{key}]", "is there twice")
        seen.add(key)


class Place:
    """A JSON object and where it stands in the file."""

    def __init__(self, name: str, data: Any) -> None:
        self.name = name
        if not isinstance(data, dict):
            raise ProblemError(name, "must be an object")
        self.data: Mapping[str, Any] = data

    def _value(self, key: str) -> Any:
        if key not in self.data:
            raise ProblemError(self.name, f"{key} is missing")
        return self.data[key]

    def rows(self, key: str, read: Any) -> tuple[Any, ...]:
        """A list of objects, each read by `read`."""
        rows = self._value(key)
        if not isinstance(rows, list):
            raise ProblemError(f"{self.name}.{key}", "must be a list")
        return tuple(read(Place(f"{key}[{number}]", row)) for number, row in enumerate(rows))

    def text(self, key: str) -> str:
        """A name that is not empty."""
        value = self._value(key)
        if not isinstance(value, str) or not value or any("\ud800" <= letter <= "\udfff" for letter in value):
            raise ProblemError(f"{self.name}.{key}", "must be a name")
        return value

    def one_of(self, key: str, known: Any) -> str:
        """A name that is known."""
        value = self.text(key)
        if value not in known:
            raise ProblemError(f"{self.name}.{key}", f"{value!r} is not known")
        return value

    def members(self, key: str, known: set[str]) -> tuple[str, ...]:
        """Names that are known, each once."""
        values = self._value(key)
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise ProblemError(f"{self.name}.{key}", "must be a list of names")
        for value in values:
            if value not in known:
                raise ProblemError(f"{self.name}.{key}", f"{value!r} is not known")
        return tuple(dict.fromkeys(values))

    def number(self, key: str, *, above: float | None = None, least: float | None = None) -> float:
        """A number that is not too large."""
        value = self._value(key)
        place = f"{self.name}.{key}"
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise ProblemError(place, "must be a number")
        if abs(value) > LARGEST:
            raise ProblemError(place, f"must be at most {LARGEST}, not {value:g}")
        if above is not None and value <= above:
            raise ProblemError(place, f"must be above {above:g}, not {value:g}")
        if least is not None and value < least:
            raise ProblemError(place, f"must be at least {least:g}, not {value:g}")
        return value
