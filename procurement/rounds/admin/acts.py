"""What the round officer does with a round."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mes.catalog.models import Material
from mes.core.actors import Actor
from mes.core.clock import business_now
from mes.core.desk.acts import Act, ActForm, LeadsTo
from mes.firms.choices import FirmStatus
from mes.firms.models import Firm
from procurement.rounds.choices import NEXT, OPEN_STATUSES, RoundStatus
from procurement.rounds.models import MOST_CODE, MOST_FEN_PER_T, MOST_KG, MOST_REASON, MOST_TITLE, MOST_ZONE, Round
from procurement.rounds.services import (
    LineDraft,
    RoundDraft,
    round_cancel,
    round_change,
    round_create,
    round_fail,
    round_firm,
    round_freeze,
    round_line_add,
    round_line_remove,
    round_open,
    round_resume,
    round_suspend,
    use_allowance_grant,
)

_MOST_LINES = 999
_TIMES = ("firming_at", "demand_closes_at", "quotations_close_at")


def _time(label: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=widget)


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class TimesForm(ActForm):
    """The park's clock."""

    firming_at = _time(_("firming from"))
    demand_closes_at = _time(_("commitments until"))
    quotations_close_at = _time(_("quotations until"))


class RoundForm(TimesForm):
    code = forms.CharField(label=_("code"), max_length=MOST_CODE)
    title = forms.CharField(label=_("title"), max_length=MOST_TITLE)
    field_order = ("code", "title")


class LineForm(ActForm):
    material = forms.ModelChoiceField(label=_("material"), queryset=Material.objects.order_by("code"))
    zone = forms.CharField(label=_("zone"), max_length=MOST_ZONE, required=False)
    window_from = _day(_("delivered from"))
    window_to = _day(_("delivered until"))
    spot_fen_per_t = forms.IntegerField(
        label=_("spot price, fen per t"),
        min_value=1,
        max_value=MOST_FEN_PER_T,
        help_text=_("Without VAT, delivered, cash."),
    )
    bag_kg = forms.IntegerField(label=_("bag, kg"), min_value=1, initial=25)
    truck_kg = forms.IntegerField(label=_("truck, kg"), min_value=1, initial=32_000)


class NumberForm(ActForm):
    number = forms.IntegerField(label=_("number"), min_value=1, max_value=_MOST_LINES)


class ReasonForm(ActForm):
    reason = forms.CharField(label=_("reason"), max_length=MOST_REASON)


class FreezeForm(ActForm):
    few_firms_reason = forms.CharField(
        label=_("reason to freeze with fewer than five firms"), max_length=MOST_REASON, required=False
    )


class AllowanceForm(NumberForm):
    firm = forms.ModelChoiceField(
        label=_("firm"), queryset=Firm.objects.filter(status=FirmStatus.MEMBER).order_by("code")
    )
    most_kg = forms.IntegerField(label=_("most, kg"), min_value=1, max_value=MOST_KG)
    reason = forms.CharField(label=_("reason"), max_length=MOST_REASON)


def _create(actor: Actor, _row: None, values: Mapping[str, Any]) -> LeadsTo:
    row = round_create(actor=actor, draft=RoundDraft(**values))
    return LeadsTo(gettext("A draft, which no firm sees. Add its lines."), row)


def _add_line(actor: Actor, row: Round, values: Mapping[str, Any]) -> str:
    named = {name: value for name, value in values.items() if name != "material"}
    line = round_line_add(actor=actor, round_id=row.pk, draft=LineDraft(material_code=values["material"].code, **named))
    return gettext("Line %(number)s was added.") % {"number": line.number}


def _remove_line(actor: Actor, row: Round, values: Mapping[str, Any]) -> str:
    round_line_remove(actor=actor, round_id=row.pk, **values)
    return gettext("The line is gone.")


def _change_times(actor: Actor, row: Round, values: Mapping[str, Any]) -> str:
    changes: Any = dict(values)
    round_change(actor=actor, round_id=row.pk, changes=changes)
    return gettext("The times are changed.")


