"""Reads of firms and people."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Count, QuerySet, Value

from mes.core.actors import Actor, Sight
from mes.core.clock import DatabaseNow
from mes.core.errors import NotFound, NotPermitted
from mes.core.keyset import MomentKey, page_after
from mes.firms.access import require, sees_members, sees_rounds
from mes.firms.choices import KNOWN_STATUSES
from mes.firms.models import ApiKey, DeclaredInterest, Firm, ReadSession, SessionRead, User


def firm_of_actor(*, actor: Actor) -> Firm | None:
    """The actor's firm, none for the association's people."""
    return None if actor.firm_id is None else Firm.objects.get(pk=actor.firm_id)


def api_key_of_actor(*, actor: Actor) -> ApiKey | None:
    """The key with which the actor came, None for a session."""
    return None if actor.api_key_id is None else ApiKey.objects.get(pk=actor.api_key_id)


def firm_ids_of_codes(codes: Iterable[str]) -> dict[str, UUID]:
    """The firms with these codes, by code: those that the members know of, or knew."""
    return dict(Firm.objects.filter(code__in=set(codes), status__in=KNOWN_STATUSES).values_list("code", "pk"))


def api_keys_of_firm(*, actor: Actor) -> list[ApiKey]:
    """The keys of the actor's firm, ended ones too, the oldest first. Raises NotPermitted without the verb."""
    require(actor, "api_key.issue")
    if actor.firm_id is None:
        raise NotPermitted
    return list(ApiKey.objects.filter(firm_id=actor.firm_id).order_by("created_at", "pk"))


def api_key_of_digest(*, digest: str) -> ApiKey:
    """The firm's key with this digest."""
    return ApiKey.objects.get(digest=digest)


def user_of_actor(*, actor: Actor) -> User:
    """The person for whom the actor acts. Raises NotPermitted for the system, which is none."""
    if actor.user_id is None:
        raise NotPermitted
    return User.objects.get(pk=actor.user_id)


def api_key_get(*, actor: Actor, api_key_id: UUID) -> ApiKey:
    """One key of the actor's firm. Raises NotFound, NotPermitted without the verb."""
    require(actor, "api_key.issue")
    row = None if actor.firm_id is None else ApiKey.objects.filter(pk=api_key_id, firm_id=actor.firm_id).first()
    if row is None:
        raise NotFound
    return row


def people_page(*, actor: Actor, limit: int, after: MomentKey | None = None) -> list[User]:
    """The people of the actor's firm with their roles, by time and key. Raises NotPermitted without the verb."""
    return page_after(_people_of(actor), by="created_at", after=after, limit=limit)


def person_get(*, actor: Actor, user_id: UUID) -> User:
    """One of them. Raises NotFound, NotPermitted."""
    row = _people_of(actor).filter(pk=user_id).first()
    if row is None:
        raise NotFound
    return row


def sight_of(user: User) -> Sight:
    """What one of the association's people may see of the firms at this moment."""
    declared = DeclaredInterest.objects.filter(user=user, ended_at=None).annotate(opens=Value(value=False))
    opened = ReadSession.objects.filter(user=user, ended_at=None, until_at__gt=DatabaseNow())
    columns = ("firm_id", "opens")
    opening = opened.annotate(opens=Value(value=True)).values_list(*columns)
    firms = list(declared.values_list(*columns).union(opening, all=True))
    return Sight(
        barred_firms=frozenset(firm_id for firm_id, opens in firms if not opens),
        session_firms=frozenset(firm_id for firm_id, opens in firms if opens),
        sees_members=sees_members(user.roles),
        sees_rounds=sees_rounds(user.roles),
    )


def read_sessions_page(*, actor: Actor, limit: int, after: MomentKey | None = None) -> list[ReadSession]:
    """The read sessions for the actor's firm by time and key, each with `reads`. Raises NotPermitted without a firm."""
    return page_after(_sessions_of(actor), by="opened_at", after=after, limit=limit)


def read_session_get(*, actor: Actor, read_session_id: UUID) -> ReadSession:
    """One of them. Raises NotFound, NotPermitted."""
    row = _sessions_of(actor).filter(pk=read_session_id).first()
    if row is None:
        raise NotFound
    return row


def session_reads_page(
    *, actor: Actor, read_session_id: UUID, limit: int, after: MomentKey | None = None
) -> list[SessionRead]:
    """The pages read under a session for the actor's firm, by time and key. Raises NotFound, NotPermitted."""
    session = read_session_get(actor=actor, read_session_id=read_session_id)
    return page_after(SessionRead.objects.filter(session=session), by="at", after=after, limit=limit)


def _people_of(actor: Actor) -> QuerySet[User]:
    require(actor, "user.change")
    if actor.firm_id is None:
        raise NotPermitted
    return User.objects.filter(firm_id=actor.firm_id).prefetch_related("memberships")


def _sessions_of(actor: Actor) -> QuerySet[ReadSession]:
    if actor.firm_id is None:
        raise NotPermitted
    return ReadSession.objects.filter(firm_id=actor.firm_id).annotate(reads=Count("sessionread"))
