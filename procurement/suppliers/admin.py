"""Who may supply what, on the desk of the round officer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mes.core.actors import Actor
from mes.core.desk.acts import Act, ActForm
from mes.core.desk.columns import state
from mes.core.desk.filters import by_choice, by_row
from mes.core.desk.lists import DeskAdmin
from mes.core.desk.related import Related, relate
from mes.core.desk.sections import Section
from mes.firms.models import Firm
from procurement.suppliers.choices import NEXT, QualificationStatus
from procurement.suppliers.models import MOST_REASON, SupplierQualification
from procurement.suppliers.services import qualification_decide

_STATUS = state(
    SupplierQualification,
    "status",
    good=(QualificationStatus.QUALIFIED,),
    warn=(QualificationStatus.PROPOSED, QualificationStatus.SUSPENDED),
    bad=(QualificationStatus.REFUSED,),
)


class DecisionForm(ActForm):
    reason = forms.CharField(label=_("reason"), max_length=MOST_REASON)
    valid_until = forms.DateField(
        label=_("valid until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


def _decide(name: str, status: QualificationStatus, title: Any, explained: Any, icon: str) -> Act:
    def run(actor: Actor, row: SupplierQualification, values: Mapping[str, Any]) -> str:
        qualification_decide(actor=actor, qualification_id=row.pk, status=status, **values)
        return gettext("The decision is recorded.")

    return Act(
        name=name,
        verb="qualification.decide",
        title=title,
        explained=explained,
        run=run,
        icon=icon,
        form=DecisionForm,
        applies=lambda row: status in NEXT[row.status],
    )


@admin.register(SupplierQualification)
class SupplierQualificationAdmin(DeskAdmin):
    section = Section.ROUNDS
    icon = "workspace_premium"
    rank = 30
    list_display = ("supplier", "material", _STATUS, "valid_until", "created_at")
    list_filter = (by_choice("status"), by_row("supplier"), by_row("material"))
    list_select_related = ("supplier", "material")
    search_fields = ("supplier__code", "material__code")
    page_fields = ("supplier", "material", _STATUS, "valid_until", "reason", "created_at")
    ordering = ("supplier__code", "material__code")
    acts_on_row = (
        _decide(
            "qualify", QualificationStatus.QUALIFIED, _("Qualify"),
            _("The supplier may be asked for this material, and members may choose it."), "verified",
        ),
        _decide(
            "refuse", QualificationStatus.REFUSED, _("Refuse"), _("The supplier reads the decision."), "block",
        ),
        _decide(
            "suspend", QualificationStatus.SUSPENDED, _("Suspend"),
            _("Nobody asks the supplier for this material until it is qualified again."), "pause_circle",
        ),
        _decide(
            "reconsider", QualificationStatus.PROPOSED, _("Look at it again"),
            _("A refused supplier has shown something new."), "undo",
        ),
    )  # fmt: skip


relate(Firm, Related(SupplierQualification, "supplier"))
