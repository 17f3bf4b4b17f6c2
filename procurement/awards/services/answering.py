"""A firm answers to its share, until the time for confirmations is over; then its silence counts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from psycopg.errors import CheckViolation

from mes.core import audit, locks, outbox
from mes.core.actors import Actor, DatabaseRole
from mes.core.clock import BusinessNow
from mes.core.errors import NotAllowedInState, NotFound
from mes.core.wall import switched
from mes.firms.access import require, required_firm
from procurement.awards.choices import Answer, PlanStatus
from procurement.awards.models import FirmShare
from procurement.rounds.choices import RoundStatus
from procurement.rounds.models import Round, RoundLine

_IN_TIME = "share_answered_in_time"


class ConfirmationClosed(NotAllowedInState):
    """The time to answer to the share is over, or the round is not confirming."""

    code = "confirmation_closed"
    text = _("The time to answer to this share is over.")


@transaction.atomic
def share_confirm(*, actor: Actor, share_id: UUID, now: datetime) -> FirmShare:
    """The firm takes its share at the line's price. It may think otherwise until the time is over.

    Raises NotFound for another's, ConfirmationClosed, NotAllowedInState for a share of nothing, NotPermitted.
    """
    return _answer(actor, "resin_share.confirm", share_id, Answer.CONFIRMED, now)


@transaction.atomic
def share_opt_out(*, actor: Actor, share_id: UUID, now: datetime) -> FirmShare:
    """The firm wants nothing of the line after all. Raises as share_confirm."""
    return _answer(actor, "resin_share.opt_out", share_id, Answer.OPTED_OUT, now)


def _answer(actor: Actor, verb: str, share_id: UUID, answer: Answer, now: datetime) -> FirmShare:
    firm_id = required_firm(actor, verb)
    seen = FirmShare.objects.filter(pk=share_id).first()
    if seen is None:
        raise NotFound
    require(actor, verb, seen)
    round_id = RoundLine.objects.values_list("round_id", flat=True).get(pk=seen.line_id)
    locks.share_round(round_id)
    with switched(DatabaseRole.EXCHANGE):
        share = FirmShare.objects.select_for_update(of=("self",)).get(pk=share_id)
        confirming = Round.objects.filter(
            pk=round_id, status=RoundStatus.CONFIRMING, suspended_at=None, confirm_closes_at__gt=BusinessNow()
        )
        if share.status != PlanStatus.PROPOSED or not confirming.exists():
            raise ConfirmationClosed
        if share.kg == 0:
            raise NotAllowedInState(_("There is nothing to answer to."))
        changes = audit.changed(share, {"answer": str(answer)})
        if not changes:
            return share
        _write(share, answer, now)
        audit.record(actor=actor, verb=verb, obj=share, firm_id=firm_id, changes=changes)
        outbox.tell(
            topic="resin_share.answered", payload={"resin_share_id": str(share.pk)}, firm_id=firm_id, of_round=True
        )
    return share


def _write(share: FirmShare, answer: Answer, now: datetime) -> None:
    """Raises ConfirmationClosed where the time has ended since it was looked at."""
    share.answer, share.answered_at, share.by_silence = answer, now, False
    try:
        with transaction.atomic():
            share.save(update_fields=["answer", "answered_at", "by_silence"])
    except IntegrityError as error:
        if isinstance(error.__cause__, CheckViolation) and error.__cause__.diag.constraint_name == _IN_TIME:
            raise ConfirmationClosed from error
        raise
