"""A plan run beside the plan that was live before it, tier by tier and figure by figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from production.plans.choices import PlanRunState, PlanScope
from production.plans.models import PlanRun

Words = str | Promise
Figures = Mapping[str, Any]

_MIN_PER_H = 60
_MIN_PER_DAY = 1440
_G_PER_T = 1_000_000


@dataclass(frozen=True, slots=True)
class Compared:
    """A row of the comparison. tone: "good" when this plan is better than the one before, "bad" when worse, or ""."""

    name: Words
    now: str
    before: str
    tone: str = ""
    explained: Words = ""


@dataclass(frozen=True, slots=True)
class Tried:
    """A dispatch rule that the run has tried; the best one's plan is the run's."""

    rule: str
    words: Words
    orders_placed: int
    late_h: str
    changeover_h: str
    cost_index: int
    seconds: str
    is_best: bool
    is_cut: bool


def plan_before(run: PlanRun) -> PlanRun | None:
    """The plan of the park that was published last before the run ended, for a candidate the live one; None for the
    first, and for a firm alone.
    """
    if run.scope != PlanScope.PARK:
        return None
    published = PlanRun.objects.filter(state=PlanRunState.PUBLISHED, scope=PlanScope.PARK)
    if run.state == PlanRunState.CANDIDATE:
        return published.order_by("-finished_at").first()
    return (
        published.filter(finished_at__lt=run.finished_at or run.created_at)
        .exclude(pk=run.pk)
        .order_by("-finished_at")
        .first()
    )


def comparison(run: PlanRun, before: PlanRun | None) -> list[Compared]:
    """The objective's tiers in their order, then figures. Empty until the run has a plan.

    Cost appears as an index that counts from the run's own first rule, so it is not compared with another run's.
    """
    if not run.tiers:
        return []
    rows = [
        Compared(
            name,
            now=shown(run.tiers),
            before=shown(before.tiers) if before and before.tiers and key != "cost_index" else "",
            tone=_tone(run.tiers, before.tiers, key, shown) if before and before.tiers and key != "cost_index" else "",
            explained=explained,
        )
        for key, name, shown, explained in _TIERS
    ]
    if run.figures:
        rows += [
            Compared(name, now=shown(run.figures), before=shown(before.figures) if before and before.figures else "")
            for name, shown in _FIGURES
        ]
    return rows


def rules_tried(run: PlanRun) -> list[Tried]:
    """In the order of their turns."""
    return [
        Tried(
            rule=entry["rule"],
            words=_RULES.get(entry["rule"], ""),
            orders_placed=entry["orders_placed"],
            late_h=_per(entry["tiers"]["tardiness"], _MIN_PER_H, 0),
            changeover_h=_per(entry["tiers"]["changeover_min"], _MIN_PER_H, 0),
            cost_index=entry["tiers"]["cost_index"],
            seconds=_per(entry["ms"], 1000, 1),
            is_best=entry["rule"] == run.rule,
            is_cut=entry["is_cut"],
        )
        for entry in run.rule_log
    ]


def _tone(now: Figures, before: Figures, key: str, shown: Callable[[Figures], str]) -> str:
    if shown(now) == shown(before):
        return ""
    return "good" if now[key] < before[key] else "bad"


def _per(value: int, divisor: int, places: int) -> str:
    return number_format(Decimal(value) / divisor, decimal_pos=places, force_grouping=True)


def _of(key: str, divisor: int = 1, places: int = 0) -> Callable[[Figures], str]:
    return lambda figures: _per(figures[key], divisor, places)


def _share(part: Callable[[Figures], int], whole: Callable[[Figures], int]) -> Callable[[Figures], str]:
    def shown(figures: Figures) -> str:
        of = whole(figures)
        return number_format(Decimal(100 * part(figures)) / of, decimal_pos=2) if of else ""

    return shown


_RULES: Mapping[str, Words] = {
    "due_date": _("earliest due date first"),
    "due_and_work": _("due date and work together"),
    "late_first": _("late lines of the best plan first"),
    "shaken": _("due dates shaken by chance"),
    "shortest_work": _("shortest work first"),
    "priority": _("priority first"),
    "slack": _("least slack first"),
    "weighted_ratio": _("weighted critical ratio first"),
    "largest_mass": _("largest mass first"),
    "engine": _("improved by exchanging runs"),
    "repair": _("live plan kept where it holds"),
}
_TIERS: tuple[tuple[str, Words, Callable[[Figures], str], Words], ...] = (
    ("broken", _("Agreed dates broken"), _of("broken"), _("placements that would finish after their agreed date")),
    (
        "tardiness",
        _("Lateness, weighted, h"),
        _of("tardiness", _MIN_PER_H),
        _("hours late of all lines, each by its priority"),
    ),
    ("cost_index", _("Cost, index"), _of("cost_index"), _("fees, transport and splits; the first rule's plan is 100")),
    ("changeover_min", _("Set-up, h"), _of("changeover_min", _MIN_PER_H), _("set-up time of all machine runs")),
    ("moved", _("Moved work"), _of("moved"), _("moved runs of the coming week, the nearer the heavier")),
    ("makespan_min", _("Last lot finished, days"), _of("makespan_min", _MIN_PER_DAY, 1), _("from the plan's zero")),
)
_FIGURES: tuple[tuple[Words, Callable[[Figures], str]], ...] = (
    (_("Order lines"), _of("lines")),
    (_("Late"), _of("late")),
    (_("Without a place"), _of("unplaced")),
    (_("On time, %"), _share(lambda f: f["lines"] - f["late"] - f["unplaced"], lambda f: f["lines"])),
    (_("Machine runs"), _of("runs")),
    (_("Made at home, t"), _of("home_g", _G_PER_T, 1)),
    (_("Placed at other members, t"), _of("placed_g", _G_PER_T, 1)),
    (_("Share of tonnes placed, %"), _share(lambda f: f["placed_g"], lambda f: f["home_g"] + f["placed_g"])),
    (_("Rules broken"), _of("violations")),
    (_("Computed in, s"), _of("plan_ms", 1000, 1)),
)
