"""Market quotes, the policy of a round's benchmark, and the benchmark itself, on the desk of the round officer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mes.catalog.models import Material
from mes.core.actors import Actor
from mes.core.clock import business_now
from mes.core.desk.acts import Act, ActForm, LeadsTo, offer
from mes.core.desk.columns import column
from mes.core.desk.filters import by_choice, by_day, by_row
from mes.core.desk.lists import DeskAdmin
from mes.core.desk.related import Related, relate
from mes.core.desk.sections import Section
from procurement.benchmarks.choices import SourceKind
from procurement.benchmarks.models import Benchmark, BenchmarkPolicy, MarketQuote
from procurement.benchmarks.selectors import SaidPrice
from procurement.benchmarks.services import (
    BEFORE_THE_REQUEST,
    MOST_REASON,
    MOST_SOURCE_NAME,
    MOST_WEIGHT,
    MarketQuoteDraft,
    PolicyDraft,
    benchmark_policy_set,
    market_quote_record,
    market_quote_void,
)
from procurement.rounds.models import MOST_FEN_PER_T, MOST_KG, Round

MOST_EVIDENCE_BYTES = 10_000_000
_SAID = (
    "price_fen_per_t", "with_vat", "vat_permille", "delivered", "freight_fen_per_t", "payment_days",
    "interest_permille",
)  # fmt: skip
_WEIGHT = "weight_"


def _number(label: Any, most: int, *, least: int = 0, initial: int | None = None) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=least, max_value=most, initial=initial)


class QuoteForm(ActForm):
    """The price as it was said. The file is not kept, its digest is."""

    material = forms.ModelChoiceField(label=_("material"), queryset=Material.objects.order_by("code"))
    source = forms.ChoiceField(label=_("kind of source"), choices=SourceKind.choices)
    source_name = forms.CharField(label=_("source"), max_length=MOST_SOURCE_NAME)
    quoted_on = forms.DateField(label=_("quoted on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    lot_kg = _number(_("lot, kg"), MOST_KG, least=1)
    price_fen_per_t = _number(_("price, fen per t"), MOST_FEN_PER_T, least=1)
    with_vat = forms.BooleanField(label=_("with VAT"), required=False)
    vat_permille = _number(_("VAT, per mille"), 500, initial=130)
    delivered = forms.BooleanField(label=_("delivered"), required=False)
    freight_fen_per_t = _number(_("freight, fen per t"), MOST_FEN_PER_T, initial=0)
    payment_days = _number(_("payment, days"), 365, initial=0)
    interest_permille = _number(_("interest a year, per mille"), 500, initial=0)
    evidence = forms.FileField(
        label=_("evidence"), required=False, help_text=_("The file stays with you; its digest is kept.")
    )

    def clean_evidence(self) -> bytes | None:
        file: UploadedFile | None = self.cleaned_data["evidence"]
        if file is None:
            return None
        if (file.size or 0) > MOST_EVIDENCE_BYTES:
            raise forms.ValidationError(gettext("The file is larger than 10 MB."))
        said: bytes = file.read()
        return said


class VoidForm(ActForm):
    reason = forms.CharField(label=_("reason"), max_length=MOST_REASON)


class PolicyForm(ActForm):
    """A weight for each kind of source; without one it does not count."""

    window_days = _number(_("window, days"), 366, least=1, initial=30)
    least_quotes = _number(_("fewest quotes"), 100, least=1, initial=3)
    least_lot_kg = _number(_("smallest lot, kg"), MOST_KG, least=1, initial=1)
    most_lot_kg = _number(_("largest lot, kg"), MOST_KG, least=1, initial=MOST_KG)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in SourceKind:
            self.fields[_WEIGHT + kind] = forms.IntegerField(
                label=kind.label, min_value=1, max_value=MOST_WEIGHT, required=False
            )


def _record(actor: Actor, _row: None, values: Mapping[str, Any]) -> LeadsTo:
    draft = MarketQuoteDraft(
        material_id=values["material"].pk,
        source=values["source"],
        source_name=values["source_name"],
        quoted_on=values["quoted_on"],
        lot_kg=values["lot_kg"],
        said=SaidPrice(**{name: values[name] for name in _SAID}),
        evidence=values["evidence"],
    )
    return LeadsTo(gettext("The quote is recorded."), market_quote_record(actor=actor, draft=draft, now=business_now()))


def _void(actor: Actor, row: MarketQuote, values: Mapping[str, Any]) -> str:
    market_quote_void(actor=actor, market_quote_id=row.pk, now=business_now(), **values)
    return gettext("The quote does not count any more.")


def _set(actor: Actor, row: Round, values: Mapping[str, Any]) -> str:
    weights = {str(kind): values[_WEIGHT + kind] for kind in SourceKind if values[_WEIGHT + kind] is not None}
    rest = {name: value for name, value in values.items() if not name.startswith(_WEIGHT)}
    benchmark_policy_set(actor=actor, round_id=row.pk, draft=PolicyDraft(weights, **rest))
    return gettext("The policy is set. It freezes with the request for quotations.")


def _as_it_is(row: Round) -> Mapping[str, Any]:
    policy = BenchmarkPolicy.objects.filter(round=row).first()
    if policy is None:
        return {}
    weights = {_WEIGHT + kind: weight for kind, weight in policy.weights.items()}
    return weights | {
        name: getattr(policy, name) for name in ("window_days", "least_quotes", "least_lot_kg", "most_lot_kg")
    }


def _weights(policy: BenchmarkPolicy) -> str:
    return ", ".join(f"{SourceKind(kind).label}: {weight}" for kind, weight in sorted(policy.weights.items()))


@admin.register(MarketQuote)
class MarketQuoteAdmin(DeskAdmin):
    section = Section.ROUNDS
    icon = "query_stats"
    rank = 40
    list_display = ("quoted_on", "material", "source", "source_name", "normalised_fen_per_t", "grade", "voided_at")
    list_filter = (by_choice("source"), by_choice("grade"), by_row("material"), by_day("quoted_on"))
    list_select_related = ("material",)
    search_fields = ("source_name", "material__code")
    page_fields = (
        "material", "source", "source_name", "quoted_on", "lot_kg", *_SAID, "normalised_fen_per_t", "grade",
        "evidence_sha256", "voided_at", "void_reason", "created_at",
    )  # fmt: skip
    ordering = ("-quoted_on", "material__code")
    acts_on_list = (
        Act(
            name="record",
            verb="market_quote.record",
            title=_("Record a quote"),
            explained=_(
                "A price of a single firm's lot outside the round. You do not sign awards of its material then."
            ),
            run=_record,
            icon="add_chart",
            form=QuoteForm,
        ),
    )
    acts_on_row = (
        Act(
            name="void",
            verb="market_quote.void",
            title=_("Void"),
            explained=_("The quote stays readable with your reason, and counts no more."),
            run=_void,
            icon="block",
            form=VoidForm,
            applies=lambda row: row.voided_at is None,
        ),
    )


@admin.register(BenchmarkPolicy)
class BenchmarkPolicyAdmin(DeskAdmin):
    section = Section.ROUNDS
    icon = "rule"
    rank = 50
    list_display = ("round", column(_("weights"), _weights), "window_days", "least_quotes", "frozen_at")
    list_select_related = ("round",)
    search_fields = ("round__code",)
    page_fields = (
        "round", column(_("weights"), _weights), "window_days", "least_quotes", "least_lot_kg", "most_lot_kg",
        "sha256", "frozen_at", "created_at",
    )  # fmt: skip
    ordering = ("-created_at",)


@admin.register(Benchmark)
class BenchmarkAdmin(DeskAdmin):
    list_display = ("line", "grade", "quotes", "q1_fen_per_t", "median_fen_per_t", "q3_fen_per_t", "frozen_at")
    list_filter = (by_choice("grade"),)
    list_select_related = ("line",)
    search_fields = ("line__round__code",)
    page_fields = (
        "line", "grade", "quotes", "q1_fen_per_t", "median_fen_per_t", "q3_fen_per_t", "policy_sha256", "frozen_at",
        "created_at",
    )  # fmt: skip
    also_asked = ("line__round",)
    ordering = ("-frozen_at", "line__number")


relate(Round, Related(BenchmarkPolicy, "round"), Related(Benchmark, "line__round"))
offer(
    Round,
    Act(
        name="benchmark-policy",
        verb="benchmark_policy.set",
        title=_("Set the benchmark policy"),
        explained=_("Which prices outside the round count, and how much. It freezes with the request for quotations."),
        run=_set,
        icon="rule",
        form=PolicyForm,
        initial=_as_it_is,
        applies=lambda row: row.status in BEFORE_THE_REQUEST,
    ),
)
