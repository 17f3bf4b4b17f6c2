"""What a material must keep to."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from mes.catalog.models import Material
from mes.core import audit
from mes.core.actors import Actor
from mes.core.bounds import check_text
from mes.core.errors import InvalidValue, NotFound
from mes.firms.access import require
from procurement.supply.choices import Property
from procurement.supply.models import MOST_TEXT, ResinLimit
from procurement.supply.models.quality import MOST_VALUE


@transaction.atomic
def limit_set(
    *,
    actor: Actor,
    material_id: UUID,
    property: str,  # noqa: A002 - as the field is called
    method: str = "",
    least: Decimal | None = None,
    most: Decimal | None = None,
) -> ResinLimit:
    """A limit of a material, in the property's own unit; with a method (or an equation) for what is measured by it.

    Lots that are judged stay as they are. Raises InvalidValue, NotFound, NotPermitted.
    """
    require(actor, "resin_limit.set")
    material = Material.objects.filter(pk=material_id).first()
    if material is None:
        raise NotFound
    if property not in Property.values:
        raise InvalidValue(pointer="/property")
    check_text(method, MOST_TEXT, "/method", may_be_empty=True)
    for name, value in (("least", least), ("most", most)):
        if value is not None and not (value.is_finite() and 0 <= value <= MOST_VALUE):
            raise InvalidValue(pointer=f"/{name}")
    if (least is None and most is None) or (least is not None and most is not None and least > most):
        raise InvalidValue(_("A limit has a least or a most, in order."), pointer="/least")
    key: dict[str, Any] = {"material": material, "property": property, "method": method}
    before = ResinLimit.objects.filter(**key).first()
    values: dict[str, Any] = {"least": least, "most": most}
    changes = audit.changed(before, values)
    row, _new = ResinLimit.objects.update_or_create(**key, defaults=values)
    audit.record(actor=actor, verb="resin_limit.set", obj=row, firm_id=None, changes=changes)
    return row
