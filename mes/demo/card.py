"""The card at the end: the park's plan, the case's story, who sees what of it, and the round."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from mes.demo.board import Board
from mes.demo.figures import CaseFigures, ParkFigures, Placement, rounded
from mes.demo.parties import DoerView, GiverView, OtherView
from mes.demo.ranges import Miss
from mes.demo.round_figures import RoundFigures
from mes.demo.round_told import lines as round_lines
from mes.demo.seed.index import PARK_ZONE

RULE_WIDTH = 100
BAR_WIDTH = 30


@dataclass(frozen=True, slots=True)
class Story:
    """All that the card tells."""

    zero: datetime
    report: Mapping[str, Any]
    case: CaseFigures
    park: ParkFigures
    bought: RoundFigures
    signed_at_once: int
    signed_after_asking: int
    giver: GiverView | None
    doer: tuple[str, DoerView] | None
    other: OtherView | None


def show(board: Board, story: Story, missed: list[Miss]) -> None:
    """Prints the card."""
    _headline(
        board, f"The park on {story.zero.astimezone(PARK_ZONE):%Y-%m-%d} at 00:00, before the demo's clock went on"
    )
    for line in _park(story):
        board.say(line)
    _headline(board, "The case")
    for line in _case(story.case, story.report):
        board.say(line)
    _bars(board, story.case)
    _headline(board, "Who sees what of it")
    for line in _sights(story):
        board.say(line)
    _headline(board, "A month's resin, bought together")
    for line in round_lines(story.bought):
        board.say(line)
    if missed:
        _headline(board, "Out of range")
        for miss in missed:
            board.say(f"{miss}", "bold red")
    board.say()


def _headline(board: Board, text: str) -> None:
    board.say()
    board.say(f"── {text} ".ljust(RULE_WIDTH, "─"), "bold")


def _park(story: Story) -> Iterator[str]:
    park, shown = story.park, story.report["park"]
    yield f"orders             {park.orders}, of them on time {park.on_time} = {_pct(park.on_time_pct)}"
    yield f"late               {shown['late']}, of them without a place in the plan {park.unplaced}"
    yield (
        f"outsourced         {_t(park.placed_t)} of {_t(park.planned_t)} planned at all firms"
        f" = {_pct(park.outsourced_pct)}"
    )
    yield (
        f"placements         {story.signed_at_once} signed on standing terms,"
        f" {story.signed_after_asking} after the firms were asked"
    )
    yield f"machine runs       {park.machine_runs}, operations {park.operations}, overlaps {park.overlaps}"
    yield (
        f"plan               {shown['plan_seconds']} s for all rules and the engine, {shown['rule']} taken,"
        f" violations {shown['violations']}"
    )


def _case(case: CaseFigures, report: Mapping[str, Any]) -> Iterator[str]:
    alone = report["case_alone"]["finish_day"]
    yield (
        f"{case.firm_code} {case.firm_name_zh} has an order for {case.pieces} × {case.product_code}"
        f" = {_t(case.tonnes)}, due at the end of day {_n(case.due_day, 0)}."
    )
    yield f"Alone it would be finished on day {alone}; with the park's plan on day {_n(case.finish_day, 2)}."


def _bars(board: Board, case: CaseFigures) -> None:
    rows = [
        (case.firm_code, case.own_pieces, case.in_house_t, "at home"),
        *((row.firm_code, row.pieces, row.tonnes, _placement(row)) for row in case.placements),
    ]
    for code, pieces, tonnes, note in rows:
        bar = ""
        if board.console.is_terminal and case.pieces:
            bar = ("█" * (BAR_WIDTH * pieces // case.pieces)).ljust(BAR_WIDTH) + "  "
        board.say(f"  {code}  {bar}{_t(tonnes):>9}  {pieces:>5} pieces  {note}")
    board.say(f"  all  {case.pieces_total} pieces: {_t(case.in_house_t)} at home, {_t(case.outsourced_t)} at others")


def _placement(row: Placement) -> str:
    plural = "order" if row.orders == 1 else "orders"
    return f"{row.firm_name_zh}, {row.orders} {plural}, at the giver's gate on day {_n(row.finish_day, 2)}"


def _sights(story: Story) -> Iterator[str]:
    if story.giver is not None:
        giver = story.giver
        fees = f", fees {giver.least_fee_cny_per_t} to {giver.most_fee_cny_per_t} CNY/t, {giver.fees_cny} CNY in all"
        yield (
            f"giver {story.case.firm_code}          customer {giver.customer}, price {giver.price_cny_per_t} CNY/t;"
            f" {giver.outsource_orders} outsource orders{fees if giver.outsource_orders else ''}"
        )
    if story.doer is not None:
        code, doer = story.doer
        yield (
            f"doer {code}           its own order {doer.order_number}: {doer.pieces} × {doer.product} for"
            f" {story.case.firm_code} by {doer.due_at.astimezone(PARK_ZONE):%Y-%m-%d %H:%M},"
            f" fee {doer.fee_cny_per_t} CNY/t;"
            f" rows of the giver's order {doer.giver_orders_readable}, customer {doer.giver_customers_readable},"
            f" price {doer.giver_prices_readable}"
        )
    if story.other is not None:
        other = story.other
        yield (
            f"member {other.firm_code}         rows of the order {other.orders}, of outsource orders"
            f" {other.outsource_orders}, of other firms' machine runs {other.machine_runs}"
        )
    yield "association        the figures above; no customer, no price, no fee"


def _t(tonnes: Decimal) -> str:
    return f"{rounded(tonnes, 1)} t"


def _pct(share: Decimal) -> str:
    return f"{rounded(share, 1)} %"


def _n(value: Decimal, places: int) -> str:
    return f"{rounded(value, places)}"
