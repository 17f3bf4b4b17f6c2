"""Routes of the planning problem: routings of the catalogue, with modes, waits, materials and changeovers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING
from typing import Any
from uuid import UUID

from mes.catalog.choices import FORMING_PROCESSES, MACHINE_OF, MachineKind
from mes.catalog.models import ChangeoverFamily, Product
from mes.catalog.selectors import (
    ChangeoverRuleView,
    RoutingView,
    StepView,
    changeover_minutes,
    changeover_rules,
    routings_of,
)
from production.planning import problem as p
from production.plans.selectors.plant import Plant
from production.plans.selectors.pools import Pools


@dataclass(frozen=True, slots=True)
class Routes:
    """By product: its routes, the processes of their machine steps by route key, and what a doer learns of it."""

    routes: Mapping[UUID, tuple[p.Route, ...]]
    processes: Mapping[UUID, Mapping[str, tuple[str, ...]]]
    specifications: Mapping[UUID, Mapping[str, Any]]
    changeovers: tuple[p.ChangeoverMatrix, ...]


def routes_of(*, product_ids: set[UUID], plant: Plant, pools: Pools) -> Routes:
    """A handful of queries for all products together."""
    products = {row.pk: row for row in Product.objects.filter(pk__in=product_ids).select_related("grade")}
    routings = routings_of(product_ids=product_ids)
    routes = {
        key: tuple(_route(routing, products[key], plant, pools) for routing in routings.get(key, ()))
        for key in product_ids
    }
    return Routes(
        routes=routes,
        processes={key: {route.key: _processes(route) for route in its} for key, its in routes.items()},
        specifications={key: _specification(product) for key, product in products.items()},
        changeovers=_matrices(routes.values(), plant),
    )


def _route(routing: RoutingView, product: Product, plant: Plant, pools: Pools) -> p.Route:
    steps: list[p.Step] = []
    for step in routing.steps:
        if step.options or step.process in MACHINE_OF:
            needs = pools.of_step(step.process, product.pk)
            steps.append(_with(_step(step, product.needs, plant), pool_needs=needs))
        elif steps:
            waits = (*steps[-1].waits, _wait(step))
            steps[-1] = _with(steps[-1], waits=waits)
    if steps:
        materials = tuple(
            (line.material_code, int((line.kg_per_piece * 1000).to_integral_value(rounding=ROUND_CEILING)))
            for line in routing.bom
        )
        steps[0] = _with(steps[0], materials=materials)
    return p.Route(key=routing.variant, steps=tuple(steps))


def _step(step: StepView, need: str, plant: Plant) -> p.Step:
    modes = tuple(
        p.Mode(
            machine_class=machine_class,
            kind="cycle" if option.cycle_s else "rate",
            pieces_per_cycle=option.pieces_per_cycle or 1,
            cycle_s=option.cycle_s or 0,
            piece_s=option.seconds_per_piece or 0,
            setup_min=step.setup_min,
        )
        for option in step.options
        for machine_class in plant.classes_of(option.class_code, need)
    )
    return p.Step(
        process=step.process,
        modes=modes,
        forming=step.process in FORMING_PROCESSES,
        family=step.family_code,
        transfer_pieces=step.transfer_pieces,
    )


def _wait(step: StepView) -> p.Wait:
    return p.Wait(
        process=step.process,
        fixed_min=step.fixed_min,
        piece_s=step.seconds_per_piece,
        clock="firm" if step.clock == "firm" else "elapsed",
    )


def _with(step: p.Step, **changes: Any) -> p.Step:
    return replace(step, **changes)


def _processes(route: p.Route) -> tuple[str, ...]:
    return tuple(step.process for step in route.steps)


def _specification(product: Product) -> Mapping[str, Any]:
    """What another firm must know to make it, frozen when a placement is proposed."""
    return {
        "product": product.code,
        "name_zh": product.name_zh,
        "name_en": product.name_en,
        "form": product.form,
        "length_mm": product.length_mm,
        "width_mm": product.width_mm,
        "thickness_mm": product.thickness_mm,
        "unit_mass_g": product.unit_mass_g,
        "grade": product.grade.code,
        "colour": product.colour,
    }


def _matrices(routes: Iterable[tuple[p.Route, ...]], plant: Plant) -> tuple[p.ChangeoverMatrix, ...]:
    """One matrix for each kind of machine, over the families that its machines have or will need."""
    kind_of = {key: row.machine_class.kind for key, row in plant.rows.items()}
    kind_of_class = {machine.machine_class: kind_of[machine.key] for machine in plant.machines}
    needed: dict[str, set[str]] = {kind: set() for kind in MachineKind.values}
    for route in (route for its in routes for route in its):
        for step in route.steps:
            for mode in step.modes:
                if mode.machine_class in kind_of_class:
                    needed[kind_of_class[mode.machine_class]].add(step.family)
    for machine in plant.machines:
        needed[kind_of[machine.key]].add(machine.family_at_zero)
    codes = set().union(*needed.values()) - {""}
    families = {row.code: row for row in ChangeoverFamily.objects.filter(code__in=codes)}
    rules = changeover_rules()
    return tuple(_matrix(kind, needed[kind] - {""}, families, rules) for kind in MachineKind.values)


def _matrix(
    kind: str, codes: set[str], families: Mapping[str, ChangeoverFamily], rules: tuple[ChangeoverRuleView, ...]
) -> p.ChangeoverMatrix:
    minutes = []
    rules = tuple(rule for rule in rules if rule.kind == kind)
    for after in sorted(codes):
        for before in ("", *sorted(codes)):
            needed_min = changeover_minutes(rules=rules, kind=kind, before=families.get(before), after=families[after])
            if needed_min:
                minutes.append((before, after, needed_min))
    return p.ChangeoverMatrix(key=kind, minutes=tuple(minutes))
