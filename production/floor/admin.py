from __future__ import annotations

from django.contrib import admin

from mes.core.desk.filters import by_day, by_row
from mes.core.desk.lists import DeskAdmin
from mes.core.desk.related import Related, relate
from mes.core.desk.sections import Section
from production.floor.models import ProductionReport
from production.plans.models import MachineRun


@admin.register(ProductionReport)
class ProductionReportAdmin(DeskAdmin):
    """What was made. The association sees pieces, not who reported them."""

    section = Section.PLAN
    icon = "fact_check"
    rank = 60
    grows_long = True
    list_display = ("reported_at", "run", "firm", "good_pieces", "scrap_pieces")
    list_filter = (by_row("firm"), by_day("reported_at"))
    list_select_related = ("firm", "run__machine")
    search_fields = ("run__machine__code", "firm__code")
    page_fields = list_display
    ordering = ("-reported_at",)


relate(MachineRun, Related(ProductionReport, "run"))
