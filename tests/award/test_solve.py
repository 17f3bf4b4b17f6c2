"""The award: keeps every rule, is proved within its gap, and is the same each time."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from random import Random

import pytest
from hypothesis import given, settings

from procurement.award.check import check_problem
from procurement.award.codec import award_hash
from procurement.award.errors import AwardError
from procurement.award.generate import KINDS, Kind, generate
from procurement.award.greedy import greedy_award
from procurement.award.milp.solver import Effort
from procurement.award.problem import Discount, Line, Problem, Quotation, Supplier
from procurement.award.settle import Book, settle
from procurement.award.solve import award_problem
from procurement.award.verify import verify
from tests.award.draw import T, commitment, problem, problems, quotation
from tests.hypothesis_examples import examples

WHOLE = Effort(gap=1e-6)


@given(drawn=problems())
@settings(max_examples=examples(60), deadline=None)
def test_whatever_is_drawn_the_award_and_the_greedy_one_keep_the_rules(drawn: Problem) -> None:
    check_problem(drawn)
    made = award_problem(drawn, effort=WHOLE)
    assert made.broken == ()
    assert verify(drawn, made.award) == []
    assert verify(drawn, made.greedy) == []
    assert made.bound_mfen <= made.award.tally.total_mfen <= made.greedy.tally.total_mfen


def cheapest_of_all(drawn: Problem, step_kg: int) -> int:
    """By trying every quantity."""
    book = Book(drawn)
    best = None
    keys = sorted((item.line, item.supplier) for item in drawn.quotations)
    ranges = [range(0, book.quotations[key].capacity_kg + 1, step_kg) for key in keys]
    for kg in product(*ranges):
        try:
            settled = settle(book, dict(zip(keys, kg, strict=True)))
        except AwardError:
            continue
        total = settled.award.tally.total_mfen
        if not settled.stuck and not verify(drawn, settled.award) and (best is None or total < best):
            best = total
    assert best is not None
    return best


@pytest.mark.parametrize("seed", range(6))
def test_nothing_that_can_be_bought_is_cheaper(seed: int) -> None:
    """Two suppliers, ten lots each, all kinds of breaks: the search against all there is."""
    luck = Random(seed)
    lot = 1000
    quotations = tuple(
        quotation(
            f"S{number}",
            "PE1",
            (0, luck.randint(950, 1050) * 1000),
            (luck.randint(3, 6) * lot, luck.randint(900, 945) * 1000),
            (luck.randint(7, 9) * lot, luck.randint(850, 895) * 1000),
            capacity_kg=10 * lot,
            least_kg=luck.randint(0, 3) * lot,
            lot_kg=lot,
            kind=luck.choice(("all_units", "incremental")),
        )
        for number in (1, 2)
    )
    drawn = Problem(
        lines=(Line("PE1", "PE1", 1_200_000, least_suppliers=luck.choice((1, 2)), greatest_share_permille=800),),
        commitments=(
            commitment("A", wanted_kg=4 * T, most_kg=6 * T),
            commitment("B", wanted_kg=3 * T, reserve_fen_per_t=luck.randint(900, 1000) * 1000),
            commitment("C", wanted_kg=5 * T, approved=("S2",)),
        ),
        suppliers=(Supplier("S1", None, 200_000), Supplier("S2", None, 0, (Discount(6 * lot, 20),))),
        quotations=quotations,
    )
    check_problem(drawn)
    made = award_problem(drawn, effort=WHOLE)
    best = cheapest_of_all(drawn, lot)
    assert made.bound_mfen <= best
    assert made.award.tally.total_mfen == best


def test_the_small_round_is_awarded_as_one_would_by_hand() -> None:
    made = award_problem(problem(), effort=WHOLE)
    assert made.gap < 1e-4  # bags and lots of a tonne
    assert {part.line for part in made.award.parts} == {"PE1", "PE2"}
    assert sum(part.line == "PE2" for part in made.award.parts) == 2
    assert {(out.firm, out.reason) for out in made.award.outs} == {("C", "price")}  # PE2 costs more than its reserve
    assert sum(share.kg for share in made.award.shares if share.firm == "A" and share.line == "PE2") == 12 * T


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_a_drawn_round_is_proved_near_to_the_best(kind: Kind, seed: int) -> None:
    drawn = generate(firms=40, grades=6, suppliers=6, breaks=4, kind=kind, seed=seed)
    check_problem(drawn)
    made = award_problem(drawn, effort=Effort(nodes=200))
    assert verify(drawn, made.award) == verify(drawn, made.greedy) == []
    assert made.made_by == "search"
    assert made.gap < 0.004
    assert made.greedy_extra > 0


def test_the_same_problem_in_another_order_gets_the_same_award() -> None:
    drawn = generate(firms=30, grades=5, suppliers=5, breaks=3, kind="per_firm", seed=7)
    turned = replace(
        drawn,
        lines=drawn.lines[::-1],
        commitments=drawn.commitments[::-1],
        suppliers=drawn.suppliers[::-1],
        quotations=drawn.quotations[::-1],
    )
    effort = Effort(seed=3, nodes=50)
    assert award_hash(award_problem(drawn, effort=effort).award) == award_hash(
        award_problem(turned, effort=effort).award
    )


def test_without_time_the_greedy_award_stands() -> None:
    drawn = generate(firms=60, grades=10, suppliers=8, breaks=4, kind="all_units", seed=1)
    made = award_problem(drawn, seconds_left=lambda: 0.1)
    assert verify(drawn, made.award) == []
    assert made.award.tally.total_mfen <= made.greedy.tally.total_mfen


def test_firms_that_the_price_puts_out_are_not_bought_for() -> None:
    """Alone, B would be served: the break that it needs is above what it takes."""
    drawn = problem(
        lines=(Line("PE1", "PE1", 1_200_000),),
        commitments=(commitment("A", wanted_kg=5 * T), commitment("B", wanted_kg=5 * T, reserve_fen_per_t=900_000)),
        suppliers=(Supplier("S1"),),
        quotations=(quotation("S1", "PE1", (0, 1_000_000), (20 * T, 800_000)),),
    )
    made = award_problem(drawn, effort=WHOLE)
    assert [(out.firm, out.reason) for out in made.award.outs] == [("B", "price")]
    assert sum(part.kg for part in made.award.parts) == 5 * T


def test_a_quantity_too_small_to_use_is_not_handed_out() -> None:
    drawn = problem(
        lines=(Line("PE1", "PE1", 1_200_000),),
        commitments=(
            commitment("A", wanted_kg=8 * T, priority=1),
            commitment("B", wanted_kg=8 * T, least_kg=6 * T, priority=2),
            commitment("C", wanted_kg=2 * T, priority=2),
        ),
        suppliers=(Supplier("S1"),),
        quotations=(quotation("S1", capacity_kg=12 * T),),
    )
    made = award_problem(drawn, effort=WHOLE)
    assert verify(drawn, made.award) == []
    assert [(out.firm, out.reason) for out in made.award.outs] == [("B", "least")]
    assert sum(part.kg for part in made.award.parts) == 10 * T


def test_a_round_of_nothing_is_an_award_of_nothing() -> None:
    empty = Problem((), (), (), ())
    made = award_problem(empty)
    assert (made.award.parts, made.award.tally.total_mfen, made.gap) == ((), 0, 0)
    unquoted = problem(quotations=(), lines=(Line("PE1", "PE1", 1_200_000), Line("PE2", "PE2", 1_500_000)))
    made = award_problem(unquoted)
    assert {out.reason for out in made.award.outs} == {"no_award"}
    assert made.gap == 0


def test_the_greedy_award_is_made_again_for_those_that_it_can_serve() -> None:
    drawn = problem(
        lines=(Line("PE1", "PE1", 1_200_000),),
        commitments=(commitment("A", wanted_kg=5 * T), commitment("B", wanted_kg=5 * T, reserve_fen_per_t=900_000)),
        suppliers=(Supplier("S1"),),
        quotations=(quotation("S1", "PE1", (0, 1_000_000)),),
    )
    settled = greedy_award(Book(drawn))
    assert not settled.stuck
    assert [part.kg for part in settled.award.parts] == [5 * T]


def test_quotations_are_never_cut_below_what_they_offer() -> None:
    lonely = Quotation("S1", "PE1", 20 * T, quotation("S1").breaks, least_kg=20 * T)
    drawn = problem(
        lines=(Line("PE1", "PE1", 1_200_000),),
        commitments=(commitment("A", wanted_kg=15 * T, most_kg=18 * T),),
        suppliers=(Supplier("S1"),),
        quotations=(lonely,),
    )
    assert award_problem(drawn).award.parts == ()


def test_a_cheaper_break_above_the_wanted_is_bought_where_the_bill_falls() -> None:
    drawn = problem(
        lines=(Line("PE1", "PE1", 1_200_000),),
        commitments=(commitment("A", wanted_kg=10 * T, most_kg=11 * T),),
        suppliers=(Supplier("S1"),),
        quotations=(quotation("S1", "PE1", (0, 1_000_000), (10_500, 900_000)),),
    )
    assert [part.kg for part in award_problem(drawn, effort=WHOLE).award.parts] == [10_500]


def test_a_little_more_is_bought_so_that_nobody_gets_less_than_he_can_use() -> None:
    """28.5 t are cheapest and leave B, who needs all of his 14.525 t, a little short: then he is out, and A alone is
    below the least quantity."""
    drawn = problem(
        lines=(Line("PE1", "PE1", 1_580_000),),
        commitments=(
            commitment("A", wanted_kg=14_125, most_kg=15_125),
            commitment("B", wanted_kg=14_525, least_kg=14_525),
        ),
        suppliers=(Supplier("S1"),),
        quotations=(quotation("S1", "PE1", (0, 900_000), capacity_kg=37 * T, least_kg=22 * T, lot_kg=500),),
    )
    made = award_problem(drawn, effort=WHOLE)
    assert [part.kg for part in made.award.parts] == [29 * T]
    assert made.award.outs == ()


def test_where_no_whole_lots_suit_the_pieces_others_of_the_same_suppliers_do() -> None:
    """7 t and 3 t are cheapest, but S2 sells by 2 t: beside 2 t, 7 t are too great a share, and 4 t are too much."""
    drawn = problem(
        lines=(Line("PE1", "PE1", 1_500_000, least_suppliers=2, greatest_share_permille=700),),
        commitments=(commitment("A", wanted_kg=10 * T),),
        suppliers=(Supplier("S1"), Supplier("S2")),
        quotations=(
            quotation("S1", "PE1", (0, 1_000_000), (7 * T, 900_000), lot_kg=1000),
            quotation("S2", "PE1", (0, 1_010_000), lot_kg=2000),
        ),
    )
    made = award_problem(drawn, effort=WHOLE)
    assert (made.made_by, made.broken) == ("search", ())
    assert [(part.supplier, part.kg) for part in made.award.parts] == [("S1", 6 * T), ("S2", 4 * T)]
