"""When a firm's machines work: rules, and dated exceptions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mes.catalog.models import MachineClass
from mes.core import audit, outbox
from mes.core.actors import Actor
from mes.core.errors import InvalidValue, NotFound
from production.machines.models import CalendarRule, Downtime, FrozenBooking, Overtime, ShiftPattern
from production.machines.selectors.own import machine_get
from production.machines.services.machines import own_firm

VERB = "calendar.edit"
CHANGED = "calendar.changed"
WEEKDAYS = "1234567"
MOST_NOTE_LENGTH = 200


class PeriodChanges(TypedDict, total=False):
    """Fields of a downtime that may change; those that are left out stay."""

    starts_at: datetime
    ends_at: datetime
    planned: bool
    note: str


@transaction.atomic
def calendar_rule_set(
    *,
    actor: Actor,
    pattern_code: str,
    weekdays: str,
    class_code: str | None = None,
    keeps_holidays: bool = True,
    keeps_closure: bool = True,
) -> CalendarRule:
    """The working days of one machine class of the firm, or of all that have no rule of their own.

    `weekdays`: ISO digits, "12345" = Monday to Friday. A rule that is there is replaced. Raises InvalidValue
    with a pointer, NotPermitted.
    """
    firm_id = own_firm(actor=actor, verb=VERB)
    weekdays = check_weekdays(weekdays)
    pattern = ShiftPattern.objects.filter(code=pattern_code).first()
    machine_class = MachineClass.objects.filter(code=class_code).first() if class_code else None
    if pattern is None:
        raise InvalidValue(_("There is no such shift pattern."), pointer="/pattern_code")
    if not pattern.shifts.exists():
        raise InvalidValue(_("This shift pattern has no hours."), pointer="/pattern_code")
    if class_code and machine_class is None:
        raise InvalidValue(_("There is no such machine class."), pointer="/class_code")
    values: dict[str, Any] = {"weekdays": weekdays, "keeps_holidays": keeps_holidays, "keeps_closure": keeps_closure}
    own = CalendarRule.objects.filter(firm_id=firm_id, machine_class=machine_class)
    before = own.select_related("pattern").first()
    rule, _new = CalendarRule.objects.update_or_create(
        firm_id=firm_id, machine_class=machine_class, defaults=values | {"pattern": pattern}
    )
    changes: dict[str, Any] = {"class": audit.Change(class_code, class_code) if before else class_code}
    changes["pattern"] = audit.Change(before.pattern.code if before else None, pattern_code)
    _tell(actor, firm_id, rule, verb="calendar_rule.set", changes=changes | audit.changed(before, values))
    return rule


@transaction.atomic
def overtime_add(
    *, actor: Actor, starts_at: datetime, ends_at: datetime, machine_id: UUID | None = None, note: str = ""
) -> Overtime:
    """Work around the clock in [starts_at, ends_at), closed days included: the whole firm, or one machine.

    Raises InvalidValue, NotFound for another firm's machine, NotPermitted.
    """
    firm_id = own_firm(actor=actor, verb=VERB)
    machine = machine_get(actor=actor, machine_id=machine_id) if machine_id else None
    check_period(starts_at, ends_at, note)
    row = Overtime.objects.create(firm_id=firm_id, machine=machine, starts_at=starts_at, ends_at=ends_at, note=note)
    changes = {"machine": machine.code if machine else None, "starts_at": starts_at, "ends_at": ends_at}
    _tell(actor, firm_id, row, verb="overtime.add", changes=changes)
    return row


@transaction.atomic
def downtime_add(
    *, actor: Actor, machine_id: UUID, starts_at: datetime, ends_at: datetime, planned: bool = True, note: str = ""
) -> Downtime:
    """A machine stands in [starts_at, ends_at). Raises as overtime_add."""
    firm_id = own_firm(actor=actor, verb=VERB)
    machine = machine_get(actor=actor, machine_id=machine_id)
    check_period(starts_at, ends_at, note)
    row = Downtime.objects.create(
        firm_id=firm_id, machine=machine, starts_at=starts_at, ends_at=ends_at, planned=planned, note=note
    )
    changes = {"machine": machine.code, "starts_at": starts_at, "ends_at": ends_at, "planned": planned}
    _tell(actor, firm_id, row, verb="downtime.add", changes=changes)
    return row


@transaction.atomic
def downtime_change(*, actor: Actor, downtime_id: UUID, changes: PeriodChanges) -> Downtime:
    """Moves, ends or describes a downtime; what is left out stays. The next plan follows it.

    Raises InvalidValue with a pointer, NotFound for another firm's downtime, NotPermitted.
    """
    firm_id = own_firm(actor=actor, verb=VERB)
    row = _downtime_locked(firm_id, downtime_id)
    if not changes:
        raise InvalidValue(_("Nothing is changed."))
    told = audit.changed(row, changes)
    for name, value in changes.items():
        setattr(row, name, value)
    check_period(row.starts_at, row.ends_at, row.note)
    row.save(update_fields=list(changes))
    _tell(actor, firm_id, row, verb="downtime.change", changes=told)
    return row


@transaction.atomic
def downtime_remove(*, actor: Actor, downtime_id: UUID) -> Downtime:
    """A downtime that does not take place after all. Raises NotFound for another firm's, NotPermitted."""
    firm_id = own_firm(actor=actor, verb=VERB)
    row = _downtime_locked(firm_id, downtime_id)
    Downtime.objects.filter(pk=row.pk).delete()
    changes = {"machine": row.machine.code, "starts_at": row.starts_at, "ends_at": row.ends_at}
    _tell(actor, firm_id, row, verb="downtime.remove", changes=audit.removed(changes))
    return row


