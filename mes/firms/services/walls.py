"""Writes of declared interests and read sessions."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from mes.core import audit, outbox
from mes.core.actors import Actor
from mes.core.bounds import check_whole_number
from mes.core.errors import InvalidValue, NotAllowedInState, NotFound, NotPermitted
from mes.core.walls import firm_columns
from mes.firms.access import ACCESS, require
from mes.firms.models import DeclaredInterest, Firm, ReadSession, SessionRead, User
from mes.firms.models.walls import LEAST_REASON, MOST_PAGE, MOST_REASON, MOST_SESSION

MOST_HOURS = MOST_SESSION // timedelta(hours=1)


@transaction.atomic
def interest_declare(*, actor: Actor, user_id: UUID, firm_id: UUID, now: datetime) -> DeclaredInterest:
    """Bars one of the association's people from a firm, from the next request on; his read session there ends.

    Each declares his own; an administrator also others'. Raises NotFound, InvalidValue for somebody of a firm,
    NotAllowedInState when it is declared already.
    """
    own = user_id == actor.user_id
    require(actor, "declared_interest.declare" if own else "declared_interest.declare_for", Firm(pk=firm_id))
    user = _person(user_id)
    firm = Firm.objects.filter(pk=firm_id).first()
    if firm is None:
        raise NotFound
    if user.firm_id is not None:
        raise InvalidValue(_("An interest is declared of one of the association's people."), pointer="/user")
    if DeclaredInterest.objects.filter(user=user, firm=firm, ended_at=None).exists():
        raise NotAllowedInState(_("This interest is declared already."), pointer="/firm")
    row = DeclaredInterest.objects.create(user=user, firm=firm, declared_by_id=actor.user_id, since=now)
    open_sessions = ReadSession.objects.filter(user=user, firm=firm, ended_at=None, until_at__gt=now)
    open_sessions.update(ended_at=now)
    changes = {"person": user.pk, "firm": firm.code}
    audit.record(actor=actor, verb="declared_interest.declare", obj=row, firm_id=firm.pk, changes=changes)
    return row


@transaction.atomic
def interest_end(*, actor: Actor, interest_id: UUID, now: datetime) -> DeclaredInterest:
    """The person may see the firm again. Raises NotFound, NotPermitted for the person himself."""
    require(actor, "declared_interest.end")
    row = DeclaredInterest.objects.select_for_update(of=("self",)).filter(pk=interest_id).first()
    if row is None:
        raise NotFound
    require(actor, "declared_interest.end", row)
    if row.user_id == actor.user_id:
        raise NotPermitted(_("Another person ends an interest."))
    if row.ended_at is None:
        row.ended_at = now
        row.save(update_fields=["ended_at"])
        changes = {"person": row.user_id, "ended_at": now}
        audit.record(actor=actor, verb="declared_interest.end", obj=row, firm_id=row.firm_id, changes=changes)
    return row


@transaction.atomic
def read_session_open(*, actor: Actor, firm_id: UUID, reason: str, hours: int, now: datetime) -> ReadSession:
    """Opens to the actor what is otherwise closed of a firm's products and recipes, for some hours. The firm is told.

    Raises NotFound, also for who is barred; InvalidValue for a short reason or a time out of range; NotAllowedInState
    when he has one for this firm.
    """
    require(actor, "read_session.open", Firm(pk=firm_id))
    if actor.user_id is None:
        raise NotPermitted
    reason = reason.strip()
    if not LEAST_REASON <= len(reason) <= MOST_REASON:
        raise InvalidValue(_("A reason of at least ten characters is wanted."), pointer="/reason")
    check_whole_number(hours, MOST_HOURS, "/hours")
    user = _person(actor.user_id)
    firm = Firm.objects.filter(pk=firm_id).first()
    if firm is None:
        raise NotFound
    if ReadSession.objects.filter(user=user, firm=firm, ended_at=None, until_at__gt=now).exists():
        raise NotAllowedInState(_("You have an open read session for this firm."))
    row = ReadSession(user=user, firm=firm, reason=reason, opened_at=now, until_at=now + timedelta(hours=hours))
    row.role = min(ACCESS["read_session.open"] & actor.roles)
    row.save(force_insert=True)
    changes = {"role": row.role, "reason": reason, "until_at": row.until_at}
    audit.record(actor=actor, verb="read_session.open", obj=row, firm_id=firm.pk, changes=changes)
    outbox.tell(topic="read_session.opened", firm_id=firm.pk, payload={"read_session": str(row.pk)})
    return row


@transaction.atomic
def read_session_end(*, actor: Actor, read_session_id: UUID, now: datetime) -> ReadSession:
    """Ends a session before its time: one's own, and an administrator anybody's. Raises NotFound, NotPermitted."""
    require(actor, "read_session.end")
    row = ReadSession.objects.select_for_update(of=("self",)).filter(pk=read_session_id).first()
    if row is None:
        raise NotFound
    require(actor, "read_session.end", row)
    if row.user_id != actor.user_id:
        require(actor, "declared_interest.end")
    if row.ended_at is None and row.until_at > now:
        row.ended_at = now
        row.save(update_fields=["ended_at"])
        audit.record(actor=actor, verb="read_session.end", obj=row, firm_id=row.firm_id, changes={"ended_at": now})
        outbox.tell(topic="read_session.ended", firm_id=row.firm_id, payload={"read_session": str(row.pk)})
    return row


@transaction.atomic
def session_read_record(
    *, actor: Actor, method: str, page: str, row: tuple[type[models.Model], UUID] | None, now: datetime
) -> None:
    """Writes down, for each firm that a session opens to the actor, that he opened a page. No audit row beside it.

    `row`: whose page it is; its key is kept only where it is that firm's row, so that no firm learns another's keys.
    """
    if actor.user_id is None:
        raise NotPermitted
    opened = ReadSession.objects.filter(user_id=actor.user_id, firm_id__in=actor.sight.session_firms)
    for session in opened.order_by("firm_id", "-opened_at").distinct("firm_id"):
        SessionRead.objects.create(
            session=session,
            firm_id=session.firm_id,
            at=now,
            method=method,
            page=page[:MOST_PAGE],
            object_id=row[1] if row is not None and _names(session.firm_id, *row) else None,
        )


def _names(firm_id: UUID, model: type[models.Model], key: UUID) -> bool:
    """Whether the row names the firm."""
    named = Q()
    for column, _empty in firm_columns(model):
        named |= Q(**{column: firm_id})
    return bool(named) and model._base_manager.filter(named, pk=key).exists()


def _person(user_id: UUID) -> User:
    """Locked, so that two calls about one person wait for each other. Raises NotFound."""
    user = User.objects.select_for_update(of=("self",)).filter(pk=user_id).first()
    if user is None:
        raise NotFound
    return user
