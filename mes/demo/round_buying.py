"""The demo's round from the first commitment to the signed award."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.utils.timezone import localdate

from mes.core.clock import business_now
from mes.demo.board import Board
from mes.demo.errors import StepFailed
from mes.demo.round_people import COLLECTOR, FIRST, SECOND, People, head_of, owner_of
from mes.demo.sample.round_book import Offer, RoundBook
from procurement.awards.choices import PlanKind, PlanStatus, SearchStatus
from procurement.awards.models import AwardPlan, AwardSearch, FirmShare
from procurement.awards.services import award_consent, award_propose, award_sign, share_confirm
from procurement.awards.services.closing import CLOSE
from procurement.benchmarks.choices import SourceKind
from procurement.benchmarks.selectors import SaidPrice
from procurement.benchmarks.services import MarketQuoteDraft, PolicyDraft, benchmark_policy_set, market_quote_record
from procurement.quotations.choices import DeliveryBasis
from procurement.quotations.models import Tender
from procurement.quotations.services import (
    BreakDraft,
    DiscountDraft,
    QuotationDraft,
    TenderDraft,
    opening_consent,
    quotation_put,
    quotation_seal,
    tender_open,
    tender_publish,
)
from procurement.quotations.services import LineDraft as PriceDraft
from procurement.rounds.choices import RoundStatus
from procurement.rounds.models import Round
from procurement.rounds.services import (
    CommitmentDraft,
    LineDraft,
    RoundDraft,
    commitment_put,
    round_create,
    round_line_add,
    round_open,
)
from procurement.rounds.services.clock import MOVE

FIRMING, DEMAND_CLOSES, QUOTATIONS_CLOSE = timedelta(days=5), timedelta(days=7), timedelta(days=14)
VALID = timedelta(days=30)


def collect(board: Board, people: People, book: RoundBook) -> UUID:
    """The round is announced, firms commit, and its clock freezes what they have said. Returns the round."""
    with board.step("round opened, commitments given") as said:
        row = _opened(people, book)
        for want in book.wants:
            people.act_now(
                owner_of(want.firm_code),
                commitment_put,
                round_id=row.pk,
                number=line_number(book, want.grade_code),
                draft=CommitmentDraft(
                    least_kg=want.least_kg,
                    wanted_kg=want.wanted_kg,
                    most_kg=want.most_kg,
                    priority=want.priority,
                    approved_suppliers=want.approved,
                    reserve_fen_per_t=want.reserve_fen_per_t,
                ),
            )
        said.append(f"{len(book.wants)} of {len({want.firm_code for want in book.wants})} firms")
    with board.step("demand firmed and frozen by the clock"):
        _by_the_clock(people, row, row.firming_at, RoundStatus.FIRMING)
        _by_the_clock(people, row, row.demand_closes_at, RoundStatus.FROZEN)
    return row.pk


def ask(board: Board, people: People, book: RoundBook, round_id: UUID) -> None:
    """The market is asked, suppliers quote under seal, two officers open."""
    with board.step("suppliers asked, quotations sealed") as said:
        _collect_market(people, book)
        people.act(
            FIRST, benchmark_policy_set, round_id=round_id, draft=PolicyDraft({SourceKind.TRADER_QUOTE.value: 1})
        )
        draft = TenderDraft(
            suppliers=tuple(people.suppliers),
            payment_days=book.payment_days,
            interest_permille=book.interest_permille,
        )
        tender = people.act_now(FIRST, tender_publish, round_id=round_id, draft=draft)
        for offer in book.offers:
            head = head_of(offer.supplier.code)
            people.act_now(head, quotation_put, tender_id=tender.pk, draft=_quotation(offer, book, tender))
            people.act_now(head, quotation_seal, tender_id=tender.pk, tender_revision=tender.revision)
        said.append(f"{len(book.offers)}")
    with board.step("quotations opened by two officers"):
        people.the_time_is(tender.closes_at)
        for officer in (FIRST, SECOND):
            people.act_now(officer, opening_consent, tender_id=tender.pk)
        people.act_now(FIRST, tender_open, tender_id=tender.pk)


def award(board: Board, people: People, book: RoundBook, round_id: UUID) -> UUID:
    """The worker searches the award, firms confirm it, two officers sign. Returns the plan."""
    with board.step("award searched by the worker"):
        plan = _searched(people, round_id)
    silent = {people.index.firms[want.firm_code] for want in book.wants if want.is_silent}
    with board.step("award confirmed by the firms") as said:
        people.act_now(FIRST, award_propose, plan_id=plan)
        shares = people.rows(FIRST, FirmShare.objects.filter(plan=plan, kg__gt=0).order_by("pk"))
        codes = {firm_id: code for code, firm_id in people.index.firms.items()}
        asked = [share for share in shares if share.firm_id not in silent]
        for share in asked:
            people.act_now(owner_of(codes[share.firm_id]), share_confirm, share_id=share.pk)
        said.append(f"{len(asked)} said yes, {len(shares) - len(asked)} by silence")
    with board.step("award signed by two officers"):
        closes_at = people.read(FIRST, Round.objects.filter(pk=round_id).get).confirm_closes_at
        assert closes_at is not None  # the award was put to the firms
        people.the_time_is(closes_at)
        people.run_by_hand(CLOSE)
        unanswered = FirmShare.objects.filter(plan=plan, kg__gt=0, answer="")
        people.until("confirmations", FIRST, lambda: not unanswered.all().exists())
        for officer in (FIRST, SECOND):
            people.act_now(officer, award_consent, plan_id=plan)
        people.act_now(FIRST, award_sign, plan_id=plan)
    return plan


def line_number(book: RoundBook, grade_code: str) -> int:
    """Lines are numbered as the park's grades are."""
    return 1 + list(book.spot_fen_per_t).index(grade_code)


