"""Reads of the catalogue: how products are made, and what a changeover takes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from mes.catalog.choices import ChangeKind
from mes.catalog.models import (
    BomLine,
    ChangeoverFamily,
    ChangeoverRule,
    ItemNumber,
    MachineClass,
    Product,
    Routing,
    RoutingStep,
    StepOption,
)
from mes.core.actors import Actor
from mes.core.changes import changed_since
from mes.core.errors import InvalidValue, NotFound
from mes.core.keyset import MomentKey, page_after

TOOL_GROUP = "tool"


@dataclass(frozen=True, slots=True)
class OptionView:
    """A machine class that can do a step: by cycles (`pieces_per_cycle`, `cycle_s`) or by `seconds_per_piece`."""

    class_code: str
    kind: str
    pieces_per_cycle: int | None
    cycle_s: int | None
    seconds_per_piece: int | None


@dataclass(frozen=True, slots=True)
class StepView:
    """One operation, as RoutingStep describes it. `family_code` is empty where no changeover depends on it."""

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
    pieces_per_blank: int | None


@dataclass(frozen=True, slots=True)
class RoutingView:
    """One way to make a product, with its steps in order and its bill of material."""

    product_id: UUID
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


def products_visible_to(actor: Actor) -> QuerySet[Product]:
    """The standards, and a firm's own for itself; the association sees the standards."""
    own = Q(firm_id=actor.firm_id) if actor.firm_id is not None else Q(firm=None)
    return Product.objects.filter(Q(firm=None) | own)


def product_get(*, actor: Actor, product_id: UUID) -> Product:
    """A product that the actor may use. Raises NotFound."""
    product = products_visible_to(actor).filter(pk=product_id).first()
    if product is None:
        raise NotFound
    return product


def product_on_offer(*, actor: Actor, product_id: UUID, pointer: str) -> Product:
    """A product that a new order line may take. Raises NotFound, InvalidValue at `pointer` when it is retired."""
    product = product_get(actor=actor, product_id=product_id)
    if product.retired_at is not None:
        raise InvalidValue(_("The product is retired: it takes no new orders."), pointer=pointer)
    return product


def products_page(
    *,
    actor: Actor,
    limit: int,
    after: MomentKey | None = None,
    code: str | None = None,
    updated_since: datetime | None = None,
) -> list[Product]:
    """Products that the actor may use, by time of entry and key. One query."""
    rows = products_visible_to(actor).select_related("grade")
    rows = changed_since(rows, kind=Product.feed.kind, firm_id=actor.firm_id, since=updated_since)
    return page_after(rows if code is None else rows.filter(code=code), by="created_at", after=after, limit=limit)


def machine_classes() -> list[MachineClass]:
    """The park's machine classes by code."""
    return list(MachineClass.objects.order_by("code"))


def product_id_of_code(*, actor: Actor, code: str) -> UUID | None:
    """The product with this code that the actor may use; its firm's own goes before the park's standard."""
    products = products_visible_to(actor).filter(code=code).order_by(F("firm").asc(nulls_last=True))
    return products.values_list("pk", flat=True).first()


def product_id_of_item(*, actor: Actor, number: str) -> UUID | None:
    """The product that the actor's firm calls so: by its item numbers, else by the number at a product of its own."""
    if actor.firm_id is None:
        return None
    named = ItemNumber.objects.filter(firm_id=actor.firm_id, number=number).values_list("product_id", flat=True).first()
    if named is not None:
        return named
    own = Product.objects.filter(firm_id=actor.firm_id, external_ref=number)
    return own.values_list("pk", flat=True).first()


def item_number_get(*, actor: Actor, number: str) -> ItemNumber:
    """One of the firm's item numbers, with its product. Raises NotFound."""
    row = _item_numbers(actor).filter(number=number).first()
    if row is None:
        raise NotFound
    return row


def item_numbers_page(*, actor: Actor, limit: int, after: MomentKey | None = None) -> list[ItemNumber]:
    """The firm's item numbers with their products, by time of entry and key. One query."""
    return page_after(_item_numbers(actor), by="created_at", after=after, limit=limit)


def _item_numbers(actor: Actor) -> QuerySet[ItemNumber]:
    rows = ItemNumber.objects.select_related("product")
    return rows.none() if actor.firm_id is None else rows.filter(firm_id=actor.firm_id)


