from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mes.catalog.choices import APPROVALS
from mes.catalog.models import MachineClass, Material
from mes.core.clock import business_now
from mes.core.desk.columns import column, state, tonnes, worded
from mes.core.desk.filters import Question, ask, by_choice, by_day, by_few, by_flag, by_row, by_word
from mes.core.desk.lists import DeskAdmin
from mes.core.desk.related import Related, relate
from mes.core.desk.sections import Section
from mes.firms.models import Firm
from production.machines.choices import MachineStatus, OfferStatus, PoolStatus
from production.machines.models import (
    CalendarDay,
    CalendarRule,
    CapacityOffer,
    Downtime,
    FirmApproval,
    FrozenBooking,
    Machine,
    OfferedMachine,
    Overtime,
    Pool,
    PoolDowntime,
    PoolNeed,
    Shift,
    ShiftPattern,
    StockMovement,
)
from production.machines.selectors.unready import downtimes_under_way, firms_without_hours

_MINUTES_PER_HOUR = 60
_STATUS = state(
    Machine,
    "status",
    good=(MachineStatus.INSTALLED,),
    warn=(MachineStatus.OWNED_NOT_INSTALLED,),
    bad=(MachineStatus.RETIRED,),
)
_APPROVAL = worded(FirmApproval, "code", APPROVALS)
_POOL_STATUS = state(Pool, "status", good=(PoolStatus.IN_SERVICE,), bad=(PoolStatus.RETIRED,))
_OFFER_STATUS = state(CapacityOffer, "status", good=(OfferStatus.PUBLISHED,), bad=(OfferStatus.WITHDRAWN,))


class _MachinesAdmin(DeskAdmin):
    section: ClassVar[Section | None] = Section.MACHINES


class Hours(Question):
    """Of the members' list: whose machines stand idle because nobody said when they work."""

    title = gettext_lazy("working hours")
    parameter_name = "hours"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("none", gettext_lazy("machines without working hours"))]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        return queryset.filter(pk__in=firms_without_hours()) if self.value() == "none" else queryset


class When(Question):
    title = gettext_lazy("when")
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("now", gettext_lazy("under way"))]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        return queryset.filter(pk__in=downtimes_under_way(now=business_now())) if self.value() == "now" else queryset


class _PeriodAdmin(_MachinesAdmin):
    """A firm's exceptions. Of their notes only a downtime's is shown: the others may name customers."""

    list_display: Any = ("starts_at", "ends_at", "machine", "firm")
    list_filter: ClassVar[Any] = (by_row("firm"), by_row("machine"), by_day("starts_at"))
    list_select_related = ("firm", "machine")
    search_fields = ("machine__code", "firm__code")
    page_fields: ClassVar[Any] = ("firm", "machine", "starts_at", "ends_at", "created_at")
    ordering = ("-starts_at",)


@admin.register(Machine)
class MachineAdmin(_MachinesAdmin):
    icon = "precision_manufacturing"
    rank = 10
    list_display = ("code", "firm", "machine_class", _STATUS, "efficiency_permille", "family")
    list_filter = (
        by_choice("status"), by_choice("machine_class__kind"), by_row("machine_class"), by_row("firm"),
    )  # fmt: skip
    list_select_related = ("firm", "machine_class", "family")
    search_fields = ("code", "firm__code", "machine_class__code")
    page_fields = (
        "code",
        "firm",
        "external_ref",
        "machine_class",
        _STATUS,
        "efficiency_permille",
        "family",
        "created_at",
    )
    ordering = ("firm__code", "code")
    related = (
        Related(Downtime, "machine"),
        Related(Overtime, "machine"),
        Related(FrozenBooking, "machine"),
        Related(OfferedMachine, "machine"),
    )


@admin.register(Pool)
class PoolAdmin(_MachinesAdmin):
    """What runs of a firm share beside its machines. Not its name: that may be a customer's."""

    icon = "category"
    rank = 15
    list_display = ("code", "firm", "kind", "size", _POOL_STATUS, "pattern")
    list_filter = (by_choice("kind"), by_choice("status"), by_row("firm"))
    list_select_related = ("firm", "pattern")
    search_fields = ("code", "firm__code")
    page_fields = (
        "code", "firm", "kind", "size", _POOL_STATUS, "pattern", "weekdays", "keeps_holidays",
        "keeps_closure", "created_at",
    )  # fmt: skip
    ordering = ("firm__code", "code")
    related = (Related(PoolNeed, "pool"), Related(PoolDowntime, "pool"))


@admin.register(PoolNeed)
class PoolNeedAdmin(DeskAdmin):
    """What holds of a pool; reached from the pool."""

    list_display = ("pool", "units", "machine", "machine_class", "process", "product", "thickness_mm", "firm")
    list_filter = (by_row("firm"), by_choice("process"))
    list_select_related = ("pool", "machine", "machine_class", "firm")
    prefetched = ("product",)
    search_fields = ("pool__code", "firm__code")
    page_fields = list_display
    ordering = ("firm__code", "pool__code")


@admin.register(PoolDowntime)
class PoolDowntimeAdmin(_MachinesAdmin):
    icon = "handyman"
    rank = 35
    list_display: Any = ("starts_at", "ends_at", "pool", "units", "firm", "planned")
    list_filter: ClassVar[Any] = (by_row("firm"), by_flag("planned"), by_day("starts_at"))
    list_select_related = ("firm", "pool")
    search_fields = ("pool__code", "firm__code")
    page_fields: ClassVar[Any] = ("firm", "pool", "units", "starts_at", "ends_at", "planned", "created_at")
    ordering = ("-starts_at",)


