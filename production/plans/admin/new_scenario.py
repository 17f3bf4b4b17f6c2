"""The page that asks for a scenario: a name, a snapshot, and one row for each thing that is otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mes.catalog.models import MachineClass
from mes.core.clock import business_now
from mes.core.desk.acts import ActForm
from mes.core.desk.names import name_of
from mes.core.desk.pages import DeskPage, actor_of, register
from mes.core.desk.sections import Section
from mes.core.errors import DomainError
from mes.firms.choices import FirmStatus
from mes.firms.models import Firm
from orders.sales.choices import OPEN_STATUSES, Consent
from orders.sales.models import SalesOrderLine
from orders.sales.services.lines import PRIORITIES
from production.machines.choices import MachineStatus, OfferStatus
from production.machines.models import CapacityOffer, Machine
from production.planning.scenario.override import KINDS, MOST_OVERRIDES
from production.plans.choices import OverrideKind, ScenarioState
from production.plans.models import Scenario
from production.plans.models.scenarios import MOST_NAME
from production.plans.selectors.scenarios import line_key
from production.plans.services.scenarios import AS_ASKED, NOBODYS, scenario_start

MOST_LINES = 400
"""Order lines that are suggested, the soonest due first; others are typed."""

_MIN_PER_H = 60
_NO_CHOICE = [("", "–")]
_MOMENT = "%Y-%m-%dT%H:%M"


def _moment(label: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput({"type": "datetime-local"}, format=_MOMENT)
    return forms.DateTimeField(label=label, required=False, widget=widget, input_formats=[_MOMENT])


def _suggested(label: Any, source: str) -> forms.CharField:
    widget = forms.TextInput({"list": source, "autocomplete": "off"})
    return forms.CharField(label=label, required=False, max_length=120, widget=widget)


class HeadForm(ActForm):
    """like: a scenario whose snapshot is used again; without one a new snapshot is taken."""

    name = forms.CharField(label=gettext_lazy("name"), max_length=MOST_NAME)
    like = forms.ModelChoiceField(
        Scenario.objects.none(), label=gettext_lazy("snapshot"), required=False,
        empty_label=gettext_lazy("a new one, as of now"),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Scenario.objects.exclude(state=ScenarioState.DISCARDED).select_related("base").order_by("-created_at")
        choice: Any = self.fields["like"]
        choice.queryset = rows
        choice.label_from_instance = lambda row: _("%(moment)s, as for “%(name)s”") % {
            "moment": row.base, "name": row.name
        }  # fmt: skip


class OverrideForm(ActForm):
    """One thing that is otherwise. Which fields count follows from the kind; the others are not read."""

    kind = forms.ChoiceField(label=gettext_lazy("what"), choices=OverrideKind.choices)
    machine = _suggested(gettext_lazy("machine"), "machines")
    firm = _suggested(gettext_lazy("firm"), "firms")
    machine_class = _suggested(gettext_lazy("machine class"), "classes")
    offer = _suggested(gettext_lazy("capacity offer"), "offers")
    line = _suggested(gettext_lazy("order line"), "lines")
    count = forms.IntegerField(label=gettext_lazy("how many"), required=False)
    pieces = forms.IntegerField(label=gettext_lazy("pieces"), required=False)
    due_at = _moment(gettext_lazy("due"))
    from_at = _moment(gettext_lazy("from"))
    until_at = _moment(gettext_lazy("until"))
    minutes_per_day = forms.DecimalField(
        label=gettext_lazy("hours a day"), required=False, max_digits=5, decimal_places=2
    )
    share_percent = forms.IntegerField(label=gettext_lazy("share of the machines' open time, %"), required=False)
    priority = forms.TypedChoiceField(
        label=gettext_lazy("priority"), required=False, coerce=int, empty_value=None,
        choices=[*_NO_CHOICE, *((str(value), str(value)) for value in sorted(PRIORITIES))],
    )  # fmt: skip
    consent = forms.ChoiceField(
        label=gettext_lazy("outsourcing"), required=False, choices=[*_NO_CHOICE, *Consent.choices]
    )

    def asked(self) -> dict[str, Any]:
        """What the service takes."""
        values = {name: self.cleaned_data.get(name) for name in ("kind", *takes()[self.cleaned_data["kind"]])}
        hours = values.get("minutes_per_day")
        if hours is not None:
            values["minutes_per_day"] = round(hours * _MIN_PER_H)
        return {name: value for name, value in values.items() if value not in (None, "")}


OverrideForms = forms.formset_factory(OverrideForm, extra=0, min_num=1, max_num=MOST_OVERRIDES, validate_max=True)


def takes() -> dict[str, list[str]]:
    """By kind: the fields of the form that it reads."""
    return {kind: sorted(AS_ASKED.get(name, name) for name in law.fields() - NOBODYS) for kind, law in KINDS.items()}


@register
class NewScenarioPage(DeskPage):
    """Asks, and starts the scenario; then its own page follows the computation."""

    name = "new_scenario"
    path = "new-scenario/"
    title = gettext_lazy("New scenario")
    key_element = "#new-scenario"
    section = Section.PLAN
    template_name = "plans/new_scenario.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        head = HeadForm(initial={"like": request.GET.get("like", "")})
        return self.render_to_response(self.get_context_data(head=head, overrides=OverrideForms(prefix="o")))

    def post(self, request: HttpRequest) -> HttpResponse:
        head, overrides = HeadForm(request.POST), OverrideForms(request.POST, prefix="o")
        status: int = HTTPStatus.UNPROCESSABLE_ENTITY
        if head.is_valid() and overrides.is_valid():
            like = head.cleaned_data["like"]
            try:
                scenario = scenario_start(
                    actor=actor_of(request),
                    name=head.cleaned_data["name"],
                    overrides=[form.asked() for form in overrides],
                    like_id=None if like is None else like.pk,
                    now=business_now(),
                )
            except DomainError as error:
                _tell(error, head, list(overrides))
                status = error.status
            else:
                messages.success(request, _("The scenario is being computed. The live plan stays as it is."))
                return HttpResponseRedirect(reverse("admin:plans_scenario_change", args=[scenario.pk]))
        return self.render_to_response(self.get_context_data(head=head, overrides=overrides), status=status)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            takes=takes(),
            suggestions=_suggestions(),
            back=reverse("admin:plans_scenario_changelist"),
            **kwargs,
        )


def _tell(error: DomainError, head: HeadForm, rows: list[Any]) -> None:
    """Puts a refusal at the field that it is about."""
    parts = error.pointer.strip("/").split("/")
    if parts[0] == "overrides" and len(parts) > 1 and int(parts[1]) < len(rows):
        form, name = rows[int(parts[1])], parts[2] if len(parts) > 2 else ""
    else:
        form, name = head, parts[0]
    form.add_error(name if name in form.fields else None, str(error.detail))


def _suggestions() -> Mapping[str, list[tuple[str, str]]]:
    """By list: what may be typed, and what it is called."""
    machines = Machine.objects.filter(status=MachineStatus.INSTALLED).select_related("firm", "machine_class")
    offers = CapacityOffer.objects.filter(status=OfferStatus.PUBLISHED).select_related("firm")
    lines = SalesOrderLine.objects.filter(order__status__in=OPEN_STATUSES).select_related("firm", "order")
    return {
        "machines": [
            (f"{row.firm.code}:{row.code}", name_of(row.machine_class))
            for row in machines.order_by("firm__code", "code")
        ],
        "firms": [(row.code, name_of(row)) for row in Firm.objects.filter(status=FirmStatus.MEMBER).order_by("code")],
        "classes": [(row.code, name_of(row)) for row in MachineClass.objects.order_by("code")],
        "offers": [(f"{row.firm.code}:{row.code}", name_of(row.firm)) for row in offers.order_by("firm__code", "code")],
        "lines": [(line_key(row), name_of(row.firm)) for row in lines.order_by("due_at", "pk")[:MOST_LINES]],
    }
