from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy

from mes.core.desk.columns import column, state, tonnes, worded
from mes.core.desk.filters import by_choice, by_day, by_row
from mes.core.desk.lists import DeskAdmin
from mes.core.desk.related import Related, relate
from mes.core.desk.sections import Section
from mes.firms.models import Firm
from orders.sales.models import SalesOrderLine
from production.machines.choices import MaterialFrom
from production.machines.models import CapacityOffer, Machine
from production.plans.choices import (
    LIVE_RUN_STATUSES,
    PromiseStatus,
    ProposalStatus,
    RunStatus,
)
from production.plans.models import (
    LineReason,
    MachineRun,
    PlannedLot,
    Promise,
    Proposal,
    Publication,
    RunPart,
)
from production.plans.selectors.reasons import reason_for_association

_STATUS = state(
    MachineRun,
    "status",
    good=(RunStatus.STARTED, RunStatus.COMPLETED, RunStatus.CONFIRMED),
    warn=(RunStatus.PROPOSED,),
    bad=(RunStatus.CANCELLED,),
)
_ANSWER = state(
    Proposal,
    "status",
    good=(ProposalStatus.ACCEPTED,),
    warn=(ProposalStatus.PROPOSED,),
    bad=(ProposalStatus.DECLINED, ProposalStatus.EXPIRED),
)
_PROMISE_STATUS = state(
    Promise,
    "status",
    good=(PromiseStatus.RESERVED,),
    bad=(PromiseStatus.EXPIRED,),
)
_WEIGHT = tonnes(gettext_lazy("weight, t"), "weight_g")
_MATERIAL_FROM = worded(Proposal, "material_from", dict(MaterialFrom.choices))
_STARTS = column(gettext_lazy("start"), lambda run: run.period.lower, order="period")
_SENTENCE = column(
    gettext_lazy("reason"),
    lambda reason: reason_for_association(reason.code, reason.data, zero_at=reason.plan_run.zero_at),
)
_ENDS = column(gettext_lazy("finish"), lambda run: run.period.upper)


@admin.register(Publication)
class PublicationAdmin(DeskAdmin):
    section = Section.PLAN
    icon = "newspaper"
    rank = 70
    list_display = ("published_at", "run", "lines_published", "left_as_was")
    list_filter = (by_day("published_at"),)
    list_select_related = ("run",)
    page_fields = list_display
    totals = ("lines_published", "left_as_was")
    ordering = ("-published_at",)


@admin.register(MachineRun)
class MachineRunAdmin(DeskAdmin):
    """The rows of the live plan. Approving, confirming, pinning and starting them is their firm's."""

    section = Section.PLAN
    icon = "view_timeline"
    rank = 20
    list_display = (_STARTS, _ENDS, "machine", "firm", "process", "pieces", _STATUS)
    list_filter = (
        by_choice("status"), by_row("firm"), by_row("machine"), by_choice("process"), by_day("work_starts_at"),
    )  # fmt: skip
    list_select_related = ("firm", "machine")
    search_fields = ("machine__code", "firm__code")
    page_fields = (
        "machine", "firm", "process", "family_code", _STARTS, "work_starts_at", _ENDS, "setup_min", "cycles", "pieces",
        _STATUS, "plan_run",
    )  # fmt: skip
    ordering = ("period", "firm__code")
    related = (Related(RunPart, "run"),)


@admin.register(RunPart)
class RunPartAdmin(DeskAdmin):
    """What a run carries; reached from the run or the lot."""

    list_display = ("step", "run", "lot", "firm", "pieces", "first_batch", "batches", "is_last_step")
    list_filter = (by_row("firm"),)
    list_select_related = ("run__machine", "lot", "firm")
    search_fields = ("run__machine__code", "firm__code")
    page_fields = list_display
    ordering = ("firm__code", "step")


@admin.register(PlannedLot)
class PlannedLotAdmin(DeskAdmin):
    section = Section.PLAN
    icon = "package_2"
    list_display = ("key", "firm", "line", "proposal", "routing_variant", "pieces", "finish_at")
    list_filter = (by_row("firm"), by_day("finish_at"))
    list_select_related = ("firm", "line__order", "proposal__line__order")
    search_fields = ("key", "firm__code", "line__order__number")
    page_fields = ("key", "firm", "line", "proposal", "routing_variant", "pieces", "finish_at", "plan_run")
    ordering = ("finish_at",)
    related = (Related(RunPart, "lot"),)


@admin.register(Proposal)
class ProposalAdmin(DeskAdmin):
    """Placements at other members. Both sides answer; the association looks on, without the fee."""

    section = Section.PLAN
    icon = "rule"
    rank = 30
    list_display = ("created_at", "line", "giver", "doer", "product", "pieces", "starts_at", "expires_at", _ANSWER)
    list_filter = (by_choice("status"), by_row("giver"), by_row("doer"), by_day("expires_at"))
    list_select_related = ("giver", "doer", "line__order")
    prefetched = ("product",)
    search_fields = ("line__order__number", "giver__code", "doer__code")
    page_fields = (
        "line", "giver", "doer", "offer", "product", "pieces", _WEIGHT, "starts_at",
        "finish_at", _MATERIAL_FROM, _ANSWER, "expires_at", "giver_agreed_at", "doer_agreed_at", "answered_at",
        "plan_run",
    )  # fmt: skip
    ordering = ("-created_at",)
    related = (Related(PlannedLot, "proposal"),)


@admin.register(Promise)
class PromiseAdmin(DeskAdmin):
    """What members were told about orders that they may take, without what offers would cost them."""

    section = Section.PLAN
    icon = "event_available"
    rank = 60
    list_display = (
        "created_at", "firm", "product", "pieces", "wanted_at", "in_house_at", _PROMISE_STATUS, "reserved_until",
    )  # fmt: skip
    list_filter = (by_choice("status"), by_row("firm"), by_day("created_at"))
    list_select_related = ("firm",)
    prefetched = ("product",)
    search_fields = ("firm__code",)
    page_fields = (
        "firm", "product", "pieces", "priority", "wanted_at", "release_at", "asked_at", "in_house_at", _PROMISE_STATUS,
        "reserved_until",
    )  # fmt: skip
    ordering = ("-created_at",)


@admin.register(LineReason)
class LineReasonAdmin(DeskAdmin):
    """Why lines are late or without a place, as the association may know it."""

    section = Section.PLAN
    icon = "help"
    rank = 40
    list_display = (_SENTENCE, "line", "firm", "position")
    list_filter = (by_row("firm"),)
    list_select_related = ("firm", "line__order", "plan_run")
    search_fields = ("line__order__number", "firm__code")
    page_fields = ("line", "firm", "position", _SENTENCE, "plan_run")
    ordering = ("line__due_at", "position")


relate(
    SalesOrderLine,
    Related(LineReason, "line"),
    Related(PlannedLot, "line"),
    Related(Proposal, "line"),
)
relate(CapacityOffer, Related(Proposal, "offer"))
relate(Machine, Related(MachineRun, "machine", only=(("status__in", LIVE_RUN_STATUSES),)))
relate(
    Firm,
    Related(MachineRun, "firm", title=gettext_lazy("Live machine runs"), only=(("status__in", LIVE_RUN_STATUSES),)),
    Related(Proposal, "doer", title=gettext_lazy("Proposals to take work over")),
)
