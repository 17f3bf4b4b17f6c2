from __future__ import annotations

from django.contrib import admin

from mes.core.desk.lists import DeskAdmin
from mes.core.desk.sections import Section
from orders.sales.models import SalesOrder


@admin.register(SalesOrder)
class SalesOrderAdmin(DeskAdmin):
    """Orders of all firms, without customer and price: those are the firm's alone."""

    section = Section.ORDERS
    icon = "receipt_long"
    list_display = ("number", "firm", "origin", "status", "ordered_on")
    list_filter = ("status", "origin")
    list_select_related = ("firm",)
    search_fields = ("number", "firm__code")
    fields = ("number", "firm", "external_ref", "origin", "status", "ordered_on", "decline_reason")
    ordering = ("firm__code", "number")
