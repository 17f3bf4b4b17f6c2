"""How a firm leaves: the last of the membership's moves, which looks at what it shares with other members."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mes.core import audit, outbox
from mes.core.actors import Actor, DatabaseRole
from mes.core.errors import DomainError, InvalidValue
from mes.core.states import move
from mes.core.wall import switched
from mes.firms.access import require
from mes.firms.choices import FIRM_NEXT, FirmStatus
from mes.firms.models import Firm
from mes.firms.services import firm_to_move
from mes.park.selectors.shared_work import open_shared_work


class SharedWorkOpen(DomainError):
    """The firm has signed or proposed work with other members that is not settled."""

    code = "shared_work_open"
    text = gettext_lazy("Work shared with other members is open.")


@transaction.atomic
def firm_leave(*, actor: Actor, firm_id: UUID, export_offered: bool) -> Firm:
    """A member leaves for good: nobody of it comes in again, no key works, no plan has it. Its data are kept.

    `export_offered`: the firm was told to take its data along, while its owner can. Raises NotFound, NotAllowedInState,
    InvalidValue when it was not offered, SharedWorkOpen with the names of what has to be settled first.
    """
    require(actor, "firm.leave", Firm(pk=firm_id))
    firm = firm_to_move(firm_id=firm_id)
    if not export_offered:
        raise InvalidValue(_("Offer the firm the export of its data first."), pointer="/export_offered")
    _check_settled(firm_id)
    changes = move(firm, FirmStatus.LEFT, moves=FIRM_NEXT)
    audit.record(actor=actor, verb="firm.leave", obj=firm, firm_id=firm_id, changes=changes)
    outbox.tell(topic="firm.changed", payload={"firm_id": str(firm_id)})
    return firm


def _check_settled(firm_id: UUID) -> None:
    """Counts as the exchange, which no declared interest bars, and names what the actor may see."""
    seen = open_shared_work(firm_id=firm_id)
    with switched(DatabaseRole.EXCHANGE):
        hidden = len(open_shared_work(firm_id=firm_id)) - len(seen)
    if hidden:
        seen.append(_("%(count)s with firms that you do not see") % {"count": hidden})
    if seen:
        raise SharedWorkOpen(_("Settle these first: %(named)s.") % {"named": ", ".join(seen)})
