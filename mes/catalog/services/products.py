"""A firm's own products with the ways to make them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from mes.catalog.choices import FORMING_PROCESSES, MACHINE_OF, Process, StepClock
from mes.catalog.models import (
    MOST_G,
    MOST_MM,
    MOST_NAME,
    MOST_PIECES,
    MOST_S,
    BomLine,
    ChangeoverFamily,
    Grade,
    MachineClass,
    Material,
    Product,
    ProductEnvelope,
    Routing,
    RoutingStep,
    StepOption,
)
from mes.catalog.selectors import envelope_shortfall
from mes.core import audit
from mes.core.actors import Actor
from mes.core.bounds import check_text, check_whole_number
from mes.core.errors import InvalidValue
from mes.core.units import GRAMS_PER_KG
from mes.firms.access import required_firm

MOST_STEPS = 50
STEP_NUMBERS_APART = 10


@dataclass(frozen=True, slots=True)
class OptionDraft:
    """A machine class for a step: `pieces_per_cycle` with `cycle_s`, or `seconds_per_piece`."""

    class_code: str
    pieces_per_cycle: int | None = None
    cycle_s: int | None = None
    seconds_per_piece: int | None = None


@dataclass(frozen=True, slots=True)
class StepDraft:
    """One operation, in its place; fields as in RoutingStep. Without options it is time without a machine."""

    process: str
    options: Sequence[OptionDraft] = ()
    family_code: str | None = None
    setup_min: int = 0
    fixed_min: int = 0
    seconds_per_piece: int = 0
    clock: str = StepClock.FIRM
    transfer_pieces: int | None = None


@dataclass(frozen=True, slots=True)
class RoutingDraft:
    """A way to make a product. `bom`: kg per piece by material code, gross of trim and reject."""

    variant: str
    steps: Sequence[StepDraft]
    bom: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProductDraft:
    """A product with its routings, the preferred first. Dimensions in mm, the mass of a piece in g."""

    code: str
    name_zh: str
    form: str
    length_mm: int
    thickness_mm: int
    unit_mass_g: int
    grade_code: str
    colour: str
    routings: Sequence[RoutingDraft]
    width_mm: int | None = None
    name_en: str = ""
    needs: str = ""
    external_ref: str | None = None


@transaction.atomic
def product_create(*, actor: Actor, draft: ProductDraft) -> Product:
    """A product of the actor's firm, which no other firm and nobody of the association sees, with its routings.

    The association sees its family, mass and envelope, which are written beside it.
    Each routing has a machine in its first step and at most one forming step; its machine classes are of the kind
    that the process needs, and the piece fits their envelope. Raises InvalidValue with a pointer to the field
    (`/routings/0/steps/1/options/0/class_code`), NotPermitted.
    """
    firm_id = required_firm(actor, "product.create")
    check_product(draft)
    _check_free(firm_id, draft)
    known = Known()
    check_routings(draft, known)
    product = _insert_product(firm_id, draft, known)
    keep_envelope(product)
    insert_routings(product, draft.routings, known)
    changes = {"code": product.code, "routings": [routing.variant for routing in draft.routings]}
    audit.record(actor=actor, verb="product.create", obj=product, firm_id=firm_id, changes=changes)
    return product


class Known:
    """The park's standards by code."""

    def __init__(self) -> None:
        self.grades = {row.code: row for row in Grade.objects.all()}
        self.classes = {row.code: row for row in MachineClass.objects.all()}
        self.families = {row.code: row for row in ChangeoverFamily.objects.all()}
        self.materials = {row.code: row for row in Material.objects.all()}


def check_product(draft: ProductDraft) -> None:
    """Raises InvalidValue for a text or a measure that is out of range."""
    for name, text, longest in (
        ("code", draft.code, 30),
        ("name_zh", draft.name_zh, MOST_NAME),
        ("form", draft.form, 20),
        ("colour", draft.colour, 20),
    ):
        check_text(text, longest, f"/{name}")
    check_whole_number(draft.length_mm, MOST_MM, "/length_mm")
    check_whole_number(draft.thickness_mm, MOST_MM, "/thickness_mm")
    check_whole_number(draft.unit_mass_g, MOST_G, "/unit_mass_g")
    if draft.width_mm is not None:
        check_whole_number(draft.width_mm, MOST_MM, "/width_mm")
    if not Grade.objects.filter(code=draft.grade_code).exists():
        raise InvalidValue(_("Unknown grade."), pointer="/grade_code")


