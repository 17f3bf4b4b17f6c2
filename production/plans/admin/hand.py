"""The hand of the members' planners, so that a dispatcher understands a plan. Setting and lifting it is the firm's."""

from __future__ import annotations

from django.contrib import admin

from mes.core.desk.filters import by_choice, by_row
from mes.core.desk.lists import DeskAdmin
from mes.core.desk.related import Related, relate
from mes.core.desk.sections import Section
from orders.sales.models import SalesOrderLine
from production.machines.models import Machine
from production.plans.models import ForbiddenMachine, Pin, Sequence, SequenceLine


@admin.register(Pin)
class PinAdmin(DeskAdmin):
    """Steps that stay on a machine, or start at a time, in each plan."""

    section = Section.PLAN
    icon = "keep"
    rank = 80
    list_display = ("line", "firm", "process", "machine", "starts_at", "created_at")
    list_filter = (by_row("firm"), by_row("machine"), by_choice("process"))
    list_select_related = ("firm", "line__order", "machine")
    search_fields = ("line__order__number", "firm__code", "machine__code")
    page_fields = list_display
    ordering = ("-created_at",)


@admin.register(ForbiddenMachine)
class ForbiddenMachineAdmin(DeskAdmin):
    """Machines that lines are kept off."""

    section = Section.PLAN
    icon = "block"
    rank = 81
    list_display = ("line", "firm", "machine", "created_at")
    list_filter = (by_row("firm"), by_row("machine"))
    list_select_related = ("firm", "line__order", "machine")
    search_fields = ("line__order__number", "firm__code", "machine__code")
    page_fields = list_display
    ordering = ("-created_at",)


@admin.register(Sequence)
class SequenceAdmin(DeskAdmin):
    """Machines on which lines come in an order that was set."""

    section = Section.PLAN
    icon = "format_list_numbered"
    rank = 82
    list_display = ("machine", "firm", "created_at")
    list_filter = (by_row("firm"),)
    list_select_related = ("firm", "machine")
    search_fields = ("firm__code", "machine__code")
    page_fields = list_display
    ordering = ("firm__code", "machine__code")
    related = (Related(SequenceLine, "sequence"),)


@admin.register(SequenceLine)
class SequenceLineAdmin(DeskAdmin):
    """A line in its place; reached from the sequence or the line."""

    list_display = ("sequence", "position", "line", "firm")
    list_filter = (by_row("firm"),)
    list_select_related = ("firm", "line__order", "sequence__machine")
    search_fields = ("line__order__number", "firm__code")
    page_fields = list_display
    ordering = ("sequence__machine__code", "position")


relate(SalesOrderLine, Related(Pin, "line"), Related(ForbiddenMachine, "line"), Related(SequenceLine, "line"))
relate(Machine, Related(Pin, "machine"), Related(ForbiddenMachine, "machine"), Related(Sequence, "machine"))
