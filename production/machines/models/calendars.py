"""When machines work: a rule per firm or machine class, dated days for all, and a firm's own exceptions."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mes.catalog.models import MachineClass
from mes.core.bounds import plausible_days, plausible_times
from mes.core.feed import Feed, shown_to_firm
from mes.core.models import Record
from mes.core.tenancy import READ, Tenancy, private, public
from mes.firms.models import Firm
from production.machines.choices import DayKind
from production.machines.models.machines import Machine

DAY_MIN = 1440


class ShiftPattern(Record):
    """A named day of shifts."""

    tenancy: ClassVar[Tenancy] = public()

    code = models.CharField(_("code"), max_length=20, unique=True)

    class Meta:
        verbose_name = _("shift pattern")
        verbose_name_plural = _("shift patterns")

    def __str__(self) -> str:
        return self.code


class Shift(Record):
    """Minutes after local midnight; an end beyond 1440 runs into the next day."""

    tenancy: ClassVar[Tenancy] = public()

    pattern = models.ForeignKey(
        ShiftPattern, verbose_name=_("shift pattern"), on_delete=models.CASCADE, related_name="shifts"
    )
    start_min = models.PositiveSmallIntegerField(_("from, minutes after midnight"))
    end_min = models.PositiveSmallIntegerField(_("to, minutes after midnight"))

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        constraints = [
            models.CheckConstraint(
                condition=Q(end_min__gt=F("start_min"), start_min__lt=DAY_MIN, end_min__lte=2 * DAY_MIN),
                name="shift_ends_after_start",
            )
        ]

    def __str__(self) -> str:
        return f"{self.start_min}-{self.end_min}"


class CalendarDay(Record):
    """A dated exception for the whole park. `assumed`: no notice exists yet; `source` says where it comes from."""

    tenancy: ClassVar[Tenancy] = public()

    day = models.DateField(_("day"))
    kind = models.CharField(_("kind"), max_length=16, choices=DayKind.choices)
    name_zh = models.CharField(_("name (Chinese)"), max_length=40)
    name_en = models.CharField(_("name (English)"), max_length=60, blank=True, default="")
    assumed = models.BooleanField(_("assumed"), default=False)
    source = models.CharField(_("source"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("calendar day")
        verbose_name_plural = _("calendar days")
        constraints = [
            models.UniqueConstraint(fields=["day", "kind"], name="calendar_day_once"),
            models.CheckConstraint(condition=Q(kind__in=DayKind.values), name="calendar_day_kind_known"),
            models.CheckConstraint(condition=plausible_days("day"), name="calendar_day_plausible"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.name_zh}"


class CalendarRule(Record):
    """A firm's working days: of one machine class, or of all that have no rule of their own.

    `weekdays` holds ISO weekdays as digits in order ("123456" = Monday to Saturday). A trigger refuses a pattern
    without shifts: the calendar would have no hours.
    """

    tenancy: ClassVar[Tenancy] = private(exchange=READ)
    feed: ClassVar[Feed] = Feed(
        "calendar_rule",
        resource="machines",
        path="calendar-rules",
        shows=shown_to_firm("machine_class_id", "pattern_id", "weekdays", "keeps_holidays", "keeps_closure"),
    )

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    machine_class = models.ForeignKey(
        MachineClass, verbose_name=_("machine class"), null=True, blank=True, on_delete=models.PROTECT
    )
    pattern = models.ForeignKey(ShiftPattern, verbose_name=_("shift pattern"), on_delete=models.PROTECT)
    weekdays = models.CharField(_("weekdays"), max_length=7)
    keeps_holidays = models.BooleanField(_("closed on public holidays"), default=True)
    keeps_closure = models.BooleanField(_("closed in the shop closure"), default=True)

    class Meta:
        verbose_name = _("calendar rule")
        verbose_name_plural = _("calendar rules")
        constraints = [
            models.UniqueConstraint(
                fields=["firm", "machine_class"], nulls_distinct=False, name="calendar_rule_once_per_class"
            ),
            models.CheckConstraint(
                condition=Q(weekdays__regex="^(?=.)1?2?3?4?5?6?7?$"), name="weekdays_are_iso_digits"
            ),
        ]

    def __str__(self) -> str:
        return self.weekdays


class Dated(Record):
    """A half-open period [start, end)."""

    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))
    note = models.CharField(_("note"), max_length=200, blank=True, default="")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{timezone.localtime(self.starts_at):%Y-%m-%d %H:%M}"


class Overtime(Dated):
    """The firm works around the clock, closed days included; one machine, or all."""

    tenancy: ClassVar[Tenancy] = private()
    feed: ClassVar[Feed] = Feed(
        "overtime",
        resource="machines",
        path="overtime",
        shows=shown_to_firm("machine_id", "starts_at", "ends_at", "note"),
    )

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    machine = models.ForeignKey(Machine, verbose_name=_("machine"), null=True, blank=True, on_delete=models.CASCADE)

    class Meta:
        verbose_name = _("overtime")
        verbose_name_plural = _("overtime")
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="overtime_ends_after_start"),
            models.CheckConstraint(condition=plausible_times("starts_at", "ends_at"), name="overtime_plausible"),
        ]


class Downtime(Dated):
    """The machine stands: repair, maintenance."""

    tenancy: ClassVar[Tenancy] = private()
    feed: ClassVar[Feed] = Feed(
        "downtime",
        resource="machines",
        path="downtimes/{id}",
        shows=shown_to_firm("machine_id", "starts_at", "ends_at", "planned", "note"),
    )

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    machine = models.ForeignKey(Machine, verbose_name=_("machine"), on_delete=models.CASCADE)
    planned = models.BooleanField(pgettext_lazy("downtime", "planned"), default=True)

    class Meta:
        verbose_name = _("downtime")
        verbose_name_plural = _("downtimes")
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="downtime_ends_after_start"),
            models.CheckConstraint(condition=plausible_times("starts_at", "ends_at"), name="downtime_plausible"),
        ]


class FrozenBooking(Dated):
    """Machine time promised already to other work of the firm; the planner never moves it."""

    tenancy: ClassVar[Tenancy] = private()

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    machine = models.ForeignKey(Machine, verbose_name=_("machine"), on_delete=models.CASCADE)

    class Meta:
        verbose_name = _("frozen booking")
        verbose_name_plural = _("frozen bookings")
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="booking_ends_after_start"),
            models.CheckConstraint(condition=plausible_times("starts_at", "ends_at"), name="booking_plausible"),
        ]
