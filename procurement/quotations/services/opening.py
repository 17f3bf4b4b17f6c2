"""The opening: after the close, by two officers who share no interest and have none in the round.

The clock opens nothing. Who consents and who opens is compared under the exchange's role: an interest hides its firm,
and itself, from the person who has it.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from mes.core import audit, outbox
from mes.core.actors import Actor, DatabaseRole
from mes.core.clock import BusinessNow
from mes.core.errors import NotAllowedInState, NotPermitted
from mes.core.wall import switched
from mes.firms.access import ACCESS, require
from mes.firms.models import User
from procurement.quotations.choices import QuotationStatus, TenderStatus
from procurement.quotations.errors import ConsentMissing, InterestBars, SealBroken
from procurement.quotations.models import (
    OpeningConsent,
    PriceBreak,
    Quotation,
    QuotationLine,
    SupplierDiscount,
    Tender,
    TenderInvitation,
)
from procurement.quotations.services.interests import interests_of
from procurement.quotations.services.seal import digest_of
from procurement.quotations.services.tenders import tell_suppliers, tender_locked
from procurement.rounds.choices import RoundStatus
from procurement.rounds.models import LockedCommitment
from procurement.rounds.services.moves import round_moved
from procurement.rounds.services.rounds import round_locked


@transaction.atomic
def opening_consent(*, actor: Actor, tender_id: UUID, now: datetime) -> OpeningConsent:
    """An officer takes part in the opening. Once; raises NotAllowedInState before the close and a second time,
    InterestBars, NotFound, NotPermitted.
    """
    require(actor, "tender.consent")
    tender = _closed_tender(tender_id)
    if actor.user_id is None:
        raise NotPermitted
    others = set(OpeningConsent.objects.filter(tender=tender).values_list("officer_id", flat=True))
    if actor.user_id in others:
        raise NotAllowedInState(_("You have consented."))
    interests = interests_of({actor.user_id, *others})
    own = interests[actor.user_id]
    if own & _concerned(tender) or any(own & interests[other] for other in others):
        raise InterestBars
    row = OpeningConsent.objects.create(tender=tender, officer_id=actor.user_id, at=now)
    audit.record(actor=actor, verb="tender.consent", obj=tender, firm_id=None, changes={"officer": actor.user_id})
    outbox.tell(topic="tender.consented", payload={"tender_id": str(tender.pk)})
    return row


@transaction.atomic
def tender_open(*, actor: Actor, tender_id: UUID, now: datetime) -> Tender:
    """Opens what is sealed for the present conditions, all of it at once: round tendering → opened, or failed where
    nobody has quoted. What is a draft, withdrawn or void stays its supplier's.

    Raises NotAllowedInState before the close, ConsentMissing, InterestBars, SealBroken, NotFound, NotPermitted.
    """
    require(actor, "tender.open")
    tender = _closed_tender(tender_id)
    _check_officers(actor, tender)
    row = round_locked(round_id=tender.round_id)
    opened = _opened(actor, tender, now)
    tender.refresh_from_db()
    changes = {"opened_at": now, "quotations": opened}
    audit.record(actor=actor, verb="tender.open", obj=tender, firm_id=None, changes=changes)
    if opened:
        round_moved(actor=actor, row=row, to=RoundStatus.OPENED, now=now)
    else:
        reason = _("Nobody has quoted.")
        round_moved(actor=actor, row=row, to=RoundStatus.FAILED, now=now, reason=reason, end_reason=reason)
    tell_suppliers(tender, "tender.opened")
    return tender


def _closed_tender(tender_id: UUID) -> Tender:
    """The request after its close, alone: nobody quotes beside. The clock is asked after the lock."""
    tender = tender_locked(tender_id=tender_id)
    over = Tender.objects.filter(pk=tender.pk, status=TenderStatus.OPEN, opened_at=None, closes_at__lte=BusinessNow())
    if not over.exists():
        raise NotAllowedInState(_("It is not closed yet, or it is over."))
    return tender


def _check_officers(actor: Actor, tender: Tender) -> None:
    """The one who opens and another one, both officers still, without an interest in the round and with none shared."""
    consented = set(OpeningConsent.objects.filter(tender=tender).values_list("officer_id", flat=True))
    if actor.user_id is None or actor.user_id not in consented:
        raise ConsentMissing
    people = User.objects.filter(
        pk__in=consented, is_active=True, firm=None, memberships__role__in=ACCESS["tender.consent"]
    )
    officers = set(people.values_list("pk", flat=True))
    interests = interests_of({*officers, actor.user_id})
    concerned, own = _concerned(tender), interests[actor.user_id]
    if own & concerned:
        raise InterestBars
    others = officers - {actor.user_id}
    if not any(not interests[other] & (concerned | own) for other in others):
        raise InterestBars if others else ConsentMissing


def _concerned(tender: Tender) -> set[UUID]:
    """The invited suppliers, and the firms that have committed in the round."""
    with switched(DatabaseRole.EXCHANGE):
        invited = TenderInvitation.objects.filter(tender=tender).values_list("supplier_id", flat=True)
        committed = LockedCommitment.objects.filter(snapshot__line__round_id=tender.round_id)
        return {*invited, *committed.values_list("firm_id", flat=True)}


def _opened(actor: Actor, tender: Tender, now: datetime) -> int:
    """How many quotations are open now: the request first, then each of them, then their parts."""
    with switched(DatabaseRole.EXCHANGE):
        Tender.objects.filter(pk=tender.pk).update(opened_at=now)
        sealed = list(
            Quotation.objects.filter(
                tender=tender, status=QuotationStatus.SEALED, tender_revision=tender.revision
            ).order_by("pk")
        )
        for row in sealed:
            if digest_of(row, revision=tender.revision) != row.sealed_sha256:
                raise SealBroken
        keys = [row.pk for row in sealed]
        Quotation.objects.filter(pk__in=keys).update(status=QuotationStatus.OPENED, opened_at=now)
        QuotationLine.objects.filter(quotation__in=keys).update(opened_at=now)
        PriceBreak.objects.filter(line__quotation__in=keys).update(opened_at=now)
        SupplierDiscount.objects.filter(quotation__in=keys).update(opened_at=now)
        for row in sealed:
            told = {
                "status": audit.Change(QuotationStatus.SEALED, QuotationStatus.OPENED),
                "sealed_sha256": audit.Change(row.sealed_sha256, row.sealed_sha256),
            }
            audit.record(actor=actor, verb="quotation.open", obj=row, firm_id=row.supplier_id, changes=told)
    return len(sealed)
