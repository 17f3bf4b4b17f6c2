"""What runs of a firm share: moulds, dies, frames, crews and power; what needs them, and when they are missing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict, TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from mes.catalog.choices import MACHINE_OF
from mes.catalog.models import MOST_MM, MachineClass
from mes.catalog.selectors import product_get
from mes.core import audit, outbox
from mes.core.actors import Actor
from mes.core.bounds import check_whole_number
from mes.core.errors import InvalidValue, NotFound
from mes.core.states import move
from production.machines.choices import POOL_NEXT, PoolKind, PoolStatus
from production.machines.models import Pool, PoolDowntime, PoolNeed, ShiftPattern
from production.machines.models.pools import MOST_POOL_NAME, MOST_UNITS
from production.machines.selectors.own import machine_get
from production.machines.services.calendars import check_period, check_weekdays
from production.machines.services.machines import MOST_CODE_LENGTH, own_firm

Row = TypeVar("Row", Pool, PoolNeed, PoolDowntime)

VERB = "pool.edit"
CHANGED = "pool.changed"


class PoolChanges(TypedDict, total=False):
    """Fields of a pool that may change; those that are left out stay. `pattern_code` None: it is there always."""

    name: str
    size: int
    status: str
    pattern_code: str | None
    weekdays: str
    keeps_holidays: bool
    keeps_closure: bool


class PoolDowntimeChanges(TypedDict, total=False):
    """Fields of a pool's downtime that may change; those that are left out stay."""

    starts_at: datetime
    ends_at: datetime
    units: int | None
    planned: bool
    note: str


@transaction.atomic
def pool_create(  # noqa: PLR0913 - a pool's own fields
    *,
    actor: Actor,
    code: str,
    kind: str,
    size: int,
    name: str = "",
    pattern_code: str | None = None,
    weekdays: str = "1234567",
    keeps_holidays: bool = False,
    keeps_closure: bool = False,
) -> Pool:
    """A pool of `size` pieces, people or kW. Without a pattern it is there always, else in its shifts on the weekdays.

    Raises InvalidValue with a pointer to the field, NotPermitted.
    """
    firm_id = own_firm(actor=actor, verb=VERB)
    if not code.strip() or len(code) > MOST_CODE_LENGTH:
        raise InvalidValue(_("The code is empty or too long."), pointer="/code")
    if Pool.objects.filter(firm_id=firm_id, code=code).exists():
        raise InvalidValue(_("The code is taken."), pointer="/code")
    if kind not in PoolKind.values:
        raise InvalidValue(_("Unknown kind."), pointer="/kind")
    pool = Pool(
        firm_id=firm_id,
        code=code,
        name=name,
        kind=kind,
        size=size,
        pattern=_pattern(pattern_code),
        weekdays=weekdays,
        keeps_holidays=keeps_holidays,
        keeps_closure=keeps_closure,
    )
    _check(pool)
    pool.save(force_insert=True)
    changes = {"code": code, "kind": kind, "size": size, "pattern": pattern_code}
    _tell(actor, firm_id, pool, verb="pool.create", changes=changes)
    return pool


@transaction.atomic
def pool_change(*, actor: Actor, pool_id: UUID, changes: PoolChanges) -> Pool:
    """Resizes, renames, gives other hours, or retires; a retired one stays retired.

    Raises InvalidValue with a pointer, NotFound for another firm's, NotAllowedInState, NotPermitted.
    """
    firm_id = own_firm(actor=actor, verb=VERB)
    pool = _locked(Pool, firm_id, pool_id)
    fields: dict[str, Any] = {name: value for name, value in changes.items() if name not in ("status", "pattern_code")}
    if "pattern_code" in changes:
        fields["pattern"] = _pattern(changes["pattern_code"])
    if not changes:
        raise InvalidValue(_("Nothing is changed."))
    told = audit.changed(pool, fields)
    for name, value in fields.items():
        setattr(pool, name, value)
    _check(pool)
    if fields:
        pool.save(update_fields=list(fields))
    if "status" in changes:
        if changes["status"] not in PoolStatus.values:
            raise InvalidValue(_("Unknown status."), pointer="/status")
        told |= move(pool, changes["status"], moves=POOL_NEXT)
    _tell(actor, firm_id, pool, verb="pool.change", changes=told)
    return pool


@transaction.atomic
def pool_need_add(
    *,
    actor: Actor,
    pool_id: UUID,
    units: int = 1,
    machine_id: UUID | None = None,
    class_code: str | None = None,
    process: str | None = None,
    product_id: UUID | None = None,
    thickness_mm: int | None = None,
) -> PoolNeed:
    """What holds `units` of a pool while it runs: a machine, the machines of a class, or a process.

    A process may be narrowed to a product or to a thickness. A pool is needed by machines or by processes, not by both.
    Raises InvalidValue with a pointer, NotFound for another firm's pool, machine or product, NotPermitted.
    """
    firm_id = own_firm(actor=actor, verb=VERB)
    pool = _locked(Pool, firm_id, pool_id)
    check_whole_number(units, pool.size, "/units")
    if [machine_id, class_code, process].count(None) != 2:
        raise InvalidValue(_("A machine, a machine class or a process is wanted, one of them."), pointer="/process")
    machine = None if machine_id is None else machine_get(actor=actor, machine_id=machine_id)
    machine_class = MachineClass.objects.filter(code=class_code).first() if class_code else None
    if class_code is not None and machine_class is None:
        raise InvalidValue(_("There is no such machine class."), pointer="/class_code")
    if process is not None and process not in MACHINE_OF:
        raise InvalidValue(_("No machine works this process."), pointer="/process")
    if process is None and (product_id, thickness_mm) != (None, None):
        raise InvalidValue(_("A product or a thickness goes with a process."), pointer="/process")
    if product_id is not None and thickness_mm is not None:
        raise InvalidValue(_("A product has its thickness: say one of both."), pointer="/thickness_mm")
    if thickness_mm is not None:
        check_whole_number(thickness_mm, MOST_MM, "/thickness_mm")
    product = None if product_id is None else product_get(actor=actor, product_id=product_id)
    its: dict[str, Any] = {"machine": machine, "machine_class": machine_class, "process": process or ""}
    its |= {"product": product, "thickness_mm": thickness_mm}
    _check_need(pool, its)
    need = PoolNeed.objects.create(firm_id=firm_id, pool=pool, units=units, **its)
    changes = {name: str(value) for name, value in its.items() if value}
    _tell(actor, firm_id, need, verb="pool_need.add", changes={"pool": pool.code, "units": units} | changes)
    return need


