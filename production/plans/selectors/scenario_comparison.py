"""Scenarios beside the snapshot that they share, figure by figure, and what each has otherwise, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.formats import localize, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from orders.sales.choices import Consent
from production.plans.choices import OverrideKind

Figures = Mapping[str, Any]
Words = str | Promise
Value = Callable[[Figures], "Decimal | None"]
_MIN_PER_H = 60
_MIN_PER_DAY = 1440
_G_PER_T = 1_000_000


@dataclass(frozen=True, slots=True)
class Cell:
    """A scenario's figure, what differs from the snapshot's, and whether that is better: "good", "bad" or ""."""

    value: str
    difference: str
    tone: str


@dataclass(frozen=True, slots=True)
class Row:
    """A figure: the snapshot's, then each scenario's."""

    name: Words
    base: str
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class _Figure:
    name: Words
    value: Value
    places: int = 0
    better: int = 0


def scenario_rows(base: Figures, scenarios: Sequence[Figures], *, class_names: Mapping[str, str]) -> list[Row]:
    """Rows of the comparison; empty until the snapshot is planned. A scenario without figures has empty cells."""
    if not base:
        return []
    loads = {name for figures in (base, *scenarios) for name in figures.get("load_permille", {})}
    figures = [*_FIGURES, *(_load(name, class_names.get(name, name)) for name in sorted(loads))]
    return [_row(figure, base, scenarios) for figure in figures]


def override_in_words(item: Mapping[str, Any], *, zero_at: datetime) -> str:
    """One sentence."""
    said = {name: str(value).replace(":", " ") for name, value in item.items()} | {
        "target": _target(item),
        "start": _moment(item.get("from_min"), zero_at),
        "end": _moment(item.get("until_min"), zero_at),
        "hours": number_format(Decimal(item.get("day_min", 0)) / _MIN_PER_H, decimal_pos=1),
        "count": number_format(item.get("count", 1)),
    }
    sentence = str(_SENTENCES[OverrideKind(item["kind"])]) % said
    details = [text for text in _details(item, zero_at) if text]
    if not details:
        return sentence
    return _("%(change)s (%(details)s)") % {
        "change": sentence,
        "details": pgettext("between details", "; ").join(details),
    }


def _details(item: Mapping[str, Any], zero_at: datetime) -> list[str]:
    found = []
    if item["kind"] != OverrideKind.HOURS_MORE:
        release = item["kind"] == OverrideKind.LINE_MORE
        words = _("not before %s") if release else _("from %s")
        found = [_named(words, _moment(item.get("from_min"), zero_at))]
        found.append(_named(_("until %s"), _moment(item.get("until_min"), zero_at)))
    return [
        *found,
        _named(_("share: %s %%"), item.get("share_percent")),
        _named(_("pieces: %s"), "" if item.get("pieces") is None else number_format(item["pieces"])),
        _named(_("due %s"), _moment(item.get("due_min"), zero_at)),
        _named(_("priority: %s"), item.get("priority")),
        _named(_("outsourcing: %s"), dict(Consent.choices).get(item.get("consent", ""))),
    ]


def _named(words: str, value: Any) -> str:
    return words % value if value else ""


def _target(item: Mapping[str, Any]) -> str:
    return " ".join(str(item[name]).replace(":", " ") for name in ("machine", "firm", "machine_class") if name in item)


def _moment(minutes: Any, zero_at: datetime) -> str:
    return "" if minutes is None else localize(timezone.localtime(zero_at + timedelta(minutes=minutes)))


def _row(figure: _Figure, base: Figures, scenarios: Sequence[Figures]) -> Row:
    before = figure.value(base)
    cells = [_cell(figure, before, figure.value(its) if its else None) for its in scenarios]
    return Row(figure.name, _shown(before, figure.places), cells)


def _cell(figure: _Figure, before: Decimal | None, after: Decimal | None) -> Cell:
    value = _shown(after, figure.places)
    if before is None or after is None or value == _shown(before, figure.places):
        return Cell(value, "", "")
    by = after - before
    tone = "" if not figure.better else ("good" if by * figure.better > 0 else "bad")
    sign = "+" if by > 0 else "−"
    return Cell(value, sign + _shown(abs(by), figure.places), tone)


def _shown(value: Decimal | None, places: int) -> str:
    return "" if value is None else number_format(value, decimal_pos=places, force_grouping=True)


def _of(key: str, divisor: int = 1) -> Value:
    return lambda figures: None if figures.get(key) is None else Decimal(figures[key]) / divisor


def _on_time(figures: Figures) -> Decimal | None:
    lines = figures["lines"]
    return Decimal(100 * (lines - figures["late"] - figures["unplaced"])) / lines if lines else None


def _load(name: str, shown: str) -> _Figure:
    def value(figures: Figures) -> Decimal | None:
        permille = figures.get("load_permille", {}).get(name)
        return None if permille is None else Decimal(permille) / 10

    return _Figure(_("Load in four weeks, %%: %s") % shown, value, 1)


_FIGURES = (
    _Figure(gettext_lazy("Order lines"), _of("lines")),
    _Figure(gettext_lazy("Late"), _of("late"), better=-1),
    _Figure(gettext_lazy("Without a place"), _of("unplaced"), better=-1),
    _Figure(gettext_lazy("On time, %"), _on_time, 2, better=1),
    _Figure(gettext_lazy("Lateness, weighted, h"), _of("tardiness_min", _MIN_PER_H), better=-1),
    _Figure(gettext_lazy("Placed at other members, t"), _of("placed_g", _G_PER_T), 1),
    _Figure(
        gettext_lazy("Cost, index"),
        lambda figures: _of("cost_index")(figures) if "cost_index" in figures else Decimal(100),
        better=-1,
    ),
    _Figure(gettext_lazy("Set-up, h"), _of("changeover_min", _MIN_PER_H), 1, better=-1),
    _Figure(gettext_lazy("Last lot finished, days"), _of("makespan_min", _MIN_PER_DAY), 1, better=-1),
)
_SENTENCES: Mapping[OverrideKind, Words] = {
    OverrideKind.MACHINE_MORE: gettext_lazy("machines more like %(machine)s: %(count)s"),
    OverrideKind.HOURS_MORE: gettext_lazy("%(target)s: open %(hours)s h a day more, first on %(start)s, until %(end)s"),
    OverrideKind.NO_WORK: gettext_lazy("%(target)s: no work"),
    OverrideKind.OFFER_MORE: gettext_lazy("%(machine)s on offer too, on the terms of %(offer)s"),
    OverrideKind.OFFER_LESS: gettext_lazy("offer %(offer)s withdrawn"),
    OverrideKind.OFFER_CHANGE: gettext_lazy("offer %(offer)s otherwise"),
    OverrideKind.LINE_MORE: gettext_lazy("an order line more, like %(line)s"),
    OverrideKind.LINE_LESS: gettext_lazy("without order line %(line)s"),
    OverrideKind.LINE_CHANGE: gettext_lazy("order line %(line)s otherwise"),
}