def routings_of(*, product_ids: Set[UUID]) -> dict[UUID, tuple[RoutingView, ...]]:
    """The routings of products that the present role sees, the preferred first. Four queries."""
    routings = Routing.objects.filter(product__in=product_ids).order_by("preference", "variant")
    steps = _steps(product_ids)
    bom = _bom(product_ids)
    found: defaultdict[UUID, list[RoutingView]] = defaultdict(list)
    for row in routings:
        found[row.product_id].append(
            RoutingView(
                product_id=row.product_id,
                variant=row.variant,
                preference=row.preference,
                steps=tuple(steps[row.pk]),
                bom=tuple(bom[row.pk]),
            )
        )
    return {key: tuple(its) for key, its in found.items()}


def changeover_rules() -> tuple[ChangeoverRuleView, ...]:
    """All rules of the park."""
    rows = ChangeoverRule.objects.order_by("kind", "attribute", "change", "group")
    return tuple(ChangeoverRuleView(row.kind, row.attribute, row.change, row.group, row.minutes) for row in rows)


def changeover_minutes(
    *, rules: Iterable[ChangeoverRuleView], kind: str, before: ChangeoverFamily | None, after: ChangeoverFamily
) -> int:
    """Minutes to set a machine of `kind` up for the recipe `after`; `before` None: it is set up for nothing.

    Within a group the longest rule counts, the groups add up. An empty machine takes the tool group only: nothing
    has to be cleaned out.
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
        return rule.group == TOOL_GROUP and (
            rule.change == ChangeKind.ANY or (rule.change == ChangeKind.TO_TRUE and bool(new))
        )
    old = getattr(before, rule.attribute)
    tests: Mapping[str, bool] = {
        ChangeKind.ANY: old != new,
        ChangeKind.TO_TRUE: bool(new) and old != new,
        ChangeKind.TO_FALSE: bool(old) and not new,
        ChangeKind.TO_DARKER: rule.attribute == "colour_depth" and new > old,
        ChangeKind.TO_LIGHTER: rule.attribute == "colour_depth" and new < old,
    }
    return tests[rule.change]


def _steps(product_ids: Set[UUID]) -> defaultdict[UUID, list[StepView]]:
    options: defaultdict[UUID, list[OptionView]] = defaultdict(list)
    times = ("pieces_per_cycle", "cycle_s", "seconds_per_piece")
    option_rows = StepOption.objects.filter(step__routing__product__in=product_ids).order_by("machine_class__code")
    for step_id, *values in option_rows.values_list("step_id", "machine_class__code", "machine_class__kind", *times):
        options[step_id].append(OptionView(*values))
    found: defaultdict[UUID, list[StepView]] = defaultdict(list)
    columns = ("number", "process", "setup_min", "fixed_min", "seconds_per_piece", "clock", "transfer_pieces")
    step_rows = RoutingStep.objects.filter(routing__product__in=product_ids).order_by("number")
    for row in step_rows.values("pk", "routing_id", "family__code", *columns):
        found[row["routing_id"]].append(
            StepView(
                family_code=row["family__code"] or "",
                options=tuple(options[row["pk"]]),
                **{name: row[name] for name in columns},
            )
        )
    return found


def _bom(product_ids: Set[UUID]) -> defaultdict[UUID, list[BomView]]:
    found: defaultdict[UUID, list[BomView]] = defaultdict(list)
    rows = BomLine.objects.filter(routing__product__in=product_ids).order_by("material__code")
    values = rows.values_list("routing_id", "material__code", "kg_per_piece", "pieces_per_blank")
    for routing_id, material_code, kg_per_piece, pieces_per_blank in values:
        found[routing_id].append(BomView(material_code, kg_per_piece, pieces_per_blank))
    return found


def envelope_shortfall(
    machine_class: MachineClass, *, length_mm: int, width_mm: int | None, thickness_mm: int
) -> tuple[str, ...]:
    """In which dimensions a piece is too large for the class, lying on the platen either way round: of `length_mm`,
    `width_mm`, `thickness_mm`. Empty: it fits. An unknown bound holds.
    """
    found = []
    if machine_class.platen_length_mm is not None and machine_class.platen_width_mm is not None:
        short, long = sorted((length_mm, width_mm or 0))
        platen_short, platen_long = sorted((machine_class.platen_length_mm, machine_class.platen_width_mm))
        found += [
            name for name, over in (("length_mm", long > platen_long), ("width_mm", short > platen_short)) if over
        ]
    if machine_class.max_thickness_mm is not None and thickness_mm > machine_class.max_thickness_mm:
        found.append("thickness_mm")
    return tuple(found)
