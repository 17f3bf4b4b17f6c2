"""A plan run on the desk: its progress, what it is worth, which orders are late and why, and what it moved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mes.core.actors import Actor
from mes.core.clock import business_now
from mes.core.desk.acts import Act, LeadsTo
from mes.core.desk.columns import NOTHING, column, grouped, state
from mes.core.desk.filters import by_choice, by_day, by_row
from mes.core.desk.lists import DeskAdmin
from mes.core.desk.related import Related, table_of
from mes.core.desk.sections import Section
from production.plans.admin.advice import advice_compared
from production.plans.admin.followed import Followed, FollowedAdmin
from production.plans.choices import PLAN_RUN_NEXT, PlanRunState, PlanScope
from production.plans.models import LateLine, MovedRun, PlanRun, Proposal, Publication
from production.plans.selectors.comparison import comparison, plan_before, rules_tried
from production.plans.selectors.reasons import note_for_association, reason_for_association
from production.plans.services.computing import GIVEN_UP
from production.plans.services.runs import plan_run_discard, plan_run_publish, plan_run_start

_STATE = state(
    PlanRun,
    "state",
    good=(PlanRunState.PUBLISHED,),
    warn=(PlanRunState.CANDIDATE,),
    bad=(PlanRunState.FAILED,),
)
_PUBLISHES = column(gettext_lazy("publishes itself"), lambda run: _("Yes") if run.publishes_itself else _("No"))


def _manner(run: PlanRun) -> str:
    if run.is_advisory:
        return _("advice only")
    return _("repair of the live plan") if run.is_repair else _("planned anew")


_MANNER = column(gettext_lazy("manner"), _manner)
_ERRORS = {GIVEN_UP: gettext_lazy("The computation was given up after several attempts.")}
_ERROR = column(gettext_lazy("error"), lambda run: _ERRORS.get(run.error, run.error))
_MINUTES_PER_HOUR = 60


def _start(actor: Actor, row: None, values: Mapping[str, Any]) -> LeadsTo:
    run = plan_run_start(actor=actor, now=business_now())
    return LeadsTo(_("The plan is being made. It becomes a candidate that you publish or discard."), run)


def _advise(actor: Actor, row: None, values: Mapping[str, Any]) -> LeadsTo:
    run = plan_run_start(actor=actor, now=business_now(), is_advisory=True)
    return LeadsTo(_("The plan is being made as advice. It is shown to the members and binds nobody."), run)


def _publish(actor: Actor, run: PlanRun, values: Mapping[str, Any]) -> str:
    plan_run_publish(actor=actor, run_id=run.pk)
    return _("The candidate is being published.")


def _discard(actor: Actor, run: PlanRun, values: Mapping[str, Any]) -> str:
    plan_run_discard(actor=actor, run_id=run.pk)
    return _("The run is discarded.")


def _figures_of(run: PlanRun, actor: Actor) -> dict[str, Any]:
    before = plan_before(run)
    has_failed = run.state == PlanRunState.FAILED
    has_totals = not (run.scope == PlanScope.PARK and actor.barred_firms)
    return {
        "run": run,
        "has_totals": has_totals,
        "is_over": run.state not in (PlanRunState.QUEUED, PlanRunState.RUNNING),
        "has_findings": bool(run.figures) and not has_failed,
        "is_overtaken": run.state == PlanRunState.CANDIDATE and before is not None and before.is_newer_than(run),
        "error": _ERROR(run) if has_failed else "",
        "state": _STATE(run),
        "placed_pct": 100 * run.orders_placed // run.orders_total if run.orders_total else 0,
        "before": before,
        "comparison": comparison(run, before) if has_totals and not has_failed else [],
        "rules": rules_tried(run) if has_totals else [],
        "notes": [note_for_association(note["code"], note["data"], zero_at=run.zero_at) for note in run.notes],
        "advice": advice_compared(run) if run.state == PlanRunState.ADVISED else [],
    }


@admin.register(PlanRun)
class PlanRunAdmin(FollowedAdmin):
    """Above the fields stands what the run is worth against the plan before, and its `findings`."""

    followed = Followed("plans/plan_run_progress.html", _figures_of)
    section = Section.PLAN
    icon = "route"
    rank = 10
    change_form_outer_before_template: Any = "plans/plan_run.html"
    list_display = ("created_at", "scope", "firm", _STATE, _MANNER, "orders_placed", "orders_total", "finished_at")
    list_filter = (by_choice("state"), by_choice("scope"), by_row("firm"), by_day("created_at"))
    list_select_related = ("firm",)
    search_fields = ("firm__code", "input_hash")
    page_fields = (
        "scope", "firm", _STATE, _MANNER, _PUBLISHES, "zero_at", "input_hash", _ERROR, "created_at", "finished_at",
    )  # fmt: skip
    totals = ("orders_placed", "orders_total")
    ordering = ("-created_at",)
    related = (Related(Publication, "run"), Related(Proposal, "plan_run"))
    findings = (
        Related(LateLine, "plan_run", title=gettext_lazy("Late orders, and why")),
        Related(MovedRun, "plan_run", title=gettext_lazy("Moved against the live plan")),
    )
    acts_on_list = (
        Act(
            name="start",
            verb="plan_run.start",
            title=gettext_lazy("Plan the park"),
            explained=gettext_lazy(
                "Plans the open orders of all members from now on. The result is a candidate: nothing changes until it"
                " is published."
            ),
            run=_start,
        ),
        Act(
            name="advise",
            verb="plan_run.start",
            title=gettext_lazy("Compute as advice"),
            explained=gettext_lazy(
                "Plans the park as ever, and shows each member its own machine runs and finishes. It binds nobody and"
                " is never published; the page compares it with what the members do."
            ),
            run=_advise,
            icon="lightbulb",
        ),
    )
    acts_on_row = (
        Act(
            name="publish",
            verb="plan_run.publish",
            title=gettext_lazy("Publish"),
            explained=gettext_lazy(
                "Makes the candidate the live plan. Machine runs become proposals to the members, who approve them;"
                " placements at other members ask both sides. Orders that changed meanwhile stay as they were."
            ),
            run=_publish,
            icon="publish",
            applies=lambda run: run.state == PlanRunState.CANDIDATE and run.scope == PlanScope.PARK,
        ),
        Act(
            name="discard",
            verb="plan_run.discard",
            title=gettext_lazy("Discard"),
            explained=gettext_lazy("Drops the run. The live plan stays as it is."),
            run=_discard,
            icon="delete",
            applies=lambda run: PlanRunState.DISCARDED in PLAN_RUN_NEXT[run.state] and run.scope == PlanScope.PARK,
        ),
    )

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,  # noqa: FBT001, FBT002
        change: bool = False,  # noqa: FBT001, FBT002
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        if obj is not None:
            found = (table_of(related, request=request, row=obj) for related in self.findings)
            context["findings"] = [table for table in found if table is not None]
        return super().render_change_form(request, context, add, change, form_url, obj)


def _sentences(late: LateLine) -> Any:
    zero_at = late.plan_run.zero_at
    told = [(reason_for_association(reason["code"], reason["data"], zero_at=zero_at),) for reason in late.reasons]
    return format_html_join("", '<div class="plan-run-reason">{}</div>', told) if told else NOTHING


_LATE = column(
    gettext_lazy("late, h"),
    lambda late: (
        _("no place") if late.late_min is None else grouped(late.late_min / _MINUTES_PER_HOUR, places=1)
    ),
    order="late_min",
)  # fmt: skip
_WHY = column(gettext_lazy("reasons"), _sentences)


@admin.register(LateLine)
class LateLineAdmin(DeskAdmin):
    """Reached from the plan run. What the live plan makes late stands in its own list, with the same reasons."""

    list_display = ("line", "firm", "plan_run", "due_at", "finish_at", _LATE, _WHY)
    list_filter = (by_row("firm"), by_day("due_at"))
    list_select_related = ("firm", "line__order", "plan_run")
    search_fields = ("line__order__number", "firm__code")
    page_fields = ("plan_run", "line", "firm", "due_at", "finish_at", _LATE, _WHY)
    ordering = ("-late_min", "due_at")


def _change(moved: MovedRun) -> str:
    if moved.machine_id is None or moved.starts_at is None:
        return _("not in the plan any more")
    if moved.firm_now_id != moved.firm_id:
        return _("placed at another member")
    if moved.machine_id != moved.machine_before_id:
        return _("another machine")
    hours = (moved.starts_at - moved.started_before_at).total_seconds() / 3600
    words = _("%(hours)s h later") if hours > 0 else _("%(hours)s h earlier")
    return words % {"hours": grouped(abs(hours), places=1)}


_CHANGE = column(gettext_lazy("change"), _change)


@admin.register(MovedRun)
class MovedRunAdmin(DeskAdmin):
    """Reached from the plan run. The soonest first: they cost the shop floor most."""

    list_display = (
        "line", "firm", "plan_run", "process", "machine_before", "started_before_at", "firm_now", "machine",
        "starts_at", _CHANGE,
    )  # fmt: skip
    list_filter = (by_row("firm"), by_choice("process"), by_day("started_before_at"))
    list_select_related = ("firm", "line__order", "plan_run", "machine_before", "firm_now", "machine")
    search_fields = ("line__order__number", "firm__code", "machine__code", "machine_before__code")
    page_fields = list_display
    ordering = ("started_before_at", "firm__code")
