"""The act by which a firm leaves, on the firm's page of the desk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mes.core.actors import Actor
from mes.core.desk.acts import Act, ActForm, offer
from mes.firms.choices import FirmStatus
from mes.firms.models import Firm
from mes.park.services import firm_leave


class LeaveForm(ActForm):
    export_offered = forms.BooleanField(label=_("The firm was offered the export of its data."), required=False)


def _leave(actor: Actor, firm: Firm, values: Mapping[str, Any]) -> str:
    return gettext("%(firm)s has left.") % {"firm": firm_leave(actor=actor, firm_id=firm.pk, **values)}


offer(
    Firm,
    Act(
        name="leave",
        verb="firm.leave",
        title=_("The firm leaves"),
        explained=_(
            "For good. Work shared with other members must be settled. Sessions and keys of its people end; its data"
            " are kept, and only the association reads what it could read before."
        ),
        run=_leave,
        icon="logout",
        form=LeaveForm,
        applies=lambda firm: firm.status in {FirmStatus.MEMBER, FirmStatus.SUSPENDED},
    ),
)
