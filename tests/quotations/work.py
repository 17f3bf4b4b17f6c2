"""A round that asks suppliers, what they quote, and the officers who open it. Each function opens its own wall."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.utils.timezone import localdate

from mes.core.actors import Actor, Channel, DatabaseRole, Sight
from mes.core.clock import business_now
from mes.core.wall import actor_wall, wall
from mes.firms.authentication import actor_of_user
from mes.firms.choices import Role
from mes.firms.models import DeclaredInterest, Firm
from procurement.benchmarks.services import PolicyDraft, benchmark_policy_set
from procurement.quotations.models import Quotation, Tender
from procurement.quotations.services import (
    BreakDraft,
    LineDraft,
    QuotationDraft,
    TenderDraft,
    opening_consent,
    quotation_put,
    quotation_seal,
    quotation_unseal,
    quotation_withdraw,
    tender_change,
    tender_open,
    tender_publish,
)
from procurement.rounds.models import Round
from procurement.rounds.services import round_freeze
from tests.factories import user_of
from tests.rounds.work import CLOSES_AT, QUOTATIONS_CLOSE_AT, a_supplier, an_officer, an_open_round, commit

ASKED_AT = CLOSES_AT + timedelta(hours=1)
OPENS_AT = QUOTATIONS_CLOSE_AT
VALID_UNTIL: date = localdate(QUOTATIONS_CLOSE_AT + timedelta(days=30))
KG = 64_000


def officer_named(name: str, *barred: Firm) -> Actor:
    """An officer with interests, as the sign-in makes him."""
    user = user_of(None, Role.ROUND_OFFICER, username=name)
    with wall(DatabaseRole.STAFF):
        for firm in barred:
            DeclaredInterest.objects.get_or_create(user=user, firm=firm, ended_at=None, defaults={"since": ASKED_AT})
    sight = Sight(barred_firms=frozenset(firm.pk for firm in barred), sees_members=False)
    return Actor(DatabaseRole.STAFF, Channel.ADMIN, user_id=user.pk, roles=user.roles, sight=sight)


def a_seller(firm: Firm) -> Actor:
    return actor_of_user(user_of(firm, Role.SELLER), channel=Channel.API)


def a_frozen_round(members: list[Firm], **fields: Any) -> Round:
    """The park's clock stands after the close of commitments already, or is shifted by the caller."""
    row, officer = an_open_round(**fields), an_officer()
    for firm in members:
        commit(firm, row, KG)
    with actor_wall(officer):
        benchmark_policy_set(actor=officer, round_id=row.pk, draft=PolicyDraft({"trader_quote": 1}))
    return row


def freeze(row: Round) -> None:
    officer = an_officer()
    with actor_wall(officer):
        round_freeze(actor=officer, round_id=row.pk, now=business_now())


def three_suppliers() -> list[Firm]:
    return [a_supplier(code) for code in ("S01", "S02", "S03")]


def publish(row: Round, suppliers: list[Firm], **fields: Any) -> Tender:
    officer = an_officer()
    with actor_wall(officer):
        draft = TenderDraft(suppliers=tuple(firm.code for firm in suppliers), **fields)
        return tender_publish(actor=officer, round_id=row.pk, draft=draft, now=business_now())


def change(tender: Tender, **changes: Any) -> Tender:
    officer = an_officer()
    with actor_wall(officer):
        given: Any = changes
        return tender_change(actor=officer, tender_id=tender.pk, changes=given, now=business_now())


def a_line(**fields: Any) -> LineDraft:
    plain = LineDraft(
        line=1,
        capacity_kg=400_000,
        least_kg=25_000,
        multiple_kg=25,
        kind="all_units",
        breaks=(BreakDraft(0, 900_000), BreakDraft(100_000, 880_000)),
    )
    return replace(plain, **fields)


def a_draft(**fields: Any) -> QuotationDraft:
    plain = QuotationDraft(
        valid_until=VALID_UNTIL,
        payment_days=30,
        with_vat=True,
        vat_permille=130,
        basis="delivered",
        freight_fen_per_t=0,
        capacity_kg=None,
        lines=(a_line(),),
    )
    return replace(plain, **fields)


def put(firm: Firm, tender: Tender, draft: QuotationDraft | None = None) -> Quotation:
    actor = a_seller(firm)
    with actor_wall(actor):
        return quotation_put(actor=actor, tender_id=tender.pk, draft=draft or a_draft(), now=business_now()).row


def seal(firm: Firm, tender: Tender, *, revision: int = 1) -> Quotation:
    actor = a_seller(firm)
    with actor_wall(actor):
        return quotation_seal(actor=actor, tender_id=tender.pk, tender_revision=revision, now=business_now())


def unseal(firm: Firm, tender: Tender) -> Quotation:
    actor = a_seller(firm)
    with actor_wall(actor):
        return quotation_unseal(actor=actor, tender_id=tender.pk, now=business_now())


def take_back(firm: Firm, tender: Tender) -> Quotation:
    actor = a_seller(firm)
    with actor_wall(actor):
        return quotation_withdraw(actor=actor, tender_id=tender.pk, now=business_now())


def consent(officer: Actor, tender: Tender) -> None:
    with actor_wall(officer):
        opening_consent(actor=officer, tender_id=tender.pk, now=business_now())


def open_it(officer: Actor, tender: Tender) -> Tender:
    with actor_wall(officer):
        return tender_open(actor=officer, tender_id=tender.pk, now=business_now())


def status_of(row: Quotation) -> str:
    """As its supplier reads it."""
    with wall(DatabaseRole.FIRM, row.supplier_id):
        return Quotation.objects.get(pk=row.pk).status