def _allow(actor: Actor, row: Round, values: Mapping[str, Any]) -> str:
    named = {name: value for name, value in values.items() if name != "firm"}
    use_allowance_grant(actor=actor, round_id=row.pk, firm_id=values["firm"].pk, **named)
    return gettext("The firm may commit to that much.")


def _times_of(row: Round) -> Mapping[str, Any]:
    return {name: getattr(row, name) for name in _TIMES}


def _moves(to: RoundStatus) -> Callable[[Round], bool]:
    return lambda row: to in NEXT[row.status] and row.suspended_at is None


def _ends(to: RoundStatus) -> Callable[[Round], bool]:
    return lambda row: to in NEXT[row.status]


def _is_open(row: Round) -> bool:
    return row.status in OPEN_STATUSES


def _is_draft(row: Round) -> bool:
    return row.status == RoundStatus.DRAFT


def _move(
    name: str, service: Callable[..., Round], title: Any, explained: Any, icon: str, applies: Callable[[Round], bool],
    form: type[ActForm] = ActForm,
) -> Act:  # fmt: skip
    def run(actor: Actor, row: Round, values: Mapping[str, Any]) -> str:
        moved = service(actor=actor, round_id=row.pk, now=business_now(), **values)
        return gettext("The round is %(status)s.") % {"status": moved.get_status_display()}

    return Act(
        name=name, verb="round.move", title=title, explained=explained, run=run, icon=icon, form=form, applies=applies
    )


CREATE = Act(
    name="create",
    verb="round.create",
    title=_("Begin a round"),
    explained=_("A draft with its times. Firms see it when it is opened."),
    run=_create,
    icon="add_shopping_cart",
    form=RoundForm,
)

ROUND_ACTS = (
    Act(
        name="add-line",
        verb="round.change",
        title=_("Add a line"),
        explained=_("One material, delivered to one zone in one window."),
        run=_add_line,
        icon="playlist_add",
        form=LineForm,
        applies=_is_draft,
    ),
    Act(
        name="remove-line",
        verb="round.change",
        title=_("Take a line out"),
        explained=_("Only of a draft."),
        run=_remove_line,
        icon="playlist_remove",
        form=NumberForm,
        applies=_is_draft,
    ),
    Act(
        name="times",
        verb="round.change",
        title=_("Change the times"),
        explained=_("Once firms were told, a time moves later only."),
        run=_change_times,
        icon="schedule",
        form=TimesForm,
        initial=_times_of,
        applies=lambda row: _is_draft(row) or _is_open(row),
    ),
    _move(
        "open", round_open, _("Open"), _("Every member sees the round and may commit. Its rules and lines stay."),
        "campaign", _moves(RoundStatus.COLLECTING),
    ),
    _move(
        "firm", round_firm, _("Begin firming"), _("From now on quantities only rise. The clock does it by itself."),
        "trending_up", _moves(RoundStatus.FIRMING),
    ),
    _move(
        "freeze", round_freeze, _("Freeze"),
        _("What was committed becomes the demand and changes no more. The clock does it by itself with five firms."),
        "ac_unit", _moves(RoundStatus.FROZEN), FreezeForm,
    ),
    Act(
        name="allow",
        verb="use_allowance.grant",
        title=_("Allow a firm more"),
        explained=_("More of a line than its verified use of the last three months allows, with a reason."),
        run=_allow,
        icon="add_task",
        form=AllowanceForm,
        applies=_is_open,
    ),
    _move(
        "suspend", round_suspend, _("Suspend"), _("Its clock stands still: nothing is committed, quoted or moved."),
        "pause_circle", lambda row: row.suspended_at is None and not _is_draft(row) and bool(NEXT[row.status]),
        ReasonForm,
    ),
    _move(
        "resume", round_resume, _("Resume"), _("Its times move later by as long as it stood still."), "play_circle",
        lambda row: row.suspended_at is not None,
    ),
    _move(
        "fail", round_fail, _("Declare failed"), _("Nothing that is offered can be awarded."), "report",
        _ends(RoundStatus.FAILED), ReasonForm,
    ),
    _move(
        "cancel", round_cancel, _("Cancel"), _("The round ends. Firms read the reason."), "cancel",
        _ends(RoundStatus.CANCELLED), ReasonForm,
    ),
)  # fmt: skip
