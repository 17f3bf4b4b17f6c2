"""The request for quotations: published with the whole demand and no firm's, and changed only with a new revision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from mes.core import audit, outbox
from mes.core.actors import Actor, DatabaseRole, system_actor
from mes.core.bounds import check_text, check_whole_number, is_plausible
from mes.core.clock import BusinessNow
from mes.core.errors import InvalidValue, NotAllowedInState, NotFound
from mes.core.states import move
from mes.core.wall import switched
from mes.firms.access import require
from procurement.benchmarks.services import benchmarks_freeze
from procurement.quotations.choices import NEXT, QuotationStatus, TenderStatus
from procurement.quotations.errors import TenderClosed
from procurement.quotations.models import (
    MOST_CONDITIONS,
    MOST_DAYS,
    MOST_PERMILLE,
    Quotation,
    Tender,
    TenderInvitation,
    TenderLine,
)
from procurement.quotations.services.interests import check_no_interest
from procurement.rounds.choices import RoundStatus
from procurement.rounds.models import MOST_REASON, DemandSnapshot, Round
from procurement.rounds.services.moves import round_moved
from procurement.rounds.services.rounds import round_locked
from procurement.suppliers.selectors import qualified_suppliers

LEAST_INVITED = 3
LEAST_NOTICE = timedelta(hours=48)
"""Suppliers have at least so long to answer what was published or changed (ProZorro extends the close likewise)."""


@dataclass(frozen=True, slots=True)
class TenderDraft:
    """`suppliers`: codes. `interest_permille`: what a year of credit counts when quotations are compared."""

    suppliers: tuple[str, ...]
    conditions: str = ""
    payment_days: int = 0
    interest_permille: int = 0
    few_suppliers_reason: str = ""


class TenderChanges(TypedDict, total=False):
    """`closes_at` moves later only."""

    conditions: str
    payment_days: int
    closes_at: datetime


@transaction.atomic
def tender_publish(*, actor: Actor, round_id: UUID, draft: TenderDraft, now: datetime) -> Tender:
    """frozen → tendering: invites suppliers to quote for the whole demand, and freezes the benchmark with it.

    Less than 48 hours to the close move it later. Raises InvalidValue with a pointer (a supplier that is qualified for
    no material of the round; fewer than three without a reason), NotFound, NotAllowedInState, NotPermitted, also for an
    officer with an interest in a firm of the round.
    """
    require(actor, "tender.publish")
    row = round_locked(round_id=round_id)
    check_no_interest(actor=actor, round_id=row.pk)
    if row.status != RoundStatus.FROZEN or row.suspended_at is not None:
        raise NotAllowedInState
    _check_terms(draft.conditions, draft.payment_days)
    check_whole_number(draft.interest_permille, MOST_PERMILLE, "/interest_permille", least=0)
    demand = list(
        DemandSnapshot.objects.filter(line__round=row, wanted_kg__gt=0)
        .select_related("line__material")
        .order_by("line__number")
    )
    if not demand:
        raise NotAllowedInState(_("Nothing is wanted of any line."))
    suppliers = _invited(draft, {snapshot.line.material_id for snapshot in demand})
    closes_at = max(row.quotations_close_at, now + LEAST_NOTICE)
    tender = Tender.objects.create(
        round=row,
        code=row.code,
        conditions=draft.conditions,
        payment_days=draft.payment_days,
        interest_permille=draft.interest_permille,
        confirm_within_h=row.confirm_within_h,
        published_at=now,
        closes_at=closes_at,
        few_suppliers_reason=draft.few_suppliers_reason.strip(),
    )
    TenderLine.objects.bulk_create(_line(tender, snapshot) for snapshot in demand)
    TenderInvitation.objects.bulk_create(TenderInvitation(tender=tender, supplier_id=key) for key in suppliers)
    benchmarks_freeze(actor=actor, round_id=row.pk, now=now)
    round_moved(actor=actor, row=row, to=RoundStatus.TENDERING, now=now, quotations_close_at=closes_at)
    changes = {"suppliers": len(suppliers), "closes_at": closes_at, "payment_days": draft.payment_days}
    audit.record(actor=actor, verb="tender.publish", obj=tender, firm_id=None, changes=changes)
    tell_suppliers(tender, "tender.published")
    return tender


@transaction.atomic
def tender_change(*, actor: Actor, tender_id: UUID, changes: TenderChanges, now: datetime) -> Tender:
    """Other conditions are a new revision: what was sealed is void until its supplier seals it again, and all suppliers
    are told. Less than 48 hours to the close move it later.

    Raises InvalidValue with a pointer, NotFound, TenderClosed, NotPermitted.
    """
    require(actor, "tender.change")
    tender = tender_locked(tender_id=tender_id)
    if not Tender.objects.filter(pk=tender.pk, status=TenderStatus.OPEN, closes_at__gt=BusinessNow()).exists():
        raise TenderClosed
    wanted = audit.changed(tender, dict(changes))
    if not wanted:
        return tender
    conditions = changes.get("conditions", tender.conditions)
    payment_days = changes.get("payment_days", tender.payment_days)
    closes_at = changes.get("closes_at", tender.closes_at)
    _check_terms(conditions, payment_days)
    if closes_at < tender.closes_at or not is_plausible(closes_at):
        raise InvalidValue(_("Suppliers were told: it moves later only."), pointer="/closes_at")
    closes_at = max(closes_at, now + LEAST_NOTICE)
    values = {"conditions": conditions, "payment_days": payment_days, "revision": tender.revision + 1}
    told = audit.changed(tender, values | {"closes_at": closes_at})
    Tender.objects.filter(pk=tender.pk).update(**values)
    Round.objects.filter(pk=tender.round_id).update(quotations_close_at=closes_at)  # the request follows it
    tender.refresh_from_db()
    _void_seals(tender)
    audit.record(actor=actor, verb="tender.change", obj=tender, firm_id=None, changes=told)
    tell_suppliers(tender, "tender.changed")
    return tender


def tender_locked(*, tender_id: UUID) -> Tender:
    """The request as it is while nobody quotes and nobody moves its round. Raises NotFound."""
    found = Tender.objects.filter(pk=tender_id).values_list("round_id", flat=True).first()
    if found is None:
        raise NotFound
    round_locked(round_id=found)
    return Tender.objects.get(pk=tender_id)


def _check_terms(conditions: str, payment_days: int) -> None:
    check_text(conditions, MOST_CONDITIONS, "/conditions", may_be_empty=True)
    check_whole_number(payment_days, MOST_DAYS, "/payment_days", least=0)


def _invited(draft: TenderDraft, materials: set[UUID]) -> list[UUID]:
    """The suppliers' keys. Each is qualified for a material that is asked for, and quotes for those alone."""
    known: dict[str, UUID] = {}
    for material_id in sorted(materials):
        known |= qualified_suppliers(material_id=material_id)
    for place, code in enumerate(draft.suppliers):
        if code not in known:
            raise InvalidValue(
                _("No supplier with this code is qualified for a material of the round."), pointer=f"/suppliers/{place}"
            )
    keys = sorted({known[code] for code in draft.suppliers})
    if not keys:
        raise InvalidValue(_("At least one supplier is invited."), pointer="/suppliers")
    check_text(draft.few_suppliers_reason, MOST_REASON, "/few_suppliers_reason", may_be_empty=True)
    if len(keys) < LEAST_INVITED and not draft.few_suppliers_reason.strip():
        raise InvalidValue(_("Fewer than three are invited: say why."), pointer="/few_suppliers_reason")
    return keys


