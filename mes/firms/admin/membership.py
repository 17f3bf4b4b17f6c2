"""The membership's life on the desk: apply, admit, decline, suspend, resume, sign."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mes.core.actors import Actor
from mes.core.clock import business_now
from mes.core.desk.acts import Act, ActForm
from mes.core.desk.filters import by_row
from mes.core.desk.lists import DeskAdmin
from mes.core.desk.related import Related
from mes.core.desk.sections import Section
from mes.firms.choices import FirmStatus
from mes.firms.models import MOST_NAME, MOST_TERMS, MOST_VERSION, DataTerms, Firm, TermsSignature
from mes.firms.services import (
    Signature,
    data_terms_publish,
    data_terms_sign,
    firm_admit,
    firm_decline,
    firm_resume,
    firm_suspend,
)


class SignatureForm(ActForm):
    """What was signed on paper."""

    terms = forms.ModelChoiceField(
        label=_("version of the data terms"), queryset=DataTerms.objects.order_by("-created_at"), empty_label=None
    )
    signed_by = forms.CharField(label=_("signed by"), max_length=MOST_NAME)
    signed_on = forms.DateField(label=_("signed on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class TermsForm(ActForm):
    version = forms.CharField(label=_("version"), max_length=MOST_VERSION)
    text = forms.CharField(label=_("text"), max_length=MOST_TERMS, widget=forms.Textarea(attrs={"rows": 20}))


def _signature(values: Mapping[str, Any]) -> Signature:
    return Signature(values["terms"].pk, values["signed_by"], values["signed_on"])


def _admit(actor: Actor, firm: Firm, values: Mapping[str, Any]) -> str:
    admitted = firm_admit(actor=actor, firm_id=firm.pk, signature=_signature(values), now=business_now())
    return gettext("%(firm)s is a member. Add its owner next.") % {"firm": admitted}


def _sign(actor: Actor, firm: Firm, values: Mapping[str, Any]) -> str:
    data_terms_sign(actor=actor, firm_id=firm.pk, signature=_signature(values), now=business_now())
    return gettext("The signature is recorded.")


def _decline(actor: Actor, firm: Firm, _values: Mapping[str, Any]) -> str:
    return gettext("%(firm)s was declined.") % {"firm": firm_decline(actor=actor, firm_id=firm.pk)}


def _suspend(actor: Actor, firm: Firm, _values: Mapping[str, Any]) -> str:
    return gettext("%(firm)s is suspended.") % {"firm": firm_suspend(actor=actor, firm_id=firm.pk)}


def _resume(actor: Actor, firm: Firm, _values: Mapping[str, Any]) -> str:
    return gettext("%(firm)s is a member again.") % {"firm": firm_resume(actor=actor, firm_id=firm.pk)}


def _publish(actor: Actor, _row: None, values: Mapping[str, Any]) -> str:
    return gettext("Version %(version)s can be signed.") % {"version": data_terms_publish(actor=actor, **values)}


def _in(*statuses: FirmStatus) -> Any:
    return lambda firm: firm.status in statuses


MEMBERSHIP_ACTS = (
    Act(
        name="admit",
        verb="firm.admit",
        title=_("Admit as a member"),
        explained=_("The firm has signed the data terms. From now on its people may come in and plans have it."),
        run=_admit,
        icon="verified",
        form=SignatureForm,
        applies=_in(FirmStatus.APPLIED),
    ),
    Act(
        name="decline",
        verb="firm.decline",
        title=_("Decline the application"),
        explained=_("The firm does not become a member. Its row stays."),
        run=_decline,
        icon="block",
        applies=_in(FirmStatus.APPLIED),
    ),
    Act(
        name="sign",
        verb="data_terms.sign",
        title=_("Record a signature"),
        explained=_("The firm has signed a later version of the data terms."),
        run=_sign,
        icon="draw",
        form=SignatureForm,
        applies=_in(FirmStatus.MEMBER, FirmStatus.SUSPENDED),
    ),
    Act(
        name="suspend",
        verb="firm.suspend",
        title=_("Suspend"),
        explained=_(
            "Nobody of the firm comes in and no key of its works until it is a member again. The next plan is without"
            " its machines, orders and offers; work that is signed over stays signed."
        ),
        run=_suspend,
        icon="pause_circle",
        applies=_in(FirmStatus.MEMBER),
    ),
    Act(
        name="resume",
        verb="firm.resume",
        title=_("End the suspension"),
        explained=_("The firm is a member again, with its people and keys as they were."),
        run=_resume,
        icon="play_circle",
        applies=_in(FirmStatus.SUSPENDED),
    ),
)


@admin.register(DataTerms)
class DataTermsAdmin(DeskAdmin):
    section = Section.MEMBERS
    icon = "gavel"
    rank = 60
    list_display = ("version", "created_at")
    page_fields = ("version", "created_at", "text")
    ordering = ("-created_at",)
    related = (Related(TermsSignature, "terms"),)
    acts_on_list = (
        Act(
            name="publish",
            verb="data_terms.publish",
            title=_("Publish a version"),
            explained=_("A version of the terms on which members' data are kept. It can be signed and not be changed."),
            run=_publish,
            icon="post_add",
            form=TermsForm,
        ),
    )


@admin.register(TermsSignature)
class TermsSignatureAdmin(DeskAdmin):
    """Who has signed what; reached from the firm's page."""

    list_display = ("signed_on", "firm", "terms", "signed_by")
    list_filter = (by_row("firm"), by_row("terms"))
    list_select_related = ("firm", "terms")
    page_fields = ("firm", "terms", "signed_by", "signed_on", "created_at")
    ordering = ("-signed_on",)
