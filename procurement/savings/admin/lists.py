"""Savings lot by lot, and what rounds told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mes.core.actors import Actor
from mes.core.clock import business_now
from mes.core.desk.acts import Act, LeadsTo, offer
from mes.core.desk.columns import column, number
from mes.core.desk.filters import by_choice, by_flag, by_row
from mes.core.desk.lists import DeskAdmin
from mes.core.desk.related import Related, relate
from mes.core.desk.sections import Section
from procurement.rounds.choices import RoundStatus
from procurement.rounds.models import Round
from procurement.savings.models import RoundSaving, SavingLine
from procurement.savings.selectors.headline import sentence
from procurement.savings.selectors.lines import headline_told
from procurement.savings.services import savings_recognise, savings_tell
from procurement.settlement.admin.invoices import yuan


def _sentence(row: RoundSaving) -> str:
    found = headline_told(row)
    return gettext("withheld: it could tell of one firm") if found is None else sentence(found)


def _recognise(actor: Actor, row: Round, _values: Mapping[str, Any]) -> str:
    added = savings_recognise(actor=actor, round_id=row.pk, now=business_now())
    return gettext("Lines added: %(count)s") % {"count": added}


def _tell(actor: Actor, row: Round, _values: Mapping[str, Any]) -> LeadsTo:
    told = savings_tell(actor=actor, round_id=row.pk, now=business_now())
    return LeadsTo(gettext("The members are told."), told)


offer(
    Round,
    Act(
        name="recognise-savings",
        verb="saving.recognise",
        title=_("Recognise savings"),
        explained=_("Each lot that was received and whose invoice is settled, against the frozen benchmark."),
        run=_recognise,
        icon="trending_down",
        applies=lambda row: row.status in {RoundStatus.SETTLING, RoundStatus.CLOSED},
    ),
    Act(
        name="tell-saving",
        verb="saving.tell",
        title=_("Tell what was saved"),
        explained=_("All members read it, once. It is withheld where it could tell of one firm."),
        run=_tell,
        icon="campaign",
        applies=lambda row: row.status == RoundStatus.CLOSED,
    ),
)


@admin.register(SavingLine)
class SavingLineAdmin(DeskAdmin):
    section = Section.ROUNDS
    icon = "trending_down"
    rank = 66
    grows_long = True
    list_display = (
        number(_("number"), "number"), "round", "firm", "part", "grade", "revision", number(_("kg"), "kg"),
        yuan(_("landed, CNY"), "landed_fen"), yuan(_("saved, CNY"), "saving_fen"),
    )  # fmt: skip
    list_filter = (by_row("round"), by_row("firm"), by_choice("grade"))
    list_select_related = ("round", "firm", "part")
    page_fields = (
        number(_("number"), "number"), "round", "firm", "part", "grade", "revision", number(_("kg"), "kg"),
        yuan(_("invoiced without VAT, CNY"), "net_fen"), yuan(_("to one price for all, CNY"), "balancing_fen"),
        yuan(_("freight, CNY"), "freight_fen"), yuan(_("fees, CNY"), "fee_fen"),
        yuan(_("cost of the deposit, CNY"), "financing_fen"), yuan(_("bad quality, CNY"), "claims_fen"),
        yuan(_("given back, CNY"), "rebates_fen"), yuan(_("landed, CNY"), "landed_fen"),
        yuan(_("market, first quartile, CNY"), "market_low_fen"), yuan(_("market, median, CNY"), "market_mid_fen"),
        yuan(_("market, third quartile, CNY"), "market_high_fen"), yuan(_("alone, CNY"), "alone_fen"),
        yuan(_("saved, CNY"), "saving_fen"), "recognised_at", "previous_sha256", "sha256", "created_at",
    )  # fmt: skip
    ordering = ("-created_at", "-number")


@admin.register(RoundSaving)
class RoundSavingAdmin(DeskAdmin):
    section = Section.ROUNDS
    icon = "campaign"
    rank = 68
    list_display = ("round", column(_("saving"), _sentence), "withheld", "told_at")
    list_filter = (by_flag("withheld"),)
    list_select_related = ("round",)
    page_fields = (
        "round", column(_("saving"), _sentence), "withheld", yuan(_("spent, CNY"), "spend_fen"),
        yuan(_("spent with evidence, CNY"), "evidenced_fen"), "lines", "head_sha256", "told_at", "created_at",
    )  # fmt: skip
    ordering = ("-told_at",)


relate(Round, Related(SavingLine, "round"), Related(RoundSaving, "round"))