@transaction.atomic
def pool_need_remove(*, actor: Actor, need_id: UUID) -> PoolNeed:
    """Nothing of the pool is held for this any more. Raises NotFound for another firm's, NotPermitted."""
    firm_id = own_firm(actor=actor, verb=VERB)
    need = _locked(PoolNeed, firm_id, need_id)
    PoolNeed.objects.filter(pk=need.pk).delete()
    changes = audit.removed({"pool": need.pool.code, "units": need.units})
    _tell(actor, firm_id, need, verb="pool_need.remove", changes=changes)
    return need


@transaction.atomic
def pool_downtime_add(
    *,
    actor: Actor,
    pool_id: UUID,
    starts_at: datetime,
    ends_at: datetime,
    units: int | None = None,
    planned: bool = True,
    note: str = "",
) -> PoolDowntime:
    """`units` of a pool, or all, are missing in [starts_at, ends_at). Raises as pool_need_add."""
    firm_id = own_firm(actor=actor, verb=VERB)
    pool = _locked(Pool, firm_id, pool_id)
    row = PoolDowntime(
        firm_id=firm_id, pool=pool, starts_at=starts_at, ends_at=ends_at, units=units, planned=planned, note=note
    )
    _check_downtime(row)
    row.save(force_insert=True)
    changes = {"pool": pool.code, "units": units, "starts_at": starts_at, "ends_at": ends_at}
    _tell(actor, firm_id, row, verb="pool_downtime.add", changes=changes)
    return row


@transaction.atomic
def pool_downtime_change(*, actor: Actor, downtime_id: UUID, changes: PoolDowntimeChanges) -> PoolDowntime:
    """Moves, ends or describes a pool's downtime; what is left out stays. Raises as pool_need_add."""
    firm_id = own_firm(actor=actor, verb=VERB)
    row = _locked(PoolDowntime, firm_id, downtime_id)
    if not changes:
        raise InvalidValue(_("Nothing is changed."))
    told = audit.changed(row, changes)
    for name, value in changes.items():
        setattr(row, name, value)
    _check_downtime(row)
    row.save(update_fields=list(changes))
    _tell(actor, firm_id, row, verb="pool_downtime.change", changes=told)
    return row


@transaction.atomic
def pool_downtime_remove(*, actor: Actor, downtime_id: UUID) -> PoolDowntime:
    """It does not take place after all. Raises NotFound for another firm's, NotPermitted."""
    firm_id = own_firm(actor=actor, verb=VERB)
    row = _locked(PoolDowntime, firm_id, downtime_id)
    PoolDowntime.objects.filter(pk=row.pk).delete()
    changes = {"pool": row.pool.code, "starts_at": row.starts_at, "ends_at": row.ends_at}
    _tell(actor, firm_id, row, verb="pool_downtime.remove", changes=audit.removed(changes))
    return row


def _pattern(code: str | None) -> ShiftPattern | None:
    if code is None:
        return None
    pattern = ShiftPattern.objects.filter(code=code).first()
    if pattern is None:
        raise InvalidValue(_("There is no such shift pattern."), pointer="/pattern_code")
    if not pattern.shifts.exists():
        raise InvalidValue(_("This shift pattern has no hours."), pointer="/pattern_code")
    return pattern


def _check(pool: Pool) -> None:
    check_whole_number(pool.size, MOST_UNITS, "/size")
    if len(pool.name) > MOST_POOL_NAME:
        raise InvalidValue(_("The name is too long."), pointer="/name")
    pool.weekdays = check_weekdays(pool.weekdays)


def _check_need(pool: Pool, its: Mapping[str, Any]) -> None:
    said = list(PoolNeed.objects.filter(pool=pool))
    if any(bool(need.process) != bool(its["process"]) for need in said):
        raise InvalidValue(
            _("A shared resource is needed by machines or by processes, not by both."), pointer="/process"
        )
    if any(all(getattr(need, name) == value for name, value in its.items()) for need in said):
        raise InvalidValue(_("This need is there already."), pointer="/process")


def _check_downtime(row: PoolDowntime) -> None:
    check_period(row.starts_at, row.ends_at, row.note)
    if row.units is not None:
        check_whole_number(row.units, row.pool.size, "/units")


def _locked(model: type[Row], firm_id: UUID, row_id: UUID) -> Row:
    row = model._base_manager.select_for_update(of=("self",)).filter(pk=row_id, firm_id=firm_id).first()
    if row is None:
        raise NotFound
    return row


def _tell(actor: Actor, firm_id: UUID, row: Model, *, verb: str, changes: Mapping[str, object]) -> None:
    audit.record(actor=actor, verb=verb, obj=row, firm_id=firm_id, changes=changes)
    outbox.tell(topic=CHANGED, payload={"what": row._meta.model_name, "id": str(row.pk)}, firm_id=firm_id)
