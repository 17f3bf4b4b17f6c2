"""Market quotes, a round's benchmark policy, and the benchmark that freezes with its request for quotations."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mes.catalog.models import Material
from mes.core import audit
from mes.core.actors import Actor, DatabaseRole
from mes.core.bounds import check_text, check_whole_number, is_plausible
from mes.core.errors import InvalidValue, NotAllowedInState, NotFound, NotPermitted
from mes.core.locks import lock_round
from mes.core.wall import switched
from mes.firms.access import require
from procurement.benchmarks.choices import EvidenceGrade, SourceKind
from procurement.benchmarks.models import Benchmark, BenchmarkPolicy, MarketQuote
from procurement.benchmarks.selectors import SaidPrice, benchmark_figures, normalised_fen_per_t
from procurement.rounds.choices import RoundStatus
from procurement.rounds.models import MOST_FEN_PER_T, MOST_KG, Round, RoundLine

MOST_WEIGHT = 100
MOST_SOURCE_NAME = 80
MOST_REASON = 200
BEFORE_THE_REQUEST = frozenset(
    {RoundStatus.DRAFT, RoundStatus.COLLECTING, RoundStatus.FIRMING, RoundStatus.FROZEN}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MarketQuoteDraft:
    """A quote as it was collected. `evidence`: the bytes of its file, of which the digest is kept."""

    material_id: UUID
    source: str
    source_name: str
    quoted_on: date
    lot_kg: int
    said: SaidPrice
    evidence: bytes | None = None


@dataclass(frozen=True, slots=True)
class PolicyDraft:
    """`weights`: by kind of source, 1 to MOST_WEIGHT; a kind without one does not count."""

    weights: Mapping[str, int]
    window_days: int = 30
    least_quotes: int = 3
    least_lot_kg: int = 1
    most_lot_kg: int = MOST_KG


@transaction.atomic
def market_quote_record(*, actor: Actor, draft: MarketQuoteDraft, now: datetime) -> MarketQuote:
    """Records a quote with its price made comparable.

    Raises InvalidValue with a pointer, NotFound, NotPermitted, also for a member's invoice from an officer with an
    interest in any firm, who does not read those.
    """
    require(actor, "market_quote.record")
    if not Material.objects.filter(pk=draft.material_id).exists():
        raise NotFound
    if actor.user_id is None:
        raise NotPermitted
    _check_quote(draft, now)
    if draft.source == SourceKind.MEMBER_INVOICE and actor.barred_firms:
        raise NotPermitted(_("Who has declared an interest does not handle members' invoices."))
    if draft.source == SourceKind.INDEXED:
        grade = EvidenceGrade.C
    else:
        grade = EvidenceGrade.A if draft.evidence else EvidenceGrade.B
    quote = MarketQuote.objects.create(
        material_id=draft.material_id,
        source=draft.source,
        source_name=draft.source_name,
        quoted_on=draft.quoted_on,
        lot_kg=draft.lot_kg,
        normalised_fen_per_t=normalised_fen_per_t(draft.said),
        evidence_sha256=hashlib.sha256(draft.evidence).hexdigest() if draft.evidence else "",
        grade=grade,
        collector_id=actor.user_id,
        **asdict(draft.said),
    )
    changes = {"source": quote.source, "quoted_on": quote.quoted_on, "normalised_fen_per_t": quote.normalised_fen_per_t}
    audit.record(actor=actor, verb="market_quote.record", obj=quote, firm_id=None, changes=changes)
    return quote


@transaction.atomic
def market_quote_void(*, actor: Actor, market_quote_id: UUID, reason: str, now: datetime) -> MarketQuote:
    """Takes a wrong quote out of what counts. Raises InvalidValue, NotFound, NotAllowedInState, NotPermitted."""
    require(actor, "market_quote.void")
    check_text(reason, MOST_REASON, "/reason")
    quote = MarketQuote.objects.select_for_update().filter(pk=market_quote_id).first()
    if quote is None:
        raise NotFound
    if quote.voided_at is not None:
        raise NotAllowedInState(_("The quote was voided before."))
    changes = audit.changed(quote, {"voided_at": now, "void_reason": reason})
    quote.voided_at, quote.void_reason = now, reason
    quote.save(update_fields=["voided_at", "void_reason"])
    audit.record(actor=actor, verb="market_quote.void", obj=quote, firm_id=None, changes=changes)
    return quote


@transaction.atomic
def benchmark_policy_set(*, actor: Actor, round_id: UUID, draft: PolicyDraft) -> BenchmarkPolicy:
    """How the round's benchmark will be made; until its request is published.

    Raises InvalidValue with a pointer, NotFound, NotAllowedInState, NotPermitted.
    """
    require(actor, "benchmark_policy.set")
    _check_policy(draft)
    lock_round(round_id)
    found = Round.objects.filter(pk=round_id).first()
    if found is None:
        raise NotFound
    if found.status not in BEFORE_THE_REQUEST:
        raise NotAllowedInState(_("The benchmark was frozen when the request for quotations was published."))
    values = asdict(draft) | {"weights": dict(draft.weights)}
    policy = BenchmarkPolicy.objects.filter(round=found).first()
    changes = audit.changed(policy, values)
    policy, _made = BenchmarkPolicy.objects.update_or_create(round=found, defaults=values)
    audit.record(actor=actor, verb="benchmark_policy.set", obj=policy, firm_id=None, changes=changes)
    return policy


@transaction.atomic
def benchmarks_freeze(*, actor: Actor, round_id: UUID, now: datetime) -> list[Benchmark]:
    """Freezes the policy by hash and makes the benchmark of each line that has quotes, as its request is published.

    Raises NotAllowedInState when the round has no policy or its benchmark is frozen.
    """
    policy = BenchmarkPolicy.objects.select_for_update().filter(round_id=round_id).first()
    if policy is None or policy.frozen_at is not None:
        raise NotAllowedInState(_("The round has no benchmark policy that could be frozen."))
    policy.sha256, policy.frozen_at = policy_sha256(policy), now
    policy.save(update_fields=["sha256", "frozen_at"])
    audit.record(
        actor=actor, verb="benchmark_policy.freeze", obj=policy, firm_id=None, changes={"sha256": policy.sha256}
    )
    day = timezone.localdate(now)
    made = []
    for line in RoundLine.objects.filter(round_id=round_id).order_by("number"):
        with switched(DatabaseRole.EXCHANGE):  # all quotes count, whoever publishes
            figures = benchmark_figures(line=line, policy=policy, day=day)
        if figures is not None:
            made.append(Benchmark(line=line, policy_sha256=policy.sha256, frozen_at=now, **asdict(figures)))
    return Benchmark.objects.bulk_create(made)


def policy_sha256(policy: BenchmarkPolicy) -> str:
    """The digest of what a policy says, as hexadecimal digits of SHA-256 over its canonical JSON."""
    told = {
        "weights": policy.weights,
        "window_days": policy.window_days,
        "least_quotes": policy.least_quotes,
        "least_lot_kg": policy.least_lot_kg,
        "most_lot_kg": policy.most_lot_kg,
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _check_quote(draft: MarketQuoteDraft, now: datetime) -> None:
    said = draft.said
    check_text(draft.source_name, MOST_SOURCE_NAME, "/source_name")
    check_whole_number(draft.lot_kg, MOST_KG, "/lot_kg")
    check_whole_number(said.price_fen_per_t, MOST_FEN_PER_T, "/price_fen_per_t")
    check_whole_number(said.vat_permille, 500, "/vat_permille", least=0)
    check_whole_number(said.freight_fen_per_t, MOST_FEN_PER_T, "/freight_fen_per_t", least=0)
    check_whole_number(said.payment_days, 365, "/payment_days", least=0)
    check_whole_number(said.interest_permille, 500, "/interest_permille", least=0)
    if draft.source not in SourceKind.values:
        raise InvalidValue(pointer="/source")
    if not is_plausible(draft.quoted_on) or draft.quoted_on > timezone.localdate(now):
        raise InvalidValue(_("A quote is of today or earlier."), pointer="/quoted_on")
    if said.delivered and said.freight_fen_per_t:
        raise InvalidValue(_("A delivered price has no freight on top."), pointer="/freight_fen_per_t")


def _check_policy(draft: PolicyDraft) -> None:
    if not draft.weights:
        raise InvalidValue(_("At least one kind of source counts."), pointer="/weights")
    for source, weight in draft.weights.items():
        if source not in SourceKind.values:
            raise InvalidValue(pointer=f"/weights/{source}")
        check_whole_number(weight, MOST_WEIGHT, f"/weights/{source}")
    check_whole_number(draft.window_days, 366, "/window_days")
    check_whole_number(draft.least_quotes, 100, "/least_quotes")
    check_whole_number(draft.least_lot_kg, MOST_KG, "/least_lot_kg")
    check_whole_number(draft.most_lot_kg, MOST_KG, "/most_lot_kg", least=draft.least_lot_kg)
