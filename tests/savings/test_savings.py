"""Savings of a round: recognised when invoiced, negative ones too, bound in a chain, told without telling of a firm."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils.translation import override

from mes.core.errors import NotAllowedInState, NotPermitted
from mes.core.wall import actor_wall
from procurement.savings import services
from procurement.savings.models import RoundSaving, SavingLine
from procurement.savings.selectors.chain import chain_faults
from procurement.savings.selectors.headline import sentence
from procurement.savings.selectors.lines import headline_told, savings_summary
from procurement.settlement.services import fee_book, invoice_settle, round_close
from tests.database import as_owner
from tests.factories.rounds import an_officer
from tests.settlement.work import Settling, a_settling_round, act, benchmarked, settled

pytestmark = pytest.mark.django_db


@pytest.fixture
def found(db: None) -> Settling:
    return benchmarked(a_settling_round())


def settle(found: Settling, *pairs: tuple[str, str]) -> None:
    for firm, supplier in pairs:
        act(an_officer(), invoice_settle, invoice_id=found.invoiced(firm, supplier).pk)


def recognise(found: Settling) -> int:
    return int(act(an_officer(), services.savings_recognise, round_id=found.pk))


def lines(found: Settling) -> list[SavingLine]:
    with as_owner():
        return list(SavingLine.objects.filter(round_id=found.pk).order_by("number"))


def test_a_lot_counts_when_it_is_invoiced_and_a_later_cost_is_a_revision(found: Settling) -> None:
    assert recognise(found) == 0
    settle(found, ("F02", "S1"), ("F03", "S2"))
    assert (recognise(found), recognise(found)) == (2, 0)
    by_kg = {line.kg: line for line in lines(found)}
    assert (by_kg[7_000].landed_fen, by_kg[7_000].saving_fen) == (6_860_000, 210_000)
    assert by_kg[3_000].market_low_fen - by_kg[3_000].landed_fen == -39_999
    assert by_kg[7_000].alone_fen == 7_000_000
    act(an_officer(), fee_book, round_id=found.pk, kind="freight", fen=43_025, reference="Y1")
    assert recognise(found) == 2
    last = lines(found)[-1]
    assert (last.number, last.revision, last.freight_fen) == (4, 2, last.kg)
    with as_owner():
        assert chain_faults(found.pk) == []


def test_a_closed_round_tells_its_saving_with_band_and_coverage(found: Settling) -> None:
    settled(found)
    refused: Any = services.savings_tell
    with pytest.raises(NotAllowedInState):
        act(an_officer(), refused, round_id=found.pk)
    act(an_officer(), round_close, round_id=found.pk)
    told = act(an_officer(), services.savings_tell, round_id=found.pk)
    headline = headline_told(told)
    assert headline is not None
    paid = 27_000 * 980 + round(16_025 * 1_003.333)
    assert headline.spend_fen == paid
    with override("en"):
        assert sentence(headline) == "2.1 % (0.1 to 3.1), 100 % of spend evidenced"
    with pytest.raises(NotAllowedInState):
        act(an_officer(), refused, round_id=found.pk)
    buyer = found.opened.buyer("F01")
    with actor_wall(buyer):
        summary = savings_summary(actor=buyer, round_id=found.pk)
    assert (summary.lots, summary.headline.coverage) == (2, 100)
    assert summary.alone_fen == 15_025_000
    assert summary.told is not None
    with pytest.raises(NotPermitted):
        act(buyer, services.savings_recognise, round_id=found.pk)


def test_what_would_tell_of_a_firm_is_withheld() -> None:
    few = a_settling_round("R2", got=(("F01", "S1", 9_000), ("F02", "S1", 5_000)))
    settled(few)
    act(an_officer(), round_close, round_id=few.pk)
    told = act(an_officer(), services.savings_tell, round_id=few.pk)
    assert (told.withheld, headline_told(told)) == (True, None)


def test_raw_sql_neither_changes_a_saving_nor_puts_one_beside_the_chain(found: Settling) -> None:
    settle(found, ("F02", "S1"), ("F03", "S2"))
    recognise(found)
    columns = ", ".join(
        field.column for field in SavingLine._meta.concrete_fields if field.name not in {"id", "revision"}
    )
    for statement in (
        "UPDATE savings_savingline SET market_mid_fen = market_mid_fen + 1",
        "DELETE FROM savings_savingline",
        f"INSERT INTO savings_savingline (id, revision, {columns}) SELECT gen_random_uuid(), 9, {columns}"
        " FROM savings_savingline LIMIT 1",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), as_owner(), connection.cursor() as cursor:
            cursor.execute(statement)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE savings_savingline DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE savings_savingline SET fee_fen = fee_fen + 1, landed_fen = landed_fen + 1 WHERE number = 1"
        )
        assert chain_faults(found.pk) == [1]
        cursor.execute("ALTER TABLE savings_savingline ENABLE TRIGGER USER")
        assert RoundSaving.objects.count() == 0