def check_number_free(products: QuerySet[Product], external_ref: str | None) -> None:
    """Raises InvalidValue when one of these products bears the firm's own number."""
    if external_ref is not None and products.filter(external_ref=external_ref).exists():
        raise InvalidValue(_("A product with this number of yours exists."), pointer="/external_ref")


def check_routings(draft: ProductDraft, known: Known) -> None:
    """Raises InvalidValue unless the product can be made so."""
    variants = Counter(routing.variant for routing in draft.routings)
    if not variants or max(variants.values()) > 1:
        raise InvalidValue(_("A product has at least one routing, each with its own variant."), pointer="/routings")
    for index, routing in enumerate(draft.routings):
        _check_routing(draft, routing, known, f"/routings/{index}")


def _check_free(firm_id: UUID, draft: ProductDraft) -> None:
    products = Product.objects.filter(firm_id=firm_id)
    if products.filter(code=draft.code).exists():
        raise InvalidValue(_("The code is taken."), pointer="/code")
    check_number_free(products, draft.external_ref)


def _check_routing(draft: ProductDraft, routing: RoutingDraft, known: Known, pointer: str) -> None:
    check_text(routing.variant, 20, f"{pointer}/variant")
    if not 0 < len(routing.steps) <= MOST_STEPS or not routing.steps[0].options:
        raise InvalidValue(_("A routing begins with a step on a machine."), pointer=f"{pointer}/steps")
    if sum(step.process in FORMING_PROCESSES for step in routing.steps) > 1:
        raise InvalidValue(_("A routing has at most one forming step."), pointer=f"{pointer}/steps")
    for index, step in enumerate(routing.steps):
        _check_step(draft, step, known, f"{pointer}/steps/{index}")
    for code, kg_per_piece in routing.bom.items():
        if code not in known.materials:
            raise InvalidValue(_("Unknown material."), pointer=f"{pointer}/bom/{code}")
        if not kg_per_piece.is_finite() or not 0 < kg_per_piece * GRAMS_PER_KG <= MOST_G:
            raise InvalidValue(_("The mass is out of range."), pointer=f"{pointer}/bom/{code}")
    if routing.bom and sum(routing.bom.values()) * GRAMS_PER_KG < draft.unit_mass_g:
        raise InvalidValue(_("A piece weighs more than what goes into it."), pointer=f"{pointer}/bom")


def _check_step(draft: ProductDraft, step: StepDraft, known: Known, pointer: str) -> None:
    if step.process not in Process.values:
        raise InvalidValue(_("Unknown process."), pointer=f"{pointer}/process")
    if bool(step.options) != (step.process in MACHINE_OF):
        raise InvalidValue(_("This process needs machines, or must not have any."), pointer=f"{pointer}/options")
    if step.clock not in StepClock.values:
        raise InvalidValue(_("The time passes always or in working hours."), pointer=f"{pointer}/clock")
    if step.family_code is not None and step.family_code not in known.families:
        raise InvalidValue(_("Unknown changeover family."), pointer=f"{pointer}/family_code")
    for name in ("setup_min", "fixed_min", "seconds_per_piece"):
        check_whole_number(getattr(step, name), MOST_S, f"{pointer}/{name}", least=0)
    if step.transfer_pieces is not None:
        check_whole_number(step.transfer_pieces, MOST_PIECES, f"{pointer}/transfer_pieces")
    if len({option.class_code for option in step.options}) != len(step.options):
        raise InvalidValue(_("Name each machine class once."), pointer=f"{pointer}/options")
    if len({option.seconds_per_piece is None for option in step.options}) > 1:
        raise InvalidValue(
            _("A step works by cycles or by seconds per piece, not by both."), pointer=f"{pointer}/options"
        )
    for index, option in enumerate(step.options):
        _check_option(draft, step, option, known, f"{pointer}/options/{index}")


