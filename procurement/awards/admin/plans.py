"""The award workbench: a plan beside the others of its round, what was searched, and what an officer may do."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from mes.core.desk.acts import offer
from mes.core.desk.columns import column, grouped, state, worded
from mes.core.desk.filters import by_choice, by_row
from mes.core.desk.lists import DeskAdmin
from mes.core.desk.related import Related, relate
from mes.core.desk.sections import Section
from procurement.awards.admin.acts import PLAN_ACTS, ROUND_ACTS
from procurement.awards.choices import PlanKind, PlanStatus, SearchStatus
from procurement.awards.models import AwardConsent, AwardLine, AwardPlan, AwardSearch, FirmShare
from procurement.awards.selectors.fairness import fairness_report
from procurement.awards.selectors.units import MFEN_PER_CNY
from procurement.awards.selectors.workbench import award_columns
from procurement.rounds.models import Round

_STATUS = state(
    AwardPlan, "status", good=(PlanStatus.AWARDED,), warn=(PlanStatus.PROPOSED,), bad=(PlanStatus.SET_ASIDE,)
)
_SEARCH_STATUS = state(
    AwardSearch,
    "status",
    good=(SearchStatus.DONE,),
    warn=(SearchStatus.QUEUED, SearchStatus.STALE),
    bad=(SearchStatus.REFUSED, SearchStatus.FAILED),
)
_COST = column(_("cost, CNY"), lambda plan: grouped(plan.cost_mfen // MFEN_PER_CNY))
_DEARER = column(_("dearer, CNY"), lambda plan: grouped(plan.dearer_mfen // MFEN_PER_CNY))
_MADE_BY = worded(AwardPlan, "made_by", {"search": _("search"), "greedy": PlanKind.GREEDY.label})
_ENDED_BY = worded(
    AwardPlan,
    "ended_by",
    {"gap": _("proof of the gap"), "seconds": _("end of its time"), "nodes": _("end of its nodes")},
)


@admin.register(AwardPlan)
class AwardPlanAdmin(DeskAdmin):
    """Above the fields stand all plans of the turn, side by side, and whether this one is fair."""

    section = Section.ROUNDS
    icon = "balance"
    rank = 30
    change_form_outer_before_template: Any = "awards/workbench.html"
    list_display = ("created_at", "round", "kind", _STATUS, "turn", _COST, _DEARER)
    list_filter = (by_row("round"), by_choice("kind"), by_choice("status"))
    list_select_related = ("round",)
    search_fields = ("round__code",)
    page_fields = (
        "round", "kind", _STATUS, "turn", _COST, _DEARER, _MADE_BY, _ENDED_BY, "reason", "created_at",
    )  # fmt: skip
    ordering = ("-created_at",)
    related = (Related(AwardLine, "plan"), Related(FirmShare, "plan"), Related(AwardConsent, "plan"))
    acts_on_row = PLAN_ACTS

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        plan = self.get_object(request, object_id)
        beside = {} if plan is None else {"columns": award_columns(plan), "report": fairness_report(plan)}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **beside})


@admin.register(AwardSearch)
class AwardSearchAdmin(DeskAdmin):
    list_display = ("created_at", "round", "kind", _SEARCH_STATUS, "turn", "said", "finished_at")
    list_filter = (by_row("round"), by_choice("kind"), by_choice("status"))
    list_select_related = ("round",)
    search_fields = ("round__code",)
    page_fields = (
        "round", "kind", _SEARCH_STATUS, "turn", "reason", "purchases", "said", "created_at", "finished_at",
    )  # fmt: skip
    ordering = ("-created_at",)


relate(Round, Related(AwardPlan, "round"), Related(AwardSearch, "round"))
offer(Round, *ROUND_ACTS)
