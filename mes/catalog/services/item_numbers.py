"""What a firm's own programs call products."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from mes.catalog.models import MOST_ITEM_NUMBER, ItemNumber
from mes.catalog.selectors import item_number_get, product_get
from mes.core import audit
from mes.core.actors import Actor
from mes.core.bounds import check_text
from mes.firms.access import require, required_firm


@transaction.atomic
def item_number_set(*, actor: Actor, number: str, product_id: UUID) -> tuple[ItemNumber, bool]:
    """Lets the firm's number stand for a product, in place of the one that it stood for; whether it is new.

    Said again, nothing changes. Raises InvalidValue at `/number`, NotFound for a product that the firm cannot know,
    NotPermitted.
    """
    firm_id = required_firm(actor, "item_number.set")
    product = product_get(actor=actor, product_id=product_id)
    check_text(number, MOST_ITEM_NUMBER, "/number")
    row, new = ItemNumber.objects.select_for_update(of=("self",)).get_or_create(
        firm_id=firm_id, number=number, defaults={"product": product}
    )
    if new or row.product_id != product.pk:
        before = None if new else row.product.code
        row.product = product
        row.save(update_fields=["product"])
        changes = {"product": audit.Change(before, product.code)}
        audit.record(actor=actor, verb="item_number.set", obj=row, firm_id=row.firm_id, changes=changes)
    return row, new


@transaction.atomic
def item_number_drop(*, actor: Actor, number: str) -> None:
    """The number stands for nothing any more; orders keep their products. Raises NotFound, NotPermitted."""
    require(actor, "item_number.drop")
    row = item_number_get(actor=actor, number=number)
    changes = audit.removed({"number": number, "product": row.product.code})
    audit.record(actor=actor, verb="item_number.drop", obj=row, firm_id=row.firm_id, changes=changes)
    row.delete()
