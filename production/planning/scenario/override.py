"""What a scenario may change in a Problem, one thing at a time, and how that is read from plain JSON.

Kinds, with the fields that each takes (`?`: may be left out). A *target* is `machine` alone, or `firm`, `machine_class`
or both: the machines of the class in the firm; a class is named without its approvals. Times are minutes from the
problem's zero.

- `machine_more` (machine, count?): so many machines more of the firm, class, hours and pace of `machine`, without its
  stops and not on offer
- `hours_more` (target, from_min, until_min, day_min): open for `day_min` minutes from `from_min` on, and again every 24
  hours while that begins before `until_min`; with a firm alone its people who inspect and pack come as well
- `no_work` (target, from_min?, until_min?): closed then, whatever is open; left out, from the zero on or for good.
  Frozen work stays where it is
- `offer_more` (offer, machine, from_min?, until_min?, share_percent?, fee_fen_per_t?): `machine` is on offer too, on
  the terms and in the window of `offer`; the share is of what is open and not taken by fixed work
- `offer_less` (offer): withdrawn
- `offer_change` (offer, share_percent?, fee_fen_per_t?)
- `line_more` (line, pieces, due_min, from_min?, priority?, consent?): one more like `line`; from_min: its release
- `line_less` (line): what is frozen of it keeps its machine time
- `line_change` (line, pieces?, due_min?, priority?, consent?): pieces are those left to plan
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, get_args

from production.planning.errors import ProblemError
from production.planning.problem import Consent

MOST_OVERRIDES = 60
MOST_PIECES = 10_000_000
MOST_MIN = 1_000 * 1440
TARGETS = ("machine", "firm", "machine_class")


class ScenarioError(ProblemError):
    """An override cannot be used. `field`: a JSON pointer into the list, as `/3/until_min`.

    Codes: kind_unknown, field_unknown, missing, not_whole, not_text, not_a_list, not_an_object, too_many, out_of_range
    (data: least, most), choice_unknown, key_unknown, target_wanted, ends_before_start, changes_nothing, changed_twice.
    """

    def __init__(self, field: str, code: str, data: Mapping[str, int] | None = None) -> None:
        self.code = code
        self.data = dict(data or {})
        super().__init__(field, _TEXTS[code].format(**self.data))


@dataclass(frozen=True, slots=True)
class Override:
    """One change of a problem; which fields belong to a kind is said above. share_percent: 1 to 100."""

    kind: str
    machine: str | None = None
    firm: str | None = None
    machine_class: str | None = None
    offer: str | None = None
    line: str | None = None
    count: int | None = None
    from_min: int | None = None
    until_min: int | None = None
    day_min: int | None = None
    share_percent: int | None = None
    fee_fen_per_t: int | None = None
    pieces: int | None = None
    due_min: int | None = None
    priority: int | None = None
    consent: Consent | None = None

    def is_about(self, name: str) -> bool:
        """Whether the field was given."""
        return getattr(self, name) is not None


@dataclass(frozen=True, slots=True)
class Kind:
    """needs: fields that must be there; takes: that may; a target is asked for by `has_target`."""

    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    has_target: bool = False
    changes: bool = False

    def fields(self) -> frozenset[str]:
        """All that may be said, the kind apart."""
        return frozenset(self.needs + self.takes + (TARGETS if self.has_target else ()))


KINDS: Mapping[str, Kind] = {
    "machine_more": Kind(needs=("machine",), takes=("count",)),
    "hours_more": Kind(needs=("from_min", "until_min", "day_min"), has_target=True),
    "no_work": Kind(takes=("from_min", "until_min"), has_target=True),
    "offer_more": Kind(
        needs=("offer", "machine"), takes=("from_min", "until_min", "share_percent", "fee_fen_per_t")
    ),
    "offer_less": Kind(needs=("offer",)),
    "offer_change": Kind(needs=("offer",), takes=("share_percent", "fee_fen_per_t"), changes=True),
    "line_more": Kind(needs=("line", "pieces", "due_min"), takes=("from_min", "priority", "consent")),
    "line_less": Kind(needs=("line",)),
    "line_change": Kind(needs=("line",), takes=("pieces", "due_min", "priority", "consent"), changes=True),
}  # fmt: skip
RANGES: Mapping[str, tuple[int, int]] = {
    "count": (1, 20),
    "from_min": (-MOST_MIN, MOST_MIN),
    "until_min": (-MOST_MIN, MOST_MIN),
    "due_min": (-MOST_MIN, MOST_MIN),
    "day_min": (1, 1440),
    "share_percent": (1, 100),
    "fee_fen_per_t": (0, 10**10),
    "pieces": (1, MOST_PIECES),
    "priority": (1, 9),
}
_TEXTS: Mapping[str, str] = {
    "kind_unknown": "there is no such kind of change",
    "field_unknown": "this kind of change has no such field",
    "missing": "is missing",
    "not_whole": "must be a whole number",
    "not_text": "must be a text",
    "not_a_list": "must be a list",
    "not_an_object": "must be an object",
    "too_many": "must be at most {most}",
    "out_of_range": "must be from {least} to {most}",
    "choice_unknown": "must be never, ask or allowed",
    "key_unknown": "is not in the plan",
    "target_wanted": "name a machine alone, or a firm, a machine class or both",
    "ends_before_start": "must be after the beginning",
    "changes_nothing": "changes nothing",
    "changed_twice": "another change is about the same",
}


def overrides_read(data: Any) -> tuple[Override, ...]:
    """A list of objects as overrides, in its order. Raises ScenarioError with the place of what cannot be."""
    if not isinstance(data, list):
        raise ScenarioError("", "not_a_list")
    if not data:
        raise ScenarioError("", "changes_nothing")
    if len(data) > MOST_OVERRIDES:
        raise ScenarioError("", "too_many", {"most": MOST_OVERRIDES})
    found = tuple(_read(f"/{number}", item) for number, item in enumerate(data))
    _check_once(found)
    return found


def overrides_plain(overrides: Iterable[Override]) -> list[dict[str, Any]]:
    """What `overrides_read` takes: only what was given."""
    names = [field.name for field in fields(Override)]
    return [{name: getattr(item, name) for name in names if item.is_about(name)} for item in overrides]


def _read(place: str, item: Any) -> Override:
    if not isinstance(item, dict):
        raise ScenarioError(place, "not_an_object")
    kind = KINDS.get(item["kind"]) if isinstance(item.get("kind"), str) else None
    if kind is None:
        raise ScenarioError(f"{place}/kind", "kind_unknown" if "kind" in item else "missing")
    for name, value in item.items():
        if name != "kind":
            _check_value(f"{place}/{name}", name, value, kind)
    for name in kind.needs:
        if name not in item:
            raise ScenarioError(f"{place}/{name}", "missing")
    override = Override(**item)
    if kind.has_target and override.is_about("machine") == (
        override.is_about("firm") or override.is_about("machine_class")
    ):
        raise ScenarioError(f"{place}/machine", "target_wanted")
    if kind.changes and not any(override.is_about(name) for name in kind.takes):
        raise ScenarioError(place, "changes_nothing")
    _check_period(place, override)
    return override


def _check_value(place: str, name: str, value: Any, kind: Kind) -> None:
    if name not in kind.fields():
        raise ScenarioError(place, "field_unknown")
    if name == "consent":
        if value not in get_args(Consent):
            raise ScenarioError(place, "choice_unknown")
    elif name in RANGES:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ScenarioError(place, "not_whole")
        least, most = RANGES[name]
        if not least <= value <= most:
            raise ScenarioError(place, "out_of_range", {"least": least, "most": most})
    elif not isinstance(value, str) or not value:
        raise ScenarioError(place, "not_text")


def _check_period(place: str, override: Override) -> None:
    if override.kind == "line_more":
        return  # an order that is due before its release is bad data of its own, which the plan names
    start, end = override.from_min, override.until_min
    if end is not None and end <= max(start or 0, 0):
        raise ScenarioError(f"{place}/until_min", "ends_before_start")


def _check_once(overrides: tuple[Override, ...]) -> None:
    """An offer or a line is changed or dropped once, so that the order of the list means nothing."""
    seen: set[tuple[str, str]] = set()
    for number, item in enumerate(overrides):
        name, _, act = item.kind.partition("_")
        if act not in {"less", "change"}:
            continue
        about = (name, str(getattr(item, name)))
        if about in seen:
            raise ScenarioError(f"/{number}/{name}", "changed_twice")
        seen.add(about)
