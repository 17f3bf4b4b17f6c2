"""What the firm's own machines lack for a step that none of them can do. It tells nothing of other firms' machines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from mes.catalog.choices import MACHINE_OF
from mes.catalog.models import MachineClass, Product
from mes.catalog.selectors import envelope_shortfall
from production.machines.choices import MachineStatus
from production.machines.models import FirmApproval, Machine


@dataclass(frozen=True, slots=True)
class Want:
    """A step of a firm's product that needs a machine: of one of the classes, by code."""

    firm_id: UUID
    product_id: UUID
    process: str
    class_codes: frozenset[str]


def envelopes_missing(wants: Iterable[Want]) -> dict[Want, Mapping[str, Any]]:
    """By want, as data of a reason: `wanted`, the piece and the approval that it needs; `machines`, the firm's own of
    the right kind with what each `lacks`; `missing`, what even the nearest of them lacks.

    What may be lacking: `length_mm`, `width_mm`, `thickness_mm` (the piece is larger), `approval`, `routing` (the
    product's routing has no time for the class), `installed`, `hours`; or, without such a machine, its kind. Three
    queries. For the planner's role.
    """
    wanted = set(wants)
    firms = {want.firm_id for want in wanted}
    machines: defaultdict[UUID, list[Machine]] = defaultdict(list)
    for machine in Machine.objects.filter(firm_id__in=firms).select_related("machine_class").order_by("code"):
        machines[machine.firm_id].append(machine)
    approvals = set(FirmApproval.objects.filter(firm_id__in=firms).values_list("firm_id", "code"))
    products = Product.objects.in_bulk([want.product_id for want in wanted])
    found: dict[Want, Mapping[str, Any]] = {}
    for want in wanted:
        product = products[want.product_id]
        approved = not product.needs or (want.firm_id, product.needs) in approvals
        found[want] = _missing(want, product, machines[want.firm_id], approved=approved)
    return found


def _missing(want: Want, product: Product, machines: Iterable[Machine], *, approved: bool) -> Mapping[str, Any]:
    kind = MACHINE_OF[want.process]
    own = [
        {"machine": machine.code, "lacks": _lacks(want, product, machine, approved=approved)}
        for machine in machines
        if machine.machine_class.kind == kind
    ]
    nearest = min((entry["lacks"] for entry in own), key=len, default=[str(kind)])
    return {"wanted": _wanted(product), "machines": own, "missing": nearest}


def _lacks(want: Want, product: Product, machine: Machine, *, approved: bool) -> list[str]:
    lacks = list(_too_large_for(machine.machine_class, product))
    if not lacks and machine.machine_class.code not in want.class_codes:
        lacks.append("routing")
    if not approved:
        lacks.append("approval")
    if machine.status != MachineStatus.INSTALLED:
        lacks.append("installed")
    return lacks or ["hours"]


def _too_large_for(machine_class: MachineClass, product: Product) -> tuple[str, ...]:
    return envelope_shortfall(
        machine_class,
        length_mm=product.length_mm,
        width_mm=product.width_mm,
        thickness_mm=product.thickness_mm,
    )


def _wanted(product: Product) -> Mapping[str, Any]:
    piece = {"length_mm": product.length_mm, "width_mm": product.width_mm, "thickness_mm": product.thickness_mm}
    return piece | ({"approval": product.needs} if product.needs else {})