def _opened(people: People, book: RoundBook) -> Round:
    zero = people.index.zero
    draft = RoundDraft(
        code=book.code,
        title=book.title,
        firming_at=zero + FIRMING,
        demand_closes_at=zero + DEMAND_CLOSES,
        quotations_close_at=zero + QUOTATIONS_CLOSE,
    )
    row = people.act(FIRST, round_create, draft=draft)
    first, last = book.window
    for grade_code, spot in book.spot_fen_per_t.items():
        line = LineDraft(material_code=grade_code, window_from=first, window_to=last, spot_fen_per_t=spot)
        people.act(FIRST, round_line_add, round_id=row.pk, draft=line)
    return people.act_now(FIRST, round_open, round_id=row.pk)


def _by_the_clock(people: People, row: Round, moment: datetime, status: RoundStatus) -> None:
    people.the_time_is(moment)
    people.run_by_hand(MOVE)
    there = Round.objects.filter(pk=row.pk, status=status)
    people.until("round", FIRST, lambda: there.all().exists())


def _collect_market(people: People, book: RoundBook) -> None:
    """By an officer who signs no award. Each quote has its file."""
    day = localdate(people.read(COLLECTOR, business_now))
    for price in book.market:
        said = SaidPrice(
            price_fen_per_t=price.fen_per_t,
            with_vat=True,
            vat_permille=book.vat_permille,
            delivered=True,
            freight_fen_per_t=0,
            payment_days=0,
            interest_permille=0,
        )
        draft = MarketQuoteDraft(
            material_id=people.index.materials[price.grade_code],
            source=SourceKind.TRADER_QUOTE.value,
            source_name=price.source_name,
            quoted_on=day,
            lot_kg=price.lot_kg,
            said=said,
            evidence=f"{price.source_name} {price.grade_code} {price.fen_per_t}".encode(),
        )
        people.act_now(COLLECTOR, market_quote_record, draft=draft)


def _quotation(offer: Offer, book: RoundBook, tender: Tender) -> QuotationDraft:
    lines = tuple(
        PriceDraft(
            line=line_number(book, asked.grade_code),
            capacity_kg=asked.capacity_kg,
            least_kg=asked.least_kg,
            multiple_kg=25,
            kind=offer.kind,
            breaks=tuple(BreakDraft(kg, price) for kg, price in asked.breaks),
        )
        for asked in sorted(offer.asked, key=lambda asked: line_number(book, asked.grade_code))
    )
    return QuotationDraft(
        valid_until=localdate(tender.closes_at + VALID),
        payment_days=book.payment_days,
        with_vat=True,
        vat_permille=book.vat_permille,
        basis=DeliveryBasis.DELIVERED.value,
        freight_fen_per_t=0,
        capacity_kg=offer.capacity_kg,
        lines=lines,
        discounts=tuple(DiscountDraft(kg, permille) for kg, permille in offer.discounts),
    )


def _searched(people: People, round_id: UUID) -> UUID:
    """The plan that the opening's search has found. Raises StepFailed when it found none."""
    searches = AwardSearch.objects.filter(round_id=round_id).exclude(status=SearchStatus.QUEUED)
    people.until("award", FIRST, lambda: searches.all().exists())
    search = people.read(FIRST, searches.get)
    if search.status != SearchStatus.DONE:
        raise StepFailed("award", f"{search.status} {search.said}".strip(), SearchStatus.DONE.value)
    plans = AwardPlan.objects.filter(round_id=round_id, kind=PlanKind.OPTIMAL, status=PlanStatus.CANDIDATE)
    return people.read(FIRST, plans.get).pk
