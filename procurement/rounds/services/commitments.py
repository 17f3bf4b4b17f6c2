"""What a firm commits to: given, changed and withdrawn while its round is open, under the round's lock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from psycopg.errors import CheckViolation

from mes.core import audit, locks, outbox
from mes.core.actors import Actor
from mes.core.clock import BusinessNow
from mes.core.errors import InvalidValue, NotFound
from mes.firms.access import required_firm
from procurement.rounds.choices import OPEN_STATUSES, CommitmentStatus, RoundStatus, Silence
from procurement.rounds.errors import OnlyUpwards, RoundClosed, UseExceeded
from procurement.rounds.models import (
    MOST_FEN_PER_T,
    MOST_KG,
    WHOLE_PERMILLE,
    Commitment,
    CommitmentEvent,
    CommitmentReserve,
    Round,
    RoundLine,
    UseAllowance,
)
from procurement.rounds.services.verified_use import used_kg
from procurement.suppliers.selectors import qualified_suppliers

USE_WINDOW = timedelta(days=91)
"""The three months whose verified use caps what a firm may commit to."""

# What the database's trigger says when the close comes between the check and the write.
_WHILE_OPEN = "commitment_while_round_is_open"
_KG = ("least_kg", "wanted_kg", "most_kg")


@dataclass(frozen=True, slots=True)
class CommitmentDraft:
    """From the least to the most kg, best the wanted, in whole bags. `reserve_fen_per_t` None: at any price.

    `approved_suppliers`: codes of suppliers qualified for the material; none: anybody's resin. `silence`: what no
    answer to the price will mean.
    """

    least_kg: int
    wanted_kg: int
    most_kg: int
    priority: int = 2
    approved_suppliers: tuple[str, ...] = ()
    silence: str = Silence.ACCEPT
    reserve_fen_per_t: int | None = None


class Put(NamedTuple):
    """The commitment, and whether there was none before."""

    row: Commitment
    is_new: bool


@transaction.atomic
def commitment_put(*, actor: Actor, round_id: UUID, number: int, draft: CommitmentDraft, now: datetime) -> Put:
    """Gives the firm's commitment to a line, or replaces it.

    Raises NotFound, RoundClosed, InvalidValue with a pointer to the field, UseExceeded, OnlyUpwards, NotPermitted.
    """
    firm_id = required_firm(actor, "commitment.put")
    line = _open_line(round_id, number)
    locks.lock_name(f"commitment/{firm_id}/{line.pk}")
    row = Commitment.objects.filter(firm_id=firm_id, line=line).first()
    approved = _checked(line, draft)
    _check_use(firm_id, line, draft, now)
    _check_firming(line, row, draft)

    values = {name: getattr(draft, name) for name in (*_KG, "priority", "silence")}
    values |= {"approved_suppliers": approved, "status": CommitmentStatus.SUBMITTED}
    changes = audit.changed(row, values)
    is_new = row is None
    if row is None:
        row = Commitment(firm_id=firm_id, line=line, **values)
    elif not changes and _reserve_of(row) == draft.reserve_fen_per_t:
        return Put(row, is_new)
    else:
        row.revision += 1
        for name, value in values.items():
            setattr(row, name, value)
    _write(row, draft.reserve_fen_per_t, now)
    audit.record(actor=actor, verb="commitment.put", obj=row, firm_id=firm_id, changes=changes)
    outbox.tell(topic="commitment.put", payload={"commitment_id": str(row.pk)}, firm_id=firm_id, of_round=True)
    return Put(row, is_new)


@transaction.atomic
def commitment_withdraw(*, actor: Actor, round_id: UUID, number: int, now: datetime) -> Commitment:
    """submitted → withdrawn: the firm wants nothing of the line. Free until the round firms.

    Raises NotFound, RoundClosed, OnlyUpwards, NotPermitted.
    """
    firm_id = required_firm(actor, "commitment.withdraw")
    line = _open_line(round_id, number)
    locks.lock_name(f"commitment/{firm_id}/{line.pk}")
    row = Commitment.objects.filter(firm_id=firm_id, line=line, status=CommitmentStatus.SUBMITTED).first()
    if row is None:
        raise NotFound
    _check_firming(line, row, None)
    row.revision += 1
    row.status = CommitmentStatus.WITHDRAWN
    _write(row, None, now)
    changes = {"status": audit.Change(CommitmentStatus.SUBMITTED, row.status)}
    audit.record(actor=actor, verb="commitment.withdraw", obj=row, firm_id=firm_id, changes=changes)
    outbox.tell(topic="commitment.withdrawn", payload={"commitment_id": str(row.pk)}, firm_id=firm_id, of_round=True)
    return row


def _open_line(round_id: UUID, number: int) -> RoundLine:
    """The line, while its round's lock is shared: nobody freezes it before this transaction has ended.

    The round is read after the lock, and its close is compared with the clock of that moment.
    """
    locks.share_round(round_id)
    line = RoundLine.objects.select_related("round", "material").filter(round_id=round_id, number=number).first()
    if line is None:
        raise NotFound
    takes = Round.objects.filter(
        pk=round_id, status__in=OPEN_STATUSES, suspended_at=None, demand_closes_at__gt=BusinessNow()
    )
    if not takes.exists():
        raise RoundClosed
    return line


def _checked(line: RoundLine, draft: CommitmentDraft) -> list[UUID]:
    """The approved suppliers' keys. Raises InvalidValue with a pointer to the field."""
    for name in _KG:
        kg = getattr(draft, name)
        if not 0 <= kg <= MOST_KG or kg % line.bag_kg:
            raise InvalidValue(_("Whole bags of %(bag)s kg are wanted.") % {"bag": line.bag_kg}, pointer=f"/{name}")
    if draft.wanted_kg == 0 or draft.least_kg > draft.wanted_kg:
        raise InvalidValue(_("The wanted quantity is at least one bag and the least."), pointer="/wanted_kg")
    if draft.most_kg < draft.wanted_kg:
        raise InvalidValue(_("The most is less than the wanted."), pointer="/most_kg")
    if draft.priority not in {1, 2}:
        raise InvalidValue(pointer="/priority")
    if draft.silence not in Silence.values:
        raise InvalidValue(pointer="/silence")
    if draft.reserve_fen_per_t is not None and not 1 <= draft.reserve_fen_per_t <= MOST_FEN_PER_T:
        raise InvalidValue(pointer="/reserve_fen_per_t")
    known = qualified_suppliers(material_id=line.material_id)
    for index, code in enumerate(draft.approved_suppliers):
        if code not in known:
            raise InvalidValue(
                _("No supplier with this code is qualified for the material."), pointer=f"/approved_suppliers/{index}"
            )
    return sorted({known[code] for code in draft.approved_suppliers})


