"""How a firm comes in, rests, comes back and signs. It leaves by a service of `mes.park`, which sees all apps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from mes.core import audit, locks, outbox
from mes.core.actors import Actor
from mes.core.bounds import check_text
from mes.core.errors import InvalidValue, NotAllowedInState, NotFound
from mes.core.states import move
from mes.firms.access import require
from mes.firms.choices import FIRM_NEXT, FirmStatus
from mes.firms.models import MOST_NAME, MOST_TERMS, MOST_VERSION, DataTerms, Firm, TermsSignature


@dataclass(frozen=True, slots=True)
class Signature:
    """Which version was signed, by whom and on which day. The paper stays with the association."""

    terms_id: UUID
    signed_by: str
    signed_on: date


@transaction.atomic
def data_terms_publish(*, actor: Actor, version: str, text: str) -> DataTerms:
    """A new version of the data terms; it stays as it is. Raises InvalidValue, also for a version that there is."""
    require(actor, "data_terms.publish")
    check_text(version, MOST_VERSION, "/version")
    check_text(text, MOST_TERMS, "/text")
    try:
        with transaction.atomic():
            terms = DataTerms.objects.create(version=version, text=text)
    except IntegrityError as error:
        raise InvalidValue(_("There is a version with this name."), pointer="/version") from error
    audit.record(actor=actor, verb="data_terms.publish", obj=terms, firm_id=None, changes={"version": version})
    return terms


@transaction.atomic
def firm_admit(*, actor: Actor, firm_id: UUID, signature: Signature, now: datetime) -> Firm:
    """An applicant becomes a member with its signature under the data terms. `now`: the park's time.

    Raises NotFound, NotAllowedInState for no applicant, InvalidValue for a signature that cannot be.
    """
    require(actor, "firm.admit", Firm(pk=firm_id))
    firm = firm_to_move(firm_id=firm_id)
    if firm.status != FirmStatus.APPLIED:
        raise NotAllowedInState  # a suspended firm is resumed
    changes = move(firm, FirmStatus.MEMBER, moves=FIRM_NEXT)
    _sign(firm, signature, now)
    audit.record(
        actor=actor, verb="firm.admit", obj=firm, firm_id=firm_id, changes=changes | {"terms": signature.terms_id}
    )
    outbox.tell(topic="firm.changed", payload={"firm_id": str(firm_id)})
    return firm


@transaction.atomic
def data_terms_sign(*, actor: Actor, firm_id: UUID, signature: Signature, now: datetime) -> Firm:
    """A member has signed a later version. Raises as firm_admit, InvalidValue also for one that it has signed."""
    require(actor, "data_terms.sign", Firm(pk=firm_id))
    firm = firm_to_move(firm_id=firm_id)
    if firm.status not in {FirmStatus.MEMBER, FirmStatus.SUSPENDED}:
        raise NotAllowedInState
    _sign(firm, signature, now)
    audit.record(actor=actor, verb="data_terms.sign", obj=firm, firm_id=firm_id, changes={"terms": signature.terms_id})
    return firm


def firm_decline(*, actor: Actor, firm_id: UUID) -> Firm:
    """An applicant is not taken. Raises NotFound, NotAllowedInState."""
    return _moved(actor, "firm.decline", firm_id, FirmStatus.DECLINED)


def firm_suspend(*, actor: Actor, firm_id: UUID) -> Firm:
    """A member rests: nobody comes in, no key works, no plan has it. Raises NotFound, NotAllowedInState."""
    return _moved(actor, "firm.suspend", firm_id, FirmStatus.SUSPENDED)


@transaction.atomic
def firm_resume(*, actor: Actor, firm_id: UUID) -> Firm:
    """A suspended firm is a member again, with its people and keys. Raises NotFound, NotAllowedInState."""
    require(actor, "firm.resume", Firm(pk=firm_id))
    firm = firm_to_move(firm_id=firm_id)
    if firm.status != FirmStatus.SUSPENDED:
        raise NotAllowedInState  # an applicant becomes a member by signing
    return _moved(actor, "firm.resume", firm_id, FirmStatus.MEMBER)


def firm_to_move(*, firm_id: UUID) -> Firm:
    """The firm's row, locked with its live plan: nothing is published or signed meanwhile. Raises NotFound."""
    locks.lock_firms([firm_id])
    firm = Firm.objects.select_for_update(of=("self",)).filter(pk=firm_id).first()
    if firm is None:
        raise NotFound
    return firm


@transaction.atomic
def _moved(actor: Actor, verb: str, firm_id: UUID, to: FirmStatus) -> Firm:
    require(actor, verb, Firm(pk=firm_id))
    firm = firm_to_move(firm_id=firm_id)
    changes = move(firm, to, moves=FIRM_NEXT)
    audit.record(actor=actor, verb=verb, obj=firm, firm_id=firm_id, changes=changes)
    outbox.tell(topic="firm.changed", payload={"firm_id": str(firm_id)})
    return firm


def _sign(firm: Firm, signature: Signature, now: datetime) -> None:
    check_text(signature.signed_by, MOST_NAME, "/signed_by")
    if signature.signed_on > localdate(now):
        raise InvalidValue(_("The day lies ahead."), pointer="/signed_on")
    terms = DataTerms.objects.filter(pk=signature.terms_id).first()
    if terms is None:
        raise InvalidValue(_("There is no such version."), pointer="/terms")
    try:
        with transaction.atomic():
            TermsSignature.objects.create(
                firm=firm, terms=terms, signed_by=signature.signed_by, signed_on=signature.signed_on
            )
    except IntegrityError as error:
        raise InvalidValue(_("The firm has signed this version, or the day cannot be."), pointer="/terms") from error
