"""Reads of the catalogue: routings whole, and the minutes between two recipes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from mes.catalog.choices import ChangeKind
from mes.catalog.models import BomLine, ChangeoverFamily, ChangeoverRule, Routing, RoutingStep, StepOption

TOOL_GROUP = "tool"


@dataclass(frozen=True, slots=True)
class OptionView:
    class_code: str
    pieces_per_cycle: int | None
    cycle_s: int | None
    seconds_per_piece: int | None


@dataclass(frozen=True, slots=True)
class StepView:
    """One operation; without options it is time without a machine."""

    number: int
    process: str
    family_code: str
    setup_min: int
    fixed_min: int
    seconds_per_piece: int
    clock: str
    transfer_pieces: int | None
    options: tuple[OptionView, ...]


@dataclass(frozen=True, slots=True)
class BomView:
    material_code: str
    kg_per_piece: Decimal


@dataclass(frozen=True, slots=True)
class RoutingView:
    """A routing with its steps by number and its bill of material by code."""

    variant: str
    preference: int
    steps: tuple[StepView, ...]
    bom: tuple[BomView, ...]


@dataclass(frozen=True, slots=True)
class ChangeoverRuleView:
    kind: str
    attribute: str
    change: str
    group: str
    minutes: int


def routings_of(*, product_ids: Iterable[UUID]) -> Mapping[UUID, tuple[RoutingView, ...]]:
    """The routings of the given products that the role may read, by preference. Four queries."""
    ids = list(product_ids)
    options: dict[UUID, list[OptionView]] = {}
    for option in StepOption.objects.filter(step__routing__product__in=ids).select_related("machine_class"):
        view = OptionView(option.machine_class.code, option.pieces_per_cycle, option.cycle_s, option.seconds_per_piece)
        options.setdefault(option.step_id, []).append(view)
    steps: dict[UUID, list[StepView]] = {}
    for step in RoutingStep.objects.filter(routing__product__in=ids).select_related("family").order_by("number"):
        its_options = sorted(options.get(step.pk, ()), key=lambda view: view.class_code)
        steps.setdefault(step.routing_id, []).append(_step_view(step, its_options))
    bom: dict[UUID, list[BomView]] = {}
    for line in BomLine.objects.filter(routing__product__in=ids).select_related("material").order_by("material__code"):
        bom.setdefault(line.routing_id, []).append(BomView(line.material.code, line.kg_per_piece))
    found: dict[UUID, tuple[RoutingView, ...]] = {}
    routings = Routing.objects.filter(product__in=ids)
    for routing in routings.order_by("product_id", "preference", "variant"):
        routing_view = RoutingView(
            variant=routing.variant,
            preference=routing.preference,
            steps=tuple(steps.get(routing.pk, ())),
            bom=tuple(bom.get(routing.pk, ())),
        )
        found[routing.product_id] = (*found.get(routing.product_id, ()), routing_view)
    return found


def changeover_rules() -> tuple[ChangeoverRuleView, ...]:
    rows = ChangeoverRule.objects.order_by("kind", "attribute", "change", "group")
    columns = rows.values_list("kind", "attribute", "change", "group", "minutes")
    return tuple(ChangeoverRuleView(*row) for row in columns)


def changeover_minutes(
    *,
    rules: Iterable[ChangeoverRuleView],
    kind: str,
    before: ChangeoverFamily | None,
    after: ChangeoverFamily,
) -> int:
    """Minutes to set a machine of `kind` up for `after`; `before` None: it is set up for nothing.

    Equal families take 0. Within a group the longest rule counts, the groups add up. An empty machine pays the tool
    group only: there is nothing to clean out.
    """
    if before is not None and before.code == after.code:
        return 0
    longest: dict[str, int] = {}
    for rule in rules:
        if rule.kind == kind and _applies(rule, before, after):
            longest[rule.group] = max(rule.minutes, longest.get(rule.group, 0))
    return sum(longest.values())


def _applies(rule: ChangeoverRuleView, before: ChangeoverFamily | None, after: ChangeoverFamily) -> bool:
    new = getattr(after, rule.attribute)
    if before is None:
        begins = rule.change == ChangeKind.ANY or (rule.change == ChangeKind.TO_TRUE and bool(new))
        return rule.group == TOOL_GROUP and begins
    old = getattr(before, rule.attribute)
    tests = {
        ChangeKind.ANY: old != new,
        ChangeKind.TO_TRUE: bool(new) and old != new,
        ChangeKind.TO_FALSE: bool(old) and not new,
        ChangeKind.TO_DARKER: old < new if rule.attribute == "colour_depth" else False,
        ChangeKind.TO_LIGHTER: old > new if rule.attribute == "colour_depth" else False,
    }
    return bool(tests[ChangeKind(rule.change)])


def _step_view(step: RoutingStep, options: list[OptionView]) -> StepView:
    return StepView(
        number=step.number,
        process=step.process,
        family_code=step.family.code if step.family else "",
        setup_min=step.setup_min,
        fixed_min=step.fixed_min,
        seconds_per_piece=step.seconds_per_piece,
        clock=step.clock,
        transfer_pieces=step.transfer_pieces,
        options=tuple(options),
    )
