"""Writes of lots."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from mes.catalog.models import Material, Product
from mes.catalog.selectors import product_get
from mes.core import audit
from mes.core.actors import Actor
from mes.core.errors import InvalidValue, NotFound
from mes.core.numbering import next_number
from mes.firms.access import required_firm
from mes.lots.choices import LotKind
from mes.lots.models import Lot

LENGTHS = {"code": 40, "external_ref": 80, "supplier_name": 80, "supplier_lot": 60}


@transaction.atomic
def lot_register(
    *,
    actor: Actor,
    material_code: str | None = None,
    product_id: UUID | None = None,
    code: str | None = None,
    external_ref: str | None = None,
    supplier_name: str = "",
    supplier_lot: str = "",
) -> Lot:
    """The identity of a lot of the actor's firm: of a material that came, or of a product that it made.

    Without a `code` the firm's next lot number is taken. Raises InvalidValue with a pointer to the field, NotFound for
    an unknown material or product, NotPermitted.
    """
    firm_id = required_firm(actor, "lot.register")
    texts = {"external_ref": external_ref or "", "supplier_name": supplier_name, "supplier_lot": supplier_lot}
    for name, text in texts.items():
        if len(text) > LENGTHS[name]:
            raise InvalidValue(_("The text is too long."), pointer=f"/{name}")
    material, product = _content(actor, material_code, product_id)
    lots = Lot.objects.filter(firm_id=firm_id)
    if external_ref is not None and lots.filter(external_ref=external_ref).exists():
        raise InvalidValue(_("A lot with this number of yours exists."), pointer="/external_ref")
    lot = Lot.objects.create(
        firm_id=firm_id,
        code=_number(firm_id, code),
        external_ref=external_ref,
        kind=LotKind.MATERIAL if material else LotKind.PRODUCT,
        material=material,
        product=product,
        supplier_name=supplier_name,
        supplier_lot=supplier_lot,
    )
    changes = {"code": lot.code, "kind": lot.kind}
    audit.record(actor=actor, verb="lot.register", obj=lot, firm_id=lot.firm_id, changes=changes)
    return lot


def _content(
    actor: Actor, material_code: str | None, product_id: UUID | None
) -> tuple[Material | None, Product | None]:
    if (material_code is None) == (product_id is None):
        raise InvalidValue(_("A lot is of a material or of a product."), pointer="/material_code")
    if product_id is not None:
        return None, product_get(actor=actor, product_id=product_id)
    material = Material.objects.filter(code=material_code).first()
    if material is None:
        raise NotFound
    return material, None


def _number(firm_id: UUID, code: str | None) -> str:
    lots = Lot.objects.filter(firm_id=firm_id)
    if code is not None:
        if not code.strip() or len(code) > LENGTHS["code"] or lots.filter(code=code).exists():
            raise InvalidValue(_("The number is empty, too long or taken."), pointer="/code")
        return code
    while True:
        number = f"L{next_number(firm_id=firm_id, series='lot'):06d}"
        if not lots.filter(code=number).exists():
            return number
