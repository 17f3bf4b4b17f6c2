"""A firm's own product as its own system knows it: made when its code is new, else brought to what is said."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from mes.catalog.models import Product, Routing
from mes.catalog.selectors import RoutingView, routings_of
from mes.catalog.services.products import (
    Known,
    ProductDraft,
    RoutingDraft,
    check_number_free,
    check_product,
    check_routings,
    insert_routings,
    keep_envelope,
    product_create,
)
from mes.core import audit
from mes.core.actors import Actor
from mes.core.choices import Outcome
from mes.core.errors import InvalidValue
from mes.firms.access import required_firm

_STAYS = ("form", "length_mm", "width_mm", "thickness_mm", "colour")
_CHANGES = ("name_zh", "name_en", "unit_mass_g", "needs", "external_ref")


@transaction.atomic
def product_put(*, actor: Actor, draft: ProductDraft) -> tuple[Product, Outcome]:
    """Makes the product of the actor's firm with this code, or changes the one that there is; what became of it.

    What the draft leaves empty stays, the routings too; routings that differ are replaced as a whole, and the next plan
    goes by them. Another form, size, grade or colour is another product. Raises as product_create.
    """
    own = Product.objects.filter(firm_id=required_firm(actor, "product.change"))
    product = own.select_for_update(of=("self",)).select_related("grade").filter(code=draft.code).first()
    if product is None:
        return product_create(actor=actor, draft=draft), Outcome.MADE
    check_product(draft)
    _check_same(product, draft)
    check_number_free(own.exclude(pk=product.pk), draft.external_ref)
    said = {name: getattr(draft, name) for name in _CHANGES if getattr(draft, name) not in {"", None}}
    changes: dict[str, Any] = dict(audit.changed(product, said))
    for name in changes:
        setattr(product, name, said[name])
    if changes:
        product.save(update_fields=list(changes))
        keep_envelope(product)
    changes |= _replaced(product, draft)
    if changes:
        audit.record(actor=actor, verb="product.change", obj=product, firm_id=product.firm_id, changes=changes)
    return product, Outcome.CHANGED if changes else Outcome.UNCHANGED


def _check_same(product: Product, draft: ProductDraft) -> None:
    said = {name: getattr(draft, name) for name in _STAYS} | {"grade_code": draft.grade_code}
    there = {name: getattr(product, name) for name in _STAYS} | {"grade_code": product.grade.code}
    for name, value in said.items():
        if value is not None and value != there[name]:
            raise InvalidValue(
                _("Another form, size, grade or colour is another product, with a code of its own."), pointer=f"/{name}"
            )


def _replaced(product: Product, draft: ProductDraft) -> dict[str, audit.Change]:
    """Puts the draft's routings in the place of others."""
    there = routings_of(product_ids={product.pk}).get(product.pk, ())
    if not draft.routings or [_of_draft(routing) for routing in draft.routings] == [_of_view(view) for view in there]:
        return {}
    known = Known()
    check_routings(draft, known)
    Routing.objects.filter(product=product).delete()
    insert_routings(product, draft.routings, known)
    return {"routings": audit.Change([view.variant for view in there], [routing.variant for routing in draft.routings])}


def _of_draft(routing: RoutingDraft) -> tuple[Any, ...]:
    """What a routing says, to be compared."""
    steps = [
        (
            step.process,
            step.family_code or "",
            (step.setup_min, step.fixed_min, step.seconds_per_piece, step.clock, step.transfer_pieces),
            {(one.class_code, one.pieces_per_cycle, one.cycle_s, one.seconds_per_piece) for one in step.options},
        )
        for step in routing.steps
    ]
    return routing.variant, steps, {code: Decimal(kg) for code, kg in routing.bom.items()}


def _of_view(routing: RoutingView) -> tuple[Any, ...]:
    steps = [
        (
            step.process,
            step.family_code,
            (step.setup_min, step.fixed_min, step.seconds_per_piece, step.clock, step.transfer_pieces),
            {(one.class_code, one.pieces_per_cycle, one.cycle_s, one.seconds_per_piece) for one in step.options},
        )
        for step in routing.steps
    ]
    return routing.variant, steps, {line.material_code: line.kg_per_piece for line in routing.bom}
