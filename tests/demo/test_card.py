"""What the demo prints when its output is no terminal: plain lines, with the case's story."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest

from mes.demo import card, figures, parties
from mes.demo.board import Board
from mes.demo.card import Story
from mes.demo.ranges import Miss
from mes.demo.report import report_of
from mes.demo.round_figures import RoundFigures
from mes.demo.sample.shapes import CaseOptions
from tests.database import as_owner
from tests.demo.tiny_park import ORDER_NUMBER, ZERO, TinyPark, make_tiny_park

BOUGHT = RoundFigures(
    firms=32, suppliers=5, tonnes=Decimal("2990.725"), gap=Decimal("0.00004"), greedy_extra_pct=Decimal("0.417"),
    loads=20, claims=9, ledger_sum_fen=0, saving=(Decimal("1.9"), Decimal("2.6"), Decimal("3.2")), coverage_pct=81,
    is_told=True,
)  # fmt: skip


@pytest.fixture
def park(db: None) -> TinyPark:
    with as_owner():
        return make_tiny_park()


def _story(park: TinyPark) -> Story:
    case = figures.case_figures(firm_id=park.giver.pk, order_number=ORDER_NUMBER, zero=ZERO)
    whole = figures.park_figures(zero=ZERO)
    run = figures.run_figures(park.run.pk)
    line_id = park.line.pk
    return Story(
        zero=ZERO,
        report=report_of(
            case=case, park=whole, park_run=run, alone_run=run, bought=BOUGHT, seed=1, options=CaseOptions()
        ),
        case=case,
        park=whole,
        bought=BOUGHT,
        signed_at_once=1,
        signed_after_asking=0,
        giver=parties.giver_view(firm_id=park.giver.pk, line_id=line_id),
        doer=("B", parties.doer_view(firm_id=park.doer.pk, line_id=line_id)),
        other=parties.other_view(firm_id=park.other.pk, firm_code="C", line_id=line_id),
    )


def _shown(park: TinyPark, missed: list[Miss]) -> str:
    out = io.StringIO()
    card.show(Board(out), _story(park), missed)
    return out.getvalue()


@pytest.mark.django_db
def test_the_card_tells_tonnes_per_firm_and_what_each_party_reads(park: TinyPark) -> None:
    shown = _shown(park, [])
    assert "The park on 2026-07-06" in shown
    assert "due at the end of day 20" in shown
    assert "A      3.0 t     60 pieces  at home" in shown
    assert "B      2.0 t     40 pieces" in shown
    assert "customer Customer, price 15000.00 CNY/t" in shown
    assert "rows of the giver's order 0, customer 0, price 0" in shown
    assert "Out of range" not in shown


@pytest.mark.django_db
def test_the_card_tells_what_was_bought_together(park: TinyPark) -> None:
    shown = _shown(park, [])
    assert "2990.7 t for 32 firms from 5 suppliers" in shown
    assert "the greedy one 0.42 % dearer than it" in shown
    assert "2.6 % (1.9 to 3.2), 81 % of spend evidenced; told to all members" in shown
    assert "ledgers sum to 0 fen" in shown


@pytest.mark.django_db
def test_figures_out_of_range_stand_on_the_card(park: TinyPark) -> None:
    assert "in_house_t=1 expected 130 to 136" in _shown(park, [Miss("in_house_t", 1, "130 to 136")])


@pytest.mark.django_db
def test_the_report_holds_neither_keys_nor_dates(park: TinyPark) -> None:
    report = str(_story(park).report)
    assert str(park.line.pk) not in report
    assert "2026" not in report


def test_steps_and_rules_are_plain_lines_without_a_terminal() -> None:
    out = io.StringIO()
    board = Board(out)
    with board.step("plan") as said:
        show = board.rules(10)
        tiers = {"tardiness": 3, "cost_index": 100}
        show({"rule": "due", "orders_placed": 10, "is_cut": False, "ms": 1200, "tiers": tiers})
        tiers = {"tardiness": 4, "cost_index": 90}
        show({"rule": "slack", "orders_placed": 5, "is_cut": True, "ms": 100, "tiers": tiers})
        said.append("done")
    first, second, step = out.getvalue().splitlines()
    assert first.startswith("  rule due ")
    assert first.endswith("10 of 10 orders  weighted lateness 3 min, cost index 100")
    assert second.endswith("5 of 10 orders  given up at 4 min")
    assert step.startswith("plan ")
    assert step.endswith("done")
    assert "\x1b" not in out.getvalue()
