"""Scenarios on the desk: beside the snapshot that they share, one alone or all of one snapshot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mes.catalog.models import MachineClass
from mes.core.actors import Actor
from mes.core.desk.acts import Act
from mes.core.desk.columns import NOTHING, column, state
from mes.core.desk.filters import by_choice, by_day, by_row
from mes.core.desk.lists import DeskAdmin
from mes.core.desk.names import name_of
from mes.core.desk.related import Related
from mes.core.desk.sections import Section
from orders.sales.choices import PlanState
from production.plans.admin.followed import Followed, FollowedAdmin
from production.plans.admin.new_scenario import NewScenarioPage
from production.plans.choices import OPEN_SCENARIO_STATES, SCENARIO_NEXT, ScenarioFault, ScenarioState
from production.plans.models import Scenario, ScenarioBase, ScenarioLine
from production.plans.selectors.reasons import reason_for_association
from production.plans.selectors.scenario_comparison import override_in_words, scenario_rows
from production.plans.selectors.scenarios import compared_with
from production.plans.services.scenarios import scenario_discard

_STATE = state(Scenario, "state", good=(ScenarioState.COMPUTED,), bad=(ScenarioState.FAILED,))
_LINE_TONES: dict[str, Sequence[str]] = {
    "good": (PlanState.ON_TIME,),
    "warn": (PlanState.LATE,),
    "bad": (PlanState.UNPLACED,),
}
_BEFORE = state(ScenarioLine, "state_before", **_LINE_TONES)
_AFTER = state(ScenarioLine, "state", **_LINE_TONES)


def _sentences(scenario: Scenario) -> Any:
    told = [(override_in_words(item, zero_at=scenario.base.zero_at),) for item in scenario.overrides]
    return format_html_join("", '<div class="plan-run-reason">{}</div>', told)


def _fault(scenario: Scenario) -> Any:
    """Why it failed, and by which of its changes."""
    if not scenario.fault:
        return NOTHING
    words = str(ScenarioFault(scenario.fault).label)
    number = scenario.fault_at.strip("/").partition("/")[0]
    if not number.isdigit() or int(number) >= len(scenario.overrides):
        return words
    what = override_in_words(scenario.overrides[int(number)], zero_at=scenario.base.zero_at)
    return _("%(about)s: %(reason)s") % {"about": what, "reason": words}


def _reasons(line: ScenarioLine) -> Any:
    zero_at = line.scenario.base.zero_at
    told = [(reason_for_association(reason["code"], reason["data"], zero_at=zero_at),) for reason in line.reasons]
    return format_html_join("", '<div class="plan-run-reason">{}</div>', told) if told else NOTHING


_OVERRIDES = column(gettext_lazy("what is otherwise"), _sentences)
_FAULT = column(gettext_lazy("fault"), _fault)
_WHY = column(gettext_lazy("reasons"), _reasons)
_IS_PLANNED = column(gettext_lazy("planned"), lambda base: bool(base.figures))


def _discard(actor: Actor, scenario: Scenario, values: Mapping[str, Any]) -> str:
    scenario_discard(actor=actor, scenario_id=scenario.pk)
    return _("The scenario is dropped.")


def side_by_side(base: ScenarioBase, scenarios: Sequence[Scenario]) -> dict[str, Any]:
    """What the template of the comparison shows."""
    names = {row.code: name_of(row) for row in MachineClass.objects.all()}
    return {
        "base": base,
        "base_address": reverse("admin:plans_scenariobase_change", args=[base.pk]),
        "columns": [(item, reverse("admin:plans_scenario_change", args=[item.pk]), _STATE(item)) for item in scenarios],
        "rows": scenario_rows(base.figures, [item.figures for item in scenarios], class_names=names),
        "changes": [(item, _sentences(item)) for item in scenarios],
        "is_over": not any(item.state in OPEN_SCENARIO_STATES for item in scenarios),
    }


@admin.register(Scenario)
class ScenarioAdmin(FollowedAdmin):
    """What if: planned apart from the live plan, compared by figures, never published."""

    followed = Followed(
        "plans/scenarios_compared.html", lambda scenario, _actor: side_by_side(scenario.base, [scenario])
    )
    change_form_outer_before_template: Any = "plans/scenarios.html"
    section = Section.PLAN
    icon = "alt_route"
    rank = 65
    list_display = ("name", "base", _STATE, _OVERRIDES, "created_at", "finished_at")
    list_filter = (by_choice("state"), by_day("created_at"))
    list_select_related = ("base",)
    search_fields = ("name",)
    page_fields = ("name", "base", _STATE, _OVERRIDES, _FAULT, "input_hash", "created_at", "finished_at")
    ordering = ("-created_at",)
    related = (
        Related(
            ScenarioLine,
            "scenario",
            title=gettext_lazy("Order lines that change"),
            columns=("label", "line_firm", "due_at", _BEFORE, "finish_before_at", _AFTER, "finish_at", _WHY),
        ),
    )
    acts_on_row = (
        Act(
            name="discard",
            verb="scenario.discard",
            title=gettext_lazy("Drop"),
            explained=gettext_lazy("Drops the scenario. It never was part of the live plan."),
            run=_discard,
            icon="delete",
            applies=lambda scenario: ScenarioState.DISCARDED in SCENARIO_NEXT[scenario.state],
        ),
    )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        answer = super().changelist_view(request, extra_context)
        context = getattr(answer, "context_data", None)
        if context is not None:
            context["actions_list"] = [*context["actions_list"], *_button(request, _("New scenario"))]
        return answer

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        answer = super().render_change_form(request, context, *args, **kwargs)
        obj = context.get("original")
        if obj is not None:
            more = _button(request, _("One more on this snapshot"), like=obj.pk)
            context["actions_detail"] = [*context["actions_detail"], *more]
        return answer


def _button(request: HttpRequest, title: str, **asked: Any) -> list[dict[str, Any]]:
    """Leads to the page that asks for a scenario, for whom may start one."""
    if not request.user.has_perm(NewScenarioPage.permission()):
        return []
    query = f"?{urlencode(asked)}" if asked else ""
    return [{"title": title, "icon": "add", "attrs": {}, "path": f"{NewScenarioPage.address()}{query}"}]


@admin.register(ScenarioBase)
class ScenarioBaseAdmin(FollowedAdmin):
    """All scenarios of one snapshot next to each other; reached from a scenario."""

    followed = Followed(
        "plans/scenarios_compared.html", lambda base, _actor: side_by_side(base, compared_with(base.pk))
    )
    change_form_outer_before_template: Any = "plans/scenarios.html"
    list_display = ("zero_at", _IS_PLANNED, "input_hash", "created_at")
    list_filter = (by_day("zero_at"),)
    page_fields = ("zero_at", "input_hash", "created_at")
    ordering = ("-created_at",)


@admin.register(ScenarioLine)
class ScenarioLineAdmin(DeskAdmin):
    """Reached from the scenario."""

    list_display = (
        "label", "scenario", "line_firm", "due_at", _BEFORE, "finish_before_at", _AFTER, "finish_at", _WHY,
    )  # fmt: skip
    list_filter = (by_row("line_firm"), by_choice("state"), by_day("due_at"))
    list_select_related = ("scenario__base", "line_firm")
    search_fields = ("label", "line_firm__code")
    page_fields = (
        "scenario", "label", "line_firm", "line", "due_at", _BEFORE, "finish_before_at", _AFTER, "finish_at", _WHY,
    )  # fmt: skip
    ordering = ("due_at", "label")
