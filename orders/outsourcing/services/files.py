"""Files of an outsource order: a drawing goes to the doer, a delivery ticket or a photo comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from mes.core import audit
from mes.core.actors import Actor, DatabaseRole
from mes.core.errors import NotAllowedInState, NotPermitted
from mes.core.wall import switched
from mes.files.services import bytes_keep
from mes.firms.access import require, required_firm
from orders.outsourcing.choices import OVER, OutsourceStatus
from orders.outsourcing.models import OutsourceFile, OutsourceOrder
from orders.outsourcing.selectors import outsource_file_get, outsource_order_get


@transaction.atomic
def outsource_file_add(*, actor: Actor, order_id: UUID, content: bytes, name: str, said: str = "") -> OutsourceFile:
    """A party attaches a file, which takes room of its own firm and which both parties read.

    `said`: the media type that the sender gives. Raises as bytes_keep, NotFound for a firm that is no party,
    NotPermitted, NotAllowedInState for a cancelled order.
    """
    firm_id = required_firm(actor, "outsource_file.add")
    order = outsource_order_get(actor=actor, order_id=order_id)
    require(actor, "outsource_file.add", order)
    if order.status == OutsourceStatus.CANCELLED:
        raise NotAllowedInState
    kept = bytes_keep(firm_id=firm_id, content=content, name=name, said=said)
    with switched(DatabaseRole.EXCHANGE):
        row = OutsourceFile.objects.create(
            giver_id=order.giver_id, doer_id=order.doer_id, order=order, sender_id=firm_id, **asdict(kept)
        )
        _tell(actor, row, "outsource_file.add", kept.told())
    return row


@transaction.atomic
def outsource_file_drop(*, actor: Actor, file_id: UUID, now: datetime) -> OutsourceFile:
    """Who has sent a file takes it back while the order goes on; its room is free a day after `now`.

    `now`: the database's time. Raises NotFound for a firm that is no party, NotPermitted for the other party,
    NotAllowedInState once the goods are received.
    """
    row = outsource_file_get(actor=actor, file_id=file_id)
    require(actor, "outsource_file.drop", row)
    if not OutsourceFile.objects.filter(pk=row.pk, sender_id=required_firm(actor, "outsource_file.drop")).exists():
        raise NotPermitted
    with switched(DatabaseRole.EXCHANGE):
        order = OutsourceOrder.objects.select_for_update(of=("self",)).get(pk=row.order_id)
        if order.status in OVER:
            raise NotAllowedInState(_("The order is over: its files stay."))
        row.removed_at = now
        row.save(update_fields=["removed_at"])
        _tell(actor, row, "outsource_file.drop", {"sha256": row.sha256})
    return row


def _tell(actor: Actor, row: OutsourceFile, verb: str, changes: Mapping[str, Any]) -> None:
    for firm_id in sorted({row.giver_id, row.doer_id}):
        audit.record(actor=actor, verb=verb, obj=row, firm_id=firm_id, changes=changes)
