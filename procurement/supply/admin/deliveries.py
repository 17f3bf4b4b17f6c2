"""Deliveries and their lots on the desk: weighed, judged, shared with a preview."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mes.core.actors import Actor
from mes.core.clock import business_now
from mes.core.desk.acts import Act, ActForm
from mes.core.desk.columns import column, grouped, in_words, linked, state
from mes.core.desk.filters import by_choice, by_row
from mes.core.desk.lists import DeskAdmin
from mes.core.desk.related import Related, Table, relate_to_all
from mes.core.desk.sections import Section
from mes.firms.models import Firm
from procurement.rounds.models import MOST_KG
from procurement.supply import services
from procurement.supply.admin.agreements import ClaimForm, ReasonForm
from procurement.supply.choices import ACCEPTED, UNITS, DeliveryStatus, LotStatus, Property, Verdict
from procurement.supply.models import (
    MOST_TEXT,
    CertificateValue,
    Claim,
    Concession,
    Delivery,
    DeliveryLot,
    LotAllocation,
)
from procurement.supply.selectors.judging import judged_lot
from procurement.supply.selectors.sharing import sharing_of

_STATUS = state(
    Delivery,
    "status",
    good=(DeliveryStatus.SETTLED,),
    warn=(DeliveryStatus.WEIGHED, DeliveryStatus.DISPUTED),
    bad=(DeliveryStatus.CANCELLED,),
)
_LOT_STATUS = state(
    DeliveryLot,
    "status",
    good=(LotStatus.RELEASED,),
    warn=(LotStatus.QUARANTINED, LotStatus.CONCEDED),
    bad=(LotStatus.REJECTED,),
)
_OUTSIDE = column(
    _("outside the limits"), lambda lot: "、".join(str(Property(name).label) for name in lot.off_specification)
)
_LONGEST_DIGEST = 64


class WeighForm(ActForm):
    gross_kg = forms.IntegerField(label=_("gross, kg"), min_value=1, max_value=MOST_KG)
    tare_kg = forms.IntegerField(label=_("tare, kg"), min_value=1, max_value=MOST_KG)
    ticket_number = forms.CharField(label=_("weighbridge ticket"), max_length=MOST_TEXT)


class ThirdForm(ActForm):
    third_kg = forms.IntegerField(label=_("third party's weight, kg"), min_value=1, max_value=MOST_KG)


class ShareForm(ActForm):
    digest = forms.CharField(label="", widget=forms.HiddenInput, max_length=_LONGEST_DIGEST)


class RetestForm(ActForm):
    property = forms.ChoiceField(label=_("property"), choices=Property.choices)
    value = forms.CharField(label=_("value"), max_length=20)
    method = forms.CharField(label=_("method"), max_length=MOST_TEXT)
    equation = forms.CharField(
        label=_("equation"), max_length=MOST_TEXT, required=False, help_text=_("Of a molecular weight only.")
    )

    def clean_value(self) -> Decimal:
        try:
            return Decimal(self.cleaned_data["value"])
        except InvalidOperation as error:
            raise forms.ValidationError(_("A decimal number is wanted.")) from error


def _weigh(actor: Actor, row: Delivery, values: Mapping[str, Any]) -> str:
    done = services.delivery_weigh(actor=actor, delivery_id=row.pk, now=business_now(), **values)
    if done.settled_kg is None:
        return gettext("Beyond the tolerance: a third party's weight is wanted.")
    return gettext("%(kg)s kg are paid.") % {"kg": grouped(done.settled_kg)}


def _weigh_again(actor: Actor, row: Delivery, values: Mapping[str, Any]) -> str:
    services.delivery_weigh_again(actor=actor, delivery_id=row.pk, third_kg=values["third_kg"])
    return gettext("The third party's weight is paid.")


def _settle(actor: Actor, row: Delivery, _values: Mapping[str, Any]) -> str:
    services.delivery_settle(actor=actor, delivery_id=row.pk, now=business_now())
    return gettext("The weight holds.")


def _share(actor: Actor, row: Delivery, values: Mapping[str, Any]) -> str:
    services.delivery_share(actor=actor, delivery_id=row.pk, digest=values["digest"], now=business_now())
    return gettext("The firms read what they get.")


def _claim(actor: Actor, row: Delivery, values: Mapping[str, Any]) -> str:
    draft = services.ClaimDraft(**values)
    services.claim_open_of_delivery(actor=actor, delivery_id=row.pk, draft=draft)
    return gettext("The claim is made.")


def _retest(actor: Actor, row: DeliveryLot, values: Mapping[str, Any]) -> str:
    draft = services.ValueDraft(**{**values, "unit": UNITS[values["property"]]})
    services.lot_retest(actor=actor, lot_id=row.pk, values=(draft,))
    return gettext("The value counts before the certificate.")


def _ask(actor: Actor, row: DeliveryLot, values: Mapping[str, Any]) -> str:
    asked = services.concession_ask(actor=actor, lot_id=row.pk, reason=values["reason"])
    return gettext("%(count)s firms are asked.") % {"count": len(asked)}


def _release(actor: Actor, row: DeliveryLot, _values: Mapping[str, Any]) -> str:
    services.lot_release(actor=actor, lot_id=row.pk, now=business_now())
    return gettext("The lot is released.")


def _concede(actor: Actor, row: DeliveryLot, values: Mapping[str, Any]) -> str:
    services.lot_concede(actor=actor, lot_id=row.pk, reason=values["reason"], now=business_now())
    return gettext("The lot goes to the firms that have agreed.")


def _reject(actor: Actor, row: DeliveryLot, values: Mapping[str, Any]) -> str:
    services.lot_reject(actor=actor, lot_id=row.pk, reason=values["reason"], now=business_now())
    return gettext("The lot goes back.")


def _is(*statuses: str) -> Callable[[Any], bool]:
    return lambda row: row.status in statuses


def _is_arrived(row: DeliveryLot) -> bool:
    return row.status == LotStatus.QUARANTINED and row.delivery.status not in {
        DeliveryStatus.ANNOUNCED,
        DeliveryStatus.CANCELLED,
    }


def _is_shareable(row: Delivery) -> bool:
    """Settled, all lots judged, something accepted and not shared yet."""
    if row.status != DeliveryStatus.SETTLED:
        return False
    lots = list(row.lots.values_list("status", "accepted_bags"))
    waiting = any(status in ACCEPTED and bags is None for status, bags in lots)
    return waiting and not any(status == LotStatus.QUARANTINED for status, _bags in lots)


def _preview(_request: HttpRequest, row: models.Model) -> Table | None:
    """Who would get what, by class and in the order of the frozen ties."""
    if not isinstance(row, Delivery) or not _is_shareable(row):
        return None
    sharing = sharing_of(row)
    firms = Firm.objects.in_bulk([part.firm_id for part in sharing.firms])
    cells: Sequence[Sequence[Any]] = [
        (
            linked(firms[part.firm_id]),
            *(grouped(kg) for kg in (part.ordered_kg, part.lacked_kg, part.gets_kg)),
        )
        for part in sharing.firms
    ]
    headings = (_("firm"), _("ordered, kg"), _("lacks, kg"), _("would get, kg"))
    return Table(
        title=gettext("Preview of the sharing"),
        headings=[str(heading) for heading in headings],
        rows=cells,
        note=gettext("Bags that nobody takes and that go back: %(bags)s.")
        % {"bags": grouped(sum(sharing.returned.values()))},
    )


def _judged(_request: HttpRequest, row: models.Model) -> Table | None:
    """Each limit of the material beside what was measured of the lot."""
    if not isinstance(row, DeliveryLot):
        return None
    cells = [
        (
            Property(item.property).label,
            item.method,
            *map(in_words, (item.least, item.most, item.value)),
            Verdict(item.verdict).label,
        )
        for item in judged_lot(row)
    ]
    headings = (_("property"), _("method"), _("at least"), _("at most"), _("value"), _("verdict"))
    return Table(title=gettext("Limits"), headings=[str(heading) for heading in headings], rows=cells)


@admin.register(Delivery)
class DeliveryAdmin(DeskAdmin):
    section = Section.ROUNDS
    icon = "local_shipping"
    rank = 60
    list_display = ("number", "supplier", _STATUS, "expected_on", "bags", "ticket_kg", "settled_kg", "weighed_at")
    list_filter = (by_row("supplier"), by_choice("status"))
    list_select_related = ("supplier",)
    search_fields = ("number", "ticket_number")
    page_fields = (
        "number", "supplier", "agreement", _STATUS, "expected_on", "bags", "ticket_kg", "gross_kg", "tare_kg",
        "ticket_number", "weighed_at", "third_kg", "basis", "settled_kg", "settled_at", "reason", "created_at",
    )  # fmt: skip
    ordering = ("-created_at",)
    related = (Related(DeliveryLot, "delivery"), Related(Claim, "delivery"))
    acts_on_row = (
        Act(
            name="weigh",
            verb="resin_delivery.weigh",
            title=_("Record the weighing"),
            explained=_("The weighbridge's ticket. The agreement's rule says which weight is paid."),
            run=_weigh,
            icon="scale",
            form=WeighForm,
            applies=_is(DeliveryStatus.ANNOUNCED),
        ),
        Act(
            name="weigh-again",
            verb="resin_delivery.weigh",
            title=_("Record a third party's weight"),
            explained=_("After a dispute, or where the rule wants it. It is paid."),
            run=_weigh_again,
            icon="balance",
            form=ThirdForm,
            applies=lambda row: (
                row.status == DeliveryStatus.DISPUTED
                or (row.status == DeliveryStatus.WEIGHED and row.settled_kg is None)
            ),
        ),
        Act(
            name="settle",
            verb="resin_delivery.settle",
            title=_("Settle the weight"),
            explained=_("Within the tolerance at once, beyond it when the time to dispute is over."),
            run=_settle,
            icon="done_all",
            applies=_is(DeliveryStatus.WEIGHED),
        ),
        Act(
            name="share",
            verb="resin_delivery.share",
            title=_("Share out"),
            explained=_("As the preview on the delivery's page shows it: by class, then in proportion, to the bag."),
            run=_share,
            icon="call_split",
            form=ShareForm,
            initial=lambda row: {"digest": sharing_of(row).digest},
            applies=_is_shareable,
        ),
        Act(
            name="claim",
            verb="resin_claim.open_for_all",
            title=_("Claim of the supplier"),
            explained=_("For the association, about the whole delivery. Firms claim about their own orders."),
            run=_claim,
            icon="gavel",
            form=ClaimForm,
            applies=lambda row: row.status != DeliveryStatus.CANCELLED,
        ),
    )


@admin.register(DeliveryLot)
class DeliveryLotAdmin(DeskAdmin):
    list_display = ("lot_number", "delivery", "supplier", _LOT_STATUS, "bags", "kg", "accepted_bags", "accepted_kg")
    list_filter = (by_row("supplier"), by_choice("status"))
    list_select_related = ("delivery", "supplier")
    search_fields = ("lot_number",)
    page_fields = (
        "lot_number", "delivery", "supplier", "produced_on", _LOT_STATUS, "bags", "kg", "accepted_bags", "accepted_kg",
        _OUTSIDE, "reason", "certificate_sha256", "decided_at", "created_at",
    )  # fmt: skip
    ordering = ("-created_at", "lot_number")
    related = (Related(CertificateValue, "lot"), Related(Concession, "lot"), Related(LotAllocation, "lot"))
    acts_on_row = (
        Act(
            name="retest",
            verb="resin_lot.decide",
            title=_("Record a retest"),
            explained=_("What the association has measured counts before the certificate."),
            run=_retest,
            icon="science",
            form=RetestForm,
            applies=_is(LotStatus.QUARANTINED),
        ),
        Act(
            name="release",
            verb="resin_lot.decide",
            title=_("Release"),
            explained=_("Each limit of the material is shown to be kept."),
            run=_release,
            icon="check_circle",
            applies=_is_arrived,
        ),
        Act(
            name="ask",
            verb="resin_concession.ask",
            title=_("Ask for a concession"),
            explained=_("Each firm with a signed order is asked whether it takes the lot as it is."),
            run=_ask,
            icon="contact_support",
            form=ReasonForm,
            applies=_is(LotStatus.QUARANTINED),
        ),
        Act(
            name="concede",
            verb="resin_lot.decide",
            title=_("Accept by concession"),
            explained=_("For the firms that have agreed, and no other."),
            run=_concede,
            icon="thumb_up",
            form=ReasonForm,
            applies=_is_arrived,
        ),
        Act(
            name="reject",
            verb="resin_lot.decide",
            title=_("Reject"),
            explained=_("It goes back. Nobody gets anything of it."),
            run=_reject,
            icon="block",
            form=ReasonForm,
            applies=_is_arrived,
        ),
    )


relate_to_all(_preview)
relate_to_all(_judged)