def _line(tender: Tender, snapshot: DemandSnapshot) -> TenderLine:
    line = snapshot.line
    return TenderLine(
        tender=tender,
        line=line,
        number=line.number,
        material_code=line.material.code,
        zone=line.zone,
        window_from=line.window_from,
        window_to=line.window_to,
        bag_kg=line.bag_kg,
        wanted_kg=snapshot.wanted_kg,
        most_kg=snapshot.most_kg,
    )


def _void_seals(tender: Tender) -> None:
    """Nobody but its supplier learns that there was a seal: the audit rows name no person, so the staff read none."""
    with switched(DatabaseRole.EXCHANGE):
        for row in Quotation.objects.filter(tender=tender, status=QuotationStatus.SEALED).order_by("pk"):
            told = move(row, QuotationStatus.INVALIDATED, moves=NEXT)
            audit.record(
                actor=system_actor(), verb="quotation.invalidate", obj=row, firm_id=row.supplier_id, changes=told
            )


def tell_suppliers(tender: Tender, topic: str) -> None:
    """All that were invited, also those of whom the acting person sees nothing."""
    with switched(DatabaseRole.EXCHANGE):
        invited = list(
            TenderInvitation.objects.filter(tender=tender).order_by("supplier_id").values_list("supplier_id", flat=True)
        )
        for supplier_id in invited:
            outbox.tell(topic=topic, payload={"tender_id": str(tender.pk)}, firm_id=supplier_id, of_round=True)
