"""What the association paid for a round, passed on to its firms at cost."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from mes.core import audit
from mes.core.actors import Actor, DatabaseRole
from mes.core.bounds import check_text, check_whole_number
from mes.core.errors import InvalidValue, NotAllowedInState
from mes.core.wall import switched
from mes.firms.access import require
from procurement.quotations.services.interests import check_no_interest
from procurement.rounds.choices import RoundStatus
from procurement.rounds.services.rounds import round_locked
from procurement.settlement.choices import Account, FeeKind, PostingKind
from procurement.settlement.models import MOST_FEN, MOST_REFERENCE, Fee
from procurement.settlement.selectors.amounts import split_fen
from procurement.settlement.selectors.ledger import accepted_kg
from procurement.settlement.services.posting import Side, post


@transaction.atomic
def fee_book(*, actor: Actor, round_id: UUID, kind: str, fen: int, reference: str, now: datetime) -> Fee:
    """A fee without VAT, split over the firms by what they have got, to the fen. While the round settles: the kg hold.

    Raises InvalidValue with a pointer, also for a reference that was booked; NotFound, NotAllowedInState, NotPermitted.
    """
    require(actor, "fee.book")
    check_whole_number(fen, MOST_FEN, "/fen")
    check_text(reference, MOST_REFERENCE, "/reference")
    if kind not in FeeKind.values:
        raise InvalidValue(pointer="/kind")
    row = round_locked(round_id=round_id)
    check_no_interest(actor=actor, round_id=round_id)
    if row.status != RoundStatus.SETTLING:
        raise NotAllowedInState(_("Fees are booked while the round settles."))
    try:
        with transaction.atomic():
            fee = Fee.objects.create(round=row, kind=kind, fen=fen, reference=reference, booked_at=now)
    except IntegrityError as error:
        raise InvalidValue(_("The fee was booked."), pointer="/reference") from error
    with switched(DatabaseRole.EXCHANGE):
        kg = accepted_kg(round_id)
        if not kg:
            raise NotAllowedInState(_("No firm has got anything of the round."))
        for firm_id, part in zip(kg, split_fen(fen, list(kg.values())), strict=True):
            sides = {Side(Account.FEES): part, Side(Account.ASSOCIATION): -part}
            post(
                firm_id=firm_id, round_id=round_id, kind=PostingKind.FEE, key=f"fee/{fee.pk}", now=now, sides=sides,
                note=kind,
            )  # fmt: skip
    audit.record(actor=actor, verb="fee.book", obj=fee, firm_id=None, changes={"kind": kind, "fen": fen})
    return fee
