"""What a service of the settlement works on: read as the actor sees it, then held while its round is open."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from mes.core.actors import DatabaseRole
from mes.core.errors import NotAllowedInState, NotFound
from mes.core.locks import share_round
from mes.core.wall import switched
from procurement.rounds.choices import RoundStatus
from procurement.rounds.models import Round
from procurement.settlement.models import Invoice

OPEN = frozenset({RoundStatus.AWARDED, RoundStatus.DELIVERING, RoundStatus.SETTLING})
"""While a round is in these, invoices and deposits are taken."""


def invoice_seen(invoice_id: UUID) -> Invoice:
    """The invoice as it is while its round is not closed. Raises NotFound, NotAllowedInState."""
    round_id = Invoice.objects.filter(pk=invoice_id).values_list("round_id", flat=True).first()
    if round_id is None:
        raise NotFound
    hold_open(round_id)
    return Invoice.objects.get(pk=invoice_id)


def hold_open(round_id: UUID) -> None:
    """Nobody closes the round meanwhile. Raises NotAllowedInState where it is not delivered or settled."""
    share_round(round_id)
    with switched(DatabaseRole.EXCHANGE):
        is_open = Round.objects.filter(pk=round_id, status__in=OPEN).exists()
    if not is_open:
        raise NotAllowedInState(_("The round is not being delivered or settled."))
