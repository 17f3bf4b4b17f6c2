"""Which figures are judged, and what they must be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mes.demo.sample.shapes import CaseOptions

Path = tuple[str, str]
THE_SEED = 1


@dataclass(frozen=True, slots=True)
class Range:
    """Least and most, both included; None = no limit on that side."""

    least: Decimal | None = None
    most: Decimal | None = None

    def holds(self, value: Decimal) -> bool:
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    def __str__(self) -> str:
        if self.least is not None and self.least == self.most:
            return f"{self.least}"
        if self.least is None:
            return f"at most {self.most}"
        return f"at least {self.least}" if self.most is None else f"{self.least} to {self.most}"


@dataclass(frozen=True, slots=True)
class Miss:
    """A figure outside its range."""

    field: str
    value: object
    expected: str

    def __str__(self) -> str:
        return f"{self.field}={self.value} expected {self.expected}"


def near(value: str, tolerance: str) -> Range:
    return Range(Decimal(value) - Decimal(tolerance), Decimal(value) + Decimal(tolerance))


def at_least(value: str) -> Range:
    return Range(least=Decimal(value))


def at_most(value: str) -> Range:
    return Range(most=Decimal(value))


def exactly(value: str) -> Range:
    return near(value, "0")


IN_HOUSE: Path = ("case", "in_house_t")
ALONE: Path = ("case_alone", "finish_day")

# Hold for every order book and every variant of the case.
ALWAYS: Mapping[Path, Range] = {
    ("park", "violations"): exactly("0"),
    ("db", "overlaps"): exactly("0"),
    ("case", "pieces_total"): exactly("3565"),
    ("round", "gap"): at_most("0.005"),
    ("round", "greedy_extra_pct"): at_least("0"),
    ("round", "ledger_sum_fen"): exactly("0"),
    ("round", "coverage_pct"): Range(Decimal(90), Decimal(100)),
}
AS_TOLD: Mapping[Path, Range] = {
    IN_HOUSE: near("133", "3"),
    ("case", "outsourced_t"): near("67", "3"),
    ("case", "finish_day"): at_most("20"),
    ("case", "tardy_h"): exactly("0"),
    ("case", "firms"): at_least("2"),
    ALONE: near("30.0", "0.7"),
    ("park", "orders"): Range(Decimal(740), Decimal(940)),
    ("park", "on_time_pct"): at_least("90"),
    ("park", "outsourced_pct"): Range(Decimal(5), Decimal(30)),
    ("park", "plan_seconds"): at_most("60"),
    ("round", "firms"): exactly("32"),
    ("round", "tonnes"): Range(Decimal(2700), Decimal(3300)),
    ("round", "saving_pct"): Range(Decimal("0.5"), Decimal(6)),
}
OTHER_SEEDS: Mapping[Path, Range] = {("park", "on_time_pct"): at_least("88")}
VARIANTS: Mapping[CaseOptions, Mapping[Path, Range]] = {
    CaseOptions(booked_presses=0): {IN_HOUSE: near("161.7", "3"), ALONE: near("24.5", "0.7")},
    CaseOptions(rest_h=0): {IN_HOUSE: near("141.4", "3"), ALONE: near("28.3", "0.7")},
    CaseOptions(press_efficiency=Decimal(1)): {IN_HOUSE: near("165", "3")},
    # Not sooner than with batches passed on; how much later is a matter of how well whole lots are dealt out.
    CaseOptions(whole_lots=True): {IN_HOUSE: near("110", "3"), ALONE: Range(Decimal("29.3"), Decimal("36.3"))},
}


def ranges_of(*, seed: int, options: CaseOptions) -> Mapping[Path, Range]:
    """The ranges that are judged: of a changed case only those known for that change, of another seed the park's."""
    if options != CaseOptions():
        return {**ALWAYS, **VARIANTS.get(options, {})}
    return {**ALWAYS, **(AS_TOLD if seed == THE_SEED else OTHER_SEEDS)}


def misses(report: Mapping[str, Any], ranges: Mapping[Path, Range]) -> list[Miss]:
    """Every figure of the report outside its range, in the order of the ranges."""
    found = []
    for (part, name), wanted in ranges.items():
        value = report[part][name]
        if not wanted.holds(Decimal(str(value))):
            found.append(Miss(_said(part, name), value, str(wanted)))
    return found


def _said(part: str, name: str) -> str:
    """The figure's name where it stands alone."""
    if part == "case_alone":
        return "alone_day"
    return f"round_{name}" if part == "round" else name