def _check_option(draft: ProductDraft, step: StepDraft, option: OptionDraft, known: Known, pointer: str) -> None:
    machine_class = known.classes.get(option.class_code)
    if machine_class is None or machine_class.kind != MACHINE_OF[step.process]:
        raise InvalidValue(_("No such machine class for this process."), pointer=f"{pointer}/class_code")
    if envelope_shortfall(
        machine_class, length_mm=draft.length_mm, width_mm=draft.width_mm, thickness_mm=draft.thickness_mm
    ):
        raise InvalidValue(_("The piece does not fit the machine."), pointer=f"{pointer}/class_code")
    if option.seconds_per_piece is None:
        check_whole_number(option.pieces_per_cycle, MOST_PIECES, f"{pointer}/pieces_per_cycle")
        check_whole_number(option.cycle_s, MOST_S, f"{pointer}/cycle_s")
    elif option.pieces_per_cycle is not None or option.cycle_s is not None:
        raise InvalidValue(_("Give a cycle or seconds per piece, not both."), pointer=f"{pointer}/seconds_per_piece")
    else:
        check_whole_number(option.seconds_per_piece, MOST_S, f"{pointer}/seconds_per_piece")


def _insert_product(firm_id: UUID, draft: ProductDraft, known: Known) -> Product:
    return Product.objects.create(
        firm_id=firm_id,
        external_ref=draft.external_ref,
        code=draft.code,
        name_zh=draft.name_zh,
        name_en=draft.name_en,
        form=draft.form,
        length_mm=draft.length_mm,
        width_mm=draft.width_mm,
        thickness_mm=draft.thickness_mm,
        unit_mass_g=draft.unit_mass_g,
        grade=known.grades[draft.grade_code],
        colour=draft.colour,
        needs=draft.needs,
    )


def keep_envelope(product: Product) -> None:
    """Writes what the association is told of a firm's own product."""
    told = {
        "firm_id": product.firm_id,
        "family": product.grade.family,
        "mass_g": product.unit_mass_g,
        "length_mm": product.length_mm,
        "width_mm": product.width_mm,
        "thickness_mm": product.thickness_mm,
    }
    ProductEnvelope.objects.update_or_create(product=product, defaults=told)


def insert_routings(product: Product, drafts: Sequence[RoutingDraft], known: Known) -> None:
    """The ways to make a product that has none, the preferred first."""
    for index, routing in enumerate(drafts):
        _insert_routing(product, routing, known, preference=index + 1)


def _insert_routing(product: Product, draft: RoutingDraft, known: Known, *, preference: int) -> None:
    firm_id = product.firm_id
    routing = Routing.objects.create(firm_id=firm_id, product=product, variant=draft.variant, preference=preference)
    for index, step in enumerate(draft.steps):
        row = RoutingStep.objects.create(
            firm_id=firm_id,
            routing=routing,
            number=(index + 1) * STEP_NUMBERS_APART,
            process=step.process,
            family=known.families[step.family_code] if step.family_code else None,
            setup_min=step.setup_min,
            fixed_min=step.fixed_min,
            seconds_per_piece=step.seconds_per_piece,
            clock=step.clock,
            transfer_pieces=step.transfer_pieces,
        )
        StepOption.objects.bulk_create(
            StepOption(
                firm_id=firm_id,
                step=row,
                machine_class=known.classes[option.class_code],
                pieces_per_cycle=option.pieces_per_cycle,
                cycle_s=option.cycle_s,
                seconds_per_piece=option.seconds_per_piece,
            )
            for option in step.options
        )
    BomLine.objects.bulk_create(
        BomLine(firm_id=firm_id, routing=routing, material=known.materials[code], kg_per_piece=kg_per_piece)
        for code, kg_per_piece in sorted(draft.bom.items())
    )