@transaction.atomic
def frozen_booking_add(
    *, actor: Actor, machine_id: UUID, starts_at: datetime, ends_at: datetime, note: str = ""
) -> FrozenBooking:
    """Machine time in [starts_at, ends_at) that is promised to other work; the planner never moves it.

    Raises InvalidValue, also when another booking takes some of the time; NotFound; NotPermitted.
    """
    firm_id = own_firm(actor=actor, verb=VERB)
    machine = machine_get(actor=actor, machine_id=machine_id)
    check_period(starts_at, ends_at, note)
    type(machine).objects.select_for_update(of=("self",)).get(pk=machine.pk)  # one booking of a machine at a time
    if FrozenBooking.objects.filter(machine=machine, starts_at__lt=ends_at, ends_at__gt=starts_at).exists():
        raise InvalidValue(_("Another booking takes some of this time."), pointer="/starts_at")
    row = FrozenBooking.objects.create(
        firm_id=firm_id, machine=machine, starts_at=starts_at, ends_at=ends_at, note=note
    )
    changes = {"machine": machine.code, "starts_at": starts_at, "ends_at": ends_at}
    _tell(actor, firm_id, row, verb="frozen_booking.add", changes=changes)
    return row


def check_weekdays(weekdays: str) -> str:
    """ISO digits in order. Raises InvalidValue for anything else, also for none."""
    if not weekdays or len(set(weekdays)) != len(weekdays) or not set(weekdays) <= set(WEEKDAYS):
        raise InvalidValue(_("Weekdays are digits from 1 (Monday) to 7."), pointer="/weekdays")
    return "".join(sorted(weekdays))


def check_period(starts_at: datetime, ends_at: datetime, note: str = "") -> None:
    """Raises InvalidValue unless both instants are aware and the end comes after the start."""
    if timezone.is_naive(starts_at) or timezone.is_naive(ends_at) or ends_at <= starts_at:
        raise InvalidValue(_("The end must come after the start."), pointer="/ends_at")
    if len(note) > MOST_NOTE_LENGTH:
        raise InvalidValue(_("The note is too long."), pointer="/note")


def _downtime_locked(firm_id: UUID, downtime_id: UUID) -> Downtime:
    own = Downtime.objects.select_related("machine").select_for_update(of=("self",))
    row = own.filter(pk=downtime_id, firm_id=firm_id).first()
    if row is None:
        raise NotFound
    return row


def _tell(actor: Actor, firm_id: UUID, row: Model, *, verb: str, changes: Mapping[str, object]) -> None:
    audit.record(actor=actor, verb=verb, obj=row, firm_id=firm_id, changes=changes)
    outbox.tell(topic=CHANGED, payload={"what": row._meta.model_name, "id": str(row.pk)}, firm_id=firm_id)
