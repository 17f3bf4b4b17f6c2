"""The park's standard products, which the association keeps."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from mes.catalog.choices import APPROVALS
from mes.catalog.models import MOST_G, MOST_NAME, Product
from mes.core import audit
from mes.core.actors import Actor
from mes.core.bounds import check_text, check_whole_number
from mes.core.errors import InvalidValue, NotAllowedInState, NotFound
from mes.firms.access import require


class StandardChanges(TypedDict, total=False):
    """What may change of a standard product. Another size, grade or colour is another product, with its own routings.

    `unit_mass_g`: of a piece; what is agreed or declined already keeps its weight. `needs`: a code of APPROVALS or
    nothing.
    """

    name_zh: str
    name_en: str
    unit_mass_g: int
    needs: str


@transaction.atomic
def standard_product_change(*, actor: Actor, product_id: UUID, changes: StandardChanges) -> Product:
    """Changes a standard product for all members; the next plan goes by it. What is as it was is not audited.

    Raises NotPermitted, NotFound for a firm's own product, InvalidValue with a pointer to the field.
    """
    require(actor, "catalogue.edit")
    product = _locked(product_id)
    _check(changes)
    changed = audit.changed(product, changes)
    for name, change in changed.items():
        setattr(product, name, change.new)
    if changed:
        product.save(update_fields=list(changed))
        audit.record(actor=actor, verb="catalogue.edit", obj=product, firm_id=None, changes=changed)
    return product


@transaction.atomic
def standard_product_retire(*, actor: Actor, product_id: UUID, now: datetime) -> Product:
    """Takes a standard product out of the offer: new order lines refuse it, those that there are go on.

    `now`: the park's time. Raises NotPermitted, NotFound, NotAllowedInState when it is retired already.
    """
    require(actor, "catalogue.edit")
    product = _locked(product_id)
    if product.retired_at is not None:
        raise NotAllowedInState(_("The product is retired already."))
    return _retired_at(actor, product, now)


@transaction.atomic
def standard_product_restore(*, actor: Actor, product_id: UUID) -> Product:
    """Takes a retired standard product into the offer again. Raises NotPermitted, NotFound, NotAllowedInState."""
    require(actor, "catalogue.edit")
    product = _locked(product_id)
    if product.retired_at is None:
        raise NotAllowedInState(_("The product is not retired."))
    return _retired_at(actor, product, None)


def _locked(product_id: UUID) -> Product:
    product = Product.objects.select_for_update(of=("self",)).filter(pk=product_id, firm=None).first()
    if product is None:
        raise NotFound
    return product


def _check(changes: StandardChanges) -> None:
    if not changes or not changes.keys() <= StandardChanges.__annotations__.keys():
        raise InvalidValue(_("Nothing is changed, or a field that cannot be changed."))
    if "name_zh" in changes:
        check_text(changes["name_zh"], MOST_NAME, "/name_zh")
    if "name_en" in changes:
        check_text(changes["name_en"], MOST_NAME, "/name_en", may_be_empty=True)
    if "unit_mass_g" in changes:
        check_whole_number(changes["unit_mass_g"], MOST_G, "/unit_mass_g")
    if changes.get("needs", "") not in {"", *APPROVALS}:
        raise InvalidValue(_("There is no such approval."), pointer="/needs")


def _retired_at(actor: Actor, product: Product, moment: datetime | None) -> Product:
    changes = audit.changed(product, {"retired_at": moment})
    product.retired_at = moment
    product.save(update_fields=["retired_at"])
    audit.record(actor=actor, verb="catalogue.edit", obj=product, firm_id=None, changes=changes)
    return product
