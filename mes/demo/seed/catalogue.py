"""Grades, materials, machine classes, changeovers, products and how they are made: the park's standards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from mes.catalog import models
from mes.catalog.choices import MaterialKind
from mes.core.money import to_cny
from mes.core.units import GRAMS_PER_KG
from mes.demo.sample import shapes
from mes.demo.seed.index import Index


def seed_catalogue(*, sample: shapes.Sample, index: Index) -> None:
    """All standards of the catalogue. Needs no other rows."""
    park = sample.park
    _grades(park, index)
    _materials(park, index)
    _machine_classes(park, index)
    _changeovers(sample, index)
    _transport(park.transport)
    _products(park, index)
    _routings(park, index)


def blank_mass_g(park: shapes.Park) -> Mapping[str, int]:
    """Grams of one blank: the gross mass of the parts that are cut from it."""
    return {
        line.item_code: int(line.pieces_per_blank * _gross_kg(product) * GRAMS_PER_KG)
        for product in park.products
        for routing in product.routings
        for line in routing.bom
        if line.pieces_per_blank
    }


def _gross_kg(product: shapes.Product) -> Decimal:
    return (product.unit_mass_kg * product.gross_factor).quantize(Decimal("0.001"))


def _grades(park: shapes.Park, index: Index) -> None:
    grades = [
        models.Grade(
            code=row.code,
            name_zh=row.name_zh,
            name_en=row.name_en,
            family=row.family,
            molecular_weight=row.molecular_weight,
        )
        for row in park.grades
    ]
    models.Grade.objects.bulk_create(grades)
    index.grades.update({grade.code: grade.pk for grade in grades})


def _materials(park: shapes.Park, index: Index) -> None:
    grades = {row.code: row for row in park.grades}
    kinds = {line.item_code: line.kind for _product, routing in _all_routings(park) for line in routing.bom}
    kinds |= dict.fromkeys(grades, MaterialKind.RESIN.value)
    materials = [
        models.Material(
            code=code,
            kind=kind,
            name_zh=grades[code].name_zh if code in grades else "",
            name_en=grades[code].name_en if code in grades else "",
            grade_id=index.grades.get(code),
        )
        for code, kind in sorted(kinds.items())
    ]
    models.Material.objects.bulk_create(materials)
    index.materials.update({material.code: material.pk for material in materials})


def _machine_classes(park: shapes.Park, index: Index) -> None:
    classes = [
        models.MachineClass(
            code=row.code,
            kind=row.kind,
            name_zh=row.name_zh,
            name_en=row.name_en,
            daylights=row.daylights,
            platen_length_mm=row.platen_length_mm,
            platen_width_mm=row.platen_width_mm,
            max_thickness_mm=row.max_thickness_mm,
            load_min=row.load_min,
            connected_kw=row.connected_kw,
            floor_m2=row.floor_m2,
        )
        for row in park.machine_classes
    ]
    models.MachineClass.objects.bulk_create(classes)
    index.classes.update({row.code: row.pk for row in classes})


def _changeovers(sample: shapes.Sample, index: Index) -> None:
    recipes = {
        step.recipe.code: step.recipe
        for _product, routing in _all_routings(sample.park)
        for step in routing.steps
        if step.recipe
    }
    recipes |= {setup.recipe.code: setup.recipe for setup in sample.setups}
    families = [
        models.ChangeoverFamily(
            code=code,
            grade_family=recipe.grade_family,
            colour=recipe.colour,
            colour_depth=recipe.colour_depth,
            thickness_mm=recipe.thickness_mm,
            pattern=recipe.pattern,
            die=recipe.die,
            boron=recipe.boron,
            medical=recipe.medical,
        )
        for code, recipe in sorted(recipes.items())
    ]
    models.ChangeoverFamily.objects.bulk_create(families)
    index.families.update({family.code: family.pk for family in families})
    models.ChangeoverRule.objects.bulk_create(
        models.ChangeoverRule(
            kind=row.kind,
            attribute=row.attribute,
            change=row.change,
            group=row.group,
            minutes=row.minutes,
            loss_kg=row.loss_kg,
        )
        for row in sample.park.changeovers
    )


def _transport(law: shapes.TransportLaw) -> None:
    models.TransportTariff.objects.create(
        fixed_min=law.fixed_min,
        min_per_km=law.min_per_km,
        truck_kg=law.truck_kg,
        fixed_cny_per_truck=to_cny(law.fixed_fen_per_truck),
        cny_per_km=to_cny(law.fen_per_km),
        handling_cny_per_t=to_cny(law.handling_fen_per_t),
    )


def _products(park: shapes.Park, index: Index) -> None:
    products = [
        models.Product(
            code=row.code,
            name_zh=row.name_zh,
            name_en=row.name_en,
            form=row.form,
            length_mm=row.length_mm,
            width_mm=row.width_mm,
            thickness_mm=row.thickness_mm,
            unit_mass_g=int(row.unit_mass_kg * GRAMS_PER_KG),
            grade_id=index.grades[row.grade_code],
            colour=row.colour,
            needs=row.needs,
        )
        for row in park.products
    ]
    models.Product.objects.bulk_create(products)
    index.products.update({product.code: product.pk for product in products})


def _routings(park: shapes.Park, index: Index) -> None:
    routings: list[models.Routing] = []
    steps: list[models.RoutingStep] = []
    options: list[models.StepOption] = []
    bom: list[models.BomLine] = []
    for product, row in _all_routings(park):
        routing = models.Routing(
            product_id=index.products[product.code], variant=row.variant, preference=row.preference
        )
        routings.append(routing)
        bom += _bom_lines(product, row, routing, index)
        for step_row in row.steps:
            step = _step(step_row, routing, index)
            steps.append(step)
            options += _options(step_row, step, index)
    models.Routing.objects.bulk_create(routings)
    models.RoutingStep.objects.bulk_create(steps)
    models.StepOption.objects.bulk_create(options)
    models.BomLine.objects.bulk_create(bom)


def _step(row: shapes.Step, routing: models.Routing, index: Index) -> models.RoutingStep:
    return models.RoutingStep(
        routing=routing,
        number=row.number,
        process=row.process,
        family_id=index.families[row.recipe.code] if row.recipe else None,
        setup_min=row.setup_min,
        fixed_min=row.fixed_min,
        seconds_per_piece=row.seconds_per_piece,
        clock=row.clock,
        transfer_pieces=row.transfer_pieces,
    )


def _options(row: shapes.Step, step: models.RoutingStep, index: Index) -> Iterator[models.StepOption]:
    for option in row.options:
        yield models.StepOption(
            step=step,
            machine_class_id=index.classes[option.class_code],
            pieces_per_cycle=option.pieces_per_cycle,
            cycle_s=option.cycle_s,
            seconds_per_piece=option.seconds_per_piece,
        )


def _bom_lines(
    product: shapes.Product, row: shapes.Routing, routing: models.Routing, index: Index
) -> Iterator[models.BomLine]:
    """A part cut from a blank takes its share of the blank's mass, so that stock is one quantity: grams."""
    for line in row.bom:
        yield models.BomLine(
            routing=routing,
            material_id=index.materials[line.item_code],
            kg_per_piece=_gross_kg(product) if line.pieces_per_blank else line.kg_per_piece,
            pieces_per_blank=line.pieces_per_blank,
        )


def _all_routings(park: shapes.Park) -> Iterator[tuple[shapes.Product, shapes.Routing]]:
    for product in park.products:
        for routing in product.routings:
            yield product, routing