def most_of(firm_id: UUID, line: RoundLine, now: datetime) -> int:
    """How many kg of a line the firm may commit to at the most: its verified use, or what it was allowed."""
    used = used_kg(firm_id=firm_id, material_id=line.material_id, since=now - USE_WINDOW, until=now)
    allowed = UseAllowance.objects.filter(firm_id=firm_id, line=line).order_by("-created_at", "-pk").first()
    return max(used * line.round.use_cap_permille // WHOLE_PERMILLE, allowed.most_kg if allowed else 0)


def _check_use(firm_id: UUID, line: RoundLine, draft: CommitmentDraft, now: datetime) -> None:
    most = most_of(firm_id, line, now)
    if draft.most_kg > most:
        raise UseExceeded(
            _("Your verified use of the last three months allows %(most)s kg.") % {"most": most}, pointer="/most_kg"
        )


def _check_firming(line: RoundLine, row: Commitment | None, draft: CommitmentDraft | None) -> None:
    """While it firms: each quantity rises or stays within its last full truck, so that no truck or price break is lost.

    `draft` None: nothing is left.
    """
    if line.round.status != RoundStatus.FIRMING or row is None or row.status != CommitmentStatus.SUBMITTED:
        return
    for name in _KG:
        before, after = getattr(row, name), 0 if draft is None else getattr(draft, name)
        if after < before and after // line.truck_kg < before // line.truck_kg:
            raise OnlyUpwards(pointer=f"/{name}" if draft is not None else "")


def _reserve_of(row: Commitment) -> int | None:
    return CommitmentReserve.objects.filter(commitment=row).values_list("reserve_fen_per_t", flat=True).first()


def _write(row: Commitment, reserve_fen_per_t: int | None, now: datetime) -> None:
    """The row, its reserve price and this revision of it. Raises RoundClosed where the close has come meanwhile."""
    try:
        with transaction.atomic():
            row.save()
            CommitmentReserve.objects.filter(commitment=row).delete()
            if reserve_fen_per_t is not None:
                CommitmentReserve.objects.create(
                    firm_id=row.firm_id, commitment=row, reserve_fen_per_t=reserve_fen_per_t
                )
            CommitmentEvent.objects.create(
                firm_id=row.firm_id,
                commitment=row,
                revision=row.revision,
                at=now,
                status=row.status,
                least_kg=row.least_kg,
                wanted_kg=row.wanted_kg,
                most_kg=row.most_kg,
            )
    except IntegrityError as error:
        if isinstance(error.__cause__, CheckViolation) and error.__cause__.diag.constraint_name == _WHILE_OPEN:
            raise RoundClosed from error
        raise
