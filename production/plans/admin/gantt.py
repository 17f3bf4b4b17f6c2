"""The live plan as a chart: a page with its filters, and the data that it draws."""

from __future__ import annotations

from datetime import date, datetime, time
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.gzip import gzip_page

from mes.catalog.models import MachineClass
from mes.core.clock import business_now
from mes.core.desk.names import name_of
from mes.core.desk.pages import DeskPage, actor_of, register
from mes.core.desk.sections import Section
from mes.firms.choices import FirmStatus
from mes.firms.models import Firm
from production.plans.admin.packing import packed
from production.plans.selectors.gantt import gantt_chart

EARLIEST_YEAR, LATEST_YEAR = 2000, 2100
USUAL_DAYS = 14
DAYS = (3, 7, 14, 28, 56, 112)


class Window(forms.Form):
    """What of the plan is asked for. The other filters work in the page itself."""

    start = forms.DateField(label=gettext_lazy("first day"), widget=forms.DateInput({"type": "date"}))
    days = forms.TypedChoiceField(coerce=int, label=gettext_lazy("days"), choices=[(days, days) for days in DAYS])

    def clean_start(self) -> date:
        start: date = self.cleaned_data["start"]
        if not EARLIEST_YEAR <= start.year < LATEST_YEAR:
            raise forms.ValidationError(_("No plan reaches that year."))
        return start

    def starts_at(self) -> datetime:
        """Midnight in the park of the day asked for."""
        return timezone.make_aware(datetime.combine(self.cleaned_data["start"], time()))


def _window(asked: QueryDict, now: datetime) -> Window:
    """What is not asked for: two weeks from today."""
    usual = {"start": timezone.localdate(now).isoformat(), "days": str(USUAL_DAYS)}
    return Window({name: asked.get(name) or value for name, value in usual.items()})


@register
class GanttPage(DeskPage):
    """Machines by firm and class, their runs, hours and due dates. With `as=data`, what the chart draws, as JSON."""

    name = "gantt"
    path = "gantt/"
    title = gettext_lazy("Plan as a chart")
    key_element = "#gantt[data-drawn]"
    section = Section.PLAN
    icon = "view_timeline"
    template_name = "plans/gantt.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        now = business_now()
        window = _window(request.GET, now)
        if request.GET.get("as") == "data":
            return _data(request, window, now)
        status = HTTPStatus.OK if window.is_valid() else HTTPStatus.BAD_REQUEST
        return self.render_to_response(self.get_context_data(window=window, **kwargs), status=status)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.request.GET
        window: Window = kwargs["window"]
        query = urlencode({"as": "data", **window.data})
        return super().get_context_data(
            source=f"{self.address()}?{query}" if window.is_valid() else "",
            run=reverse("admin:plans_machinerun_change", args=[UUID(int=0)]),
            firms=[(firm.code, name_of(firm)) for firm in _firms()],
            classes=[(row.code, name_of(row)) for row in MachineClass.objects.order_by("code")],
            asked=asked,
            texts=_texts(),
            **kwargs,
        )


def _firms() -> QuerySet[Firm]:
    """Those that may have machines."""
    return Firm.objects.exclude(status=FirmStatus.SUPPLIER).order_by("code")


@gzip_page
def _data(request: HttpRequest, window: Window, now: datetime) -> HttpResponse:
    """All rows are gathered before the answer is given: the request's transaction ends with it."""
    if not window.is_valid():
        return JsonResponse({"errors": window.errors}, status=HTTPStatus.BAD_REQUEST)
    starts_at, days = window.starts_at(), window.cleaned_data["days"]
    chart = gantt_chart(actor=actor_of(request), starts_at=starts_at, days=days, now=now)
    return JsonResponse(packed(chart), json_dumps_params={"separators": (",", ":"), "ensure_ascii": False})


def _texts() -> dict[str, str]:
    """What the page says by itself. Placeholders are filled there."""
    return {
        "summary": _(
            "%(runs)s runs on %(machines)s machines: %(late)s late, %(outsourced)s outsourced, %(frozen)s frozen"
        ),
        "failed": _("The plan could not be read. Load the page again."),
        "and_more": _("%(first)s and %(more)s more"),
        "more": _("and %(more)s more"),
        "now": _("now"),
        "setup": _("set-up"),
        "due": _("due"),
        "pieces": pgettext("unit", "pieces"),
        "late": _("late"),
        "frozen": _("frozen"),
        "outsourced": _("outsourced"),
        "pinned": _("pinned"),
    }
