"""Scenarios: a firm's own, what an override may name, and figures side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from mes.catalog.models import MachineClass, Product
from mes.core.actors import Actor
from mes.core.errors import NotFound, NotPermitted
from mes.core.keyset import MomentKey, page_after
from mes.firms.choices import FirmStatus
from mes.firms.models import Firm
from orders.sales.models import SalesOrderLine
from production.machines.choices import MachineStatus, OfferStatus
from production.machines.models import CapacityOffer, Machine
from production.planning.scenario.override import Override
from production.plans.choices import ScenarioState
from production.plans.models import Scenario, ScenarioLine

NAMES = ("machine", "firm", "machine_class", "offer", "line")
Named = tuple[str, str]
"""A field of an override and the key that it gives."""


def scenarios_page(*, actor: Actor, limit: int, after: MomentKey | None = None) -> list[Scenario]:
    """The firm's scenarios by time and key, discarded ones left out. Two queries. Raises NotPermitted."""
    return page_after(_own(actor), by="created_at", after=after, limit=limit)


def scenario_get(*, actor: Actor, scenario_id: UUID) -> Scenario:
    """One scenario of the firm. Raises NotFound, NotPermitted."""
    row = _own(actor).filter(pk=scenario_id).first()
    if row is None:
        raise NotFound
    return row


def compared_with(base_id: UUID) -> list[Scenario]:
    """The scenarios of a snapshot that are not discarded, the oldest first."""
    rows = Scenario.objects.filter(base_id=base_id).exclude(state=ScenarioState.DISCARDED)
    return list(rows.select_related("base").order_by("created_at", "pk"))


def keys_seen(overrides: Iterable[Override]) -> frozenset[Named]:
    """What the overrides name and the reader sees: installed machines, members, classes, offers and order lines.

    One query for each kind of thing that is named.
    """
    wanted = {name: {str(getattr(item, name)) for item in overrides if item.is_about(name)} for name in NAMES}
    return frozenset((name, key) for name in NAMES if wanted[name] for key in _seen(name, wanted[name]))


def lines_of_own_products(keys: Sequence[str]) -> frozenset[str]:
    """Those of the order lines whose product the reader does not see, or is a firm's: it is made at home."""
    rows = list(_lines(keys))
    standard = set(
        Product.objects.filter(pk__in=[row.product_id for row in rows], firm=None).values_list("pk", flat=True)
    )
    return frozenset(line_key(row) for row in rows if row.product_id not in standard) & frozenset(keys)


def line_key(line: SalesOrderLine) -> str:
    """The planning problem's key of a line."""
    return f"{line.firm.code}:{line.order.number}:{line.number}"


def _seen(name: str, keys: set[str]) -> Iterator[str]:
    codes = {key.partition(":")[2] for key in keys}
    if name == "machine":
        rows = Machine.objects.filter(code__in=codes, status=MachineStatus.INSTALLED)
        yield from (f"{firm}:{code}" for firm, code in rows.values_list("firm__code", "code"))
    elif name == "firm":
        yield from Firm.objects.filter(code__in=keys, status=FirmStatus.MEMBER).values_list("code", flat=True)
    elif name == "machine_class":
        yield from MachineClass.objects.filter(code__in=keys).values_list("code", flat=True)
    elif name == "offer":
        offers = CapacityOffer.objects.filter(code__in=codes, status=OfferStatus.PUBLISHED)
        yield from (f"{firm}:{code}" for firm, code in offers.values_list("firm__code", "code"))
    else:
        yield from (line_key(row) for row in _lines(sorted(keys)))


def _lines(keys: Sequence[str]) -> QuerySet[SalesOrderLine]:
    numbers = {key.partition(":")[2].rpartition(":")[0] for key in keys}
    return SalesOrderLine.objects.filter(order__number__in=numbers).select_related("firm", "order")


def _own(actor: Actor) -> QuerySet[Scenario]:
    if actor.firm_id is None:
        raise NotPermitted
    lines = ScenarioLine.objects.order_by("due_at", "label")
    rows = Scenario.objects.filter(firm_id=actor.firm_id).exclude(state=ScenarioState.DISCARDED)
    return rows.select_related("base").prefetch_related(Prefetch("lines", lines))