@admin.register(CapacityOffer)
class CapacityOfferAdmin(_MachinesAdmin):
    """What firms offer to each other, without the fee: the association does not read it."""

    icon = "sell"
    rank = 20
    list_display = ("code", "firm", _OFFER_STATUS, "starts_at", "ends_at", "share_pct", "least_lot_kg", "accept")
    list_filter = (by_choice("status"), by_row("firm"), by_choice("accept"), by_day("ends_at"))
    list_select_related = ("firm",)
    search_fields = ("code", "firm__code")
    page_fields = (
        "code", "firm", _OFFER_STATUS, "starts_at", "ends_at", "share_pct", "least_lot_kg", "accept", "material_from",
        "published_at", "withdrawn_at", "created_at",
    )  # fmt: skip
    ordering = ("-ends_at", "firm__code")
    related = (Related(OfferedMachine, "offer"),)


@admin.register(OfferedMachine)
class OfferedMachineAdmin(DeskAdmin):
    """A machine in an offer; reached from either."""

    list_display = ("machine", "offer", "firm")
    list_filter = (by_row("firm"),)
    list_select_related = ("machine", "offer", "firm")
    search_fields = ("machine__code", "offer__code", "firm__code")
    page_fields = list_display
    ordering = ("firm__code", "machine__code")


@admin.register(CalendarRule)
class CalendarRuleAdmin(_MachinesAdmin):
    icon = "schedule"
    list_display = ("weekdays", "firm", "machine_class", "pattern", "keeps_holidays", "keeps_closure")
    list_filter = (by_row("firm"), by_few("pattern"), by_flag("keeps_holidays"), by_flag("keeps_closure"))
    list_select_related = ("firm", "machine_class", "pattern")
    search_fields = ("firm__code", "pattern__code", "machine_class__code")
    page_fields = ("firm", "machine_class", "weekdays", "pattern", "keeps_holidays", "keeps_closure", "created_at")
    ordering = ("firm__code", "machine_class__code")


@admin.register(ShiftPattern)
class ShiftPatternAdmin(_MachinesAdmin):
    icon = "view_day"
    list_display = ("code", "created_at")
    search_fields = ("code",)
    page_fields = ("code",)
    ordering = ("code",)
    related = (Related(Shift, "pattern"),)


def _clock(minutes: int) -> str:
    """Minutes after midnight as a time; beyond midnight it is the next day's."""
    hours, rest = divmod(minutes, _MINUTES_PER_HOUR)
    if hours > 24 or (hours == 24 and rest):
        return _("%(time)s of the next day") % {"time": f"{hours - 24:02d}:{rest:02d}"}
    return f"{hours:02d}:{rest:02d}"


@admin.register(Shift)
class ShiftAdmin(DeskAdmin):
    """A shift of a pattern; reached from the pattern."""

    list_display = (
        column(gettext_lazy("from"), lambda shift: _clock(shift.start_min), order="start_min"),
        column(gettext_lazy("to"), lambda shift: _clock(shift.end_min), order="end_min"),
        "pattern",
    )
    list_filter = (by_few("pattern"),)
    list_select_related = ("pattern",)
    search_fields = ("pattern__code",)
    page_fields = list_display
    ordering = ("pattern__code", "start_min")


@admin.register(CalendarDay)
class CalendarDayAdmin(_MachinesAdmin):
    icon = "event"
    list_display = ("day", "kind", "name_zh", "name_en", "assumed", "source")
    list_filter = (by_choice("kind"), by_flag("assumed"), by_day("day"))
    search_fields = ("name_zh", "name_en")
    page_fields = list_display
    ordering = ("day",)


@admin.register(Downtime)
class DowntimeAdmin(_PeriodAdmin):
    icon = "build"
    rank = 30
    list_display = ("starts_at", "ends_at", "machine", "firm", "planned", "note")
    list_filter = (When, by_row("firm"), by_row("machine"), by_flag("planned"), by_day("starts_at"))
    page_fields = ("firm", "machine", "starts_at", "ends_at", "planned", "note", "created_at")


@admin.register(Overtime)
class OvertimeAdmin(_PeriodAdmin):
    icon = "more_time"


@admin.register(FrozenBooking)
class FrozenBookingAdmin(_PeriodAdmin):
    icon = "lock_clock"


@admin.register(FirmApproval)
class FirmApprovalAdmin(_MachinesAdmin):
    icon = "verified"
    list_display = (_APPROVAL, "firm", "created_at")
    list_filter = (by_row("firm"), by_word("code", APPROVALS))
    list_select_related = ("firm",)
    search_fields = ("code", "firm__code")
    page_fields = list_display
    ordering = ("code", "firm__code")


@admin.register(StockMovement)
class StockMovementAdmin(_MachinesAdmin):
    icon = "inventory"
    rank = 40
    grows_long = True
    list_display = ("available_at", "firm", "material", tonnes(gettext_lazy("mass, t"), "mass_g"), "reason", "lot")
    list_filter = (by_row("firm"), by_row("material"), by_choice("reason"), by_day("available_at"))
    list_select_related = ("firm", "material", "lot")
    search_fields = ("material__code", "firm__code")
    page_fields = list_display
    ordering = ("-available_at",)


ask(Firm, Hours)
relate(
    Firm,
    Related(Machine, "firm"),
    Related(CalendarRule, "firm"),
    Related(Pool, "firm"),
    Related(CapacityOffer, "firm"),
    Related(FirmApproval, "firm"),
)
relate(MachineClass, Related(Machine, "machine_class"))
relate(Material, Related(StockMovement, "material"))
