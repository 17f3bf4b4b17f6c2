"""A firm's own machines, found by the actor."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import F, Prefetch, QuerySet

from mes.core.actors import Actor
from mes.core.changes import changed_since
from mes.core.errors import NotFound, NotPermitted
from mes.core.keyset import MomentKey, Row, page_after
from production.machines.models import (
    CalendarRule,
    CapacityOffer,
    Downtime,
    Machine,
    Overtime,
    Pool,
    PoolDowntime,
    PoolNeed,
)


def machine_get(*, actor: Actor, machine_id: UUID) -> Machine:
    """One machine that the actor may know of: a firm its own, the association any. Raises NotFound."""
    machines = Machine.objects.all() if actor.firm_id is None else Machine.objects.filter(firm_id=actor.firm_id)
    machine = machines.filter(pk=machine_id).first()
    if machine is None:
        raise NotFound
    return machine


def machine_id_of_code(*, actor: Actor, code: str) -> UUID | None:
    """The key of the firm's machine with this code, None when it has none."""
    return _own(Machine, actor).filter(code=code).values_list("pk", flat=True).first()


def machines_page(
    *,
    actor: Actor,
    limit: int,
    after: MomentKey | None = None,
    status: str | None = None,
    updated_since: datetime | None = None,
) -> list[Machine]:
    """The firm's machines by time of entry and key. One query. Raises NotPermitted, as the others below."""
    rows = _own(Machine, actor).select_related("machine_class", "family")
    rows = changed_since(rows, kind=Machine.feed.kind, firm_id=actor.firm_id, since=updated_since)
    return page_after(rows if status is None else rows.filter(status=status), by="created_at", after=after, limit=limit)


def downtimes_page(*, actor: Actor, limit: int, after: MomentKey | None = None) -> list[Downtime]:
    """The firm's downtimes by start and key. One query."""
    return page_after(_own(Downtime, actor).select_related("machine"), by="starts_at", after=after, limit=limit)


def downtime_get(*, actor: Actor, downtime_id: UUID) -> Downtime:
    """One downtime of the firm. Raises NotFound, NotPermitted."""
    row = _own(Downtime, actor).select_related("machine").filter(pk=downtime_id).first()
    if row is None:
        raise NotFound
    return row


def overtime_page(*, actor: Actor, limit: int, after: MomentKey | None = None) -> list[Overtime]:
    """The firm's overtime by start and key. One query."""
    return page_after(_own(Overtime, actor).select_related("machine"), by="starts_at", after=after, limit=limit)


def calendar_rules(*, actor: Actor) -> list[CalendarRule]:
    """The firm's rules: the one for all machines first, then by class. One query."""
    rows = _own(CalendarRule, actor).select_related("pattern", "machine_class")
    return list(rows.order_by(F("machine_class__code").asc(nulls_first=True)))


def offers_page(
    *, actor: Actor, limit: int, after: MomentKey | None = None, status: str | None = None
) -> list[CapacityOffer]:
    """The firm's offers with fee and machines, by time and key. Two queries."""
    rows = _own(CapacityOffer, actor).select_related("terms").prefetch_related("offered_machines__machine")
    return page_after(rows if status is None else rows.filter(status=status), by="created_at", after=after, limit=limit)


def offer_get(*, actor: Actor, offer_id: UUID) -> CapacityOffer:
    """One offer of the firm, as in the page. Raises NotFound."""
    row = _own(CapacityOffer, actor).select_related("terms").filter(pk=offer_id).first()
    if row is None:
        raise NotFound
    return row


def pools_page(*, actor: Actor, limit: int, after: MomentKey | None = None, status: str | None = None) -> list[Pool]:
    """The firm's pools with what needs them, by time of entry and key. Two queries."""
    rows = _pools(actor)
    return page_after(rows if status is None else rows.filter(status=status), by="created_at", after=after, limit=limit)


def pool_get(*, actor: Actor, pool_id: UUID) -> Pool:
    """One pool of the firm, as in the page. Raises NotFound, NotPermitted."""
    return _one(_pools(actor), pool_id)


def pool_id_of_code(*, actor: Actor, code: str) -> UUID | None:
    """The key of the firm's pool with this code, None when it has none."""
    return _own(Pool, actor).filter(code=code).values_list("pk", flat=True).first()


def pool_need_get(*, actor: Actor, need_id: UUID) -> PoolNeed:
    """One need of a pool of the firm. Raises NotFound, NotPermitted."""
    return _one(_own(PoolNeed, actor).select_related("pool", "machine", "machine_class", "product"), need_id)


def pool_downtimes_page(*, actor: Actor, limit: int, after: MomentKey | None = None) -> list[PoolDowntime]:
    """When pools of the firm are missing, by start and key. One query."""
    return page_after(_own(PoolDowntime, actor).select_related("pool"), by="starts_at", after=after, limit=limit)


def pool_downtime_get(*, actor: Actor, downtime_id: UUID) -> PoolDowntime:
    """One downtime of a pool of the firm. Raises NotFound, NotPermitted."""
    return _one(_own(PoolDowntime, actor).select_related("pool"), downtime_id)


def _pools(actor: Actor) -> QuerySet[Pool]:
    needs = PoolNeed.objects.select_related("pool", "machine", "machine_class", "product").order_by("created_at", "pk")
    return _own(Pool, actor).select_related("pattern").prefetch_related(Prefetch("needs", needs))


def _one(rows: QuerySet[Row], row_id: UUID) -> Row:
    row = rows.filter(pk=row_id).first()
    if row is None:
        raise NotFound
    return row


def _own(model: type[Row], actor: Actor) -> QuerySet[Row]:
    if actor.firm_id is None:
        raise NotPermitted
    return model._base_manager.filter(firm_id=actor.firm_id)
