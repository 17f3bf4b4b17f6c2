"""Fairness figures: what firms and blocs pay and would pay alone."""

from __future__ import annotations

from fractions import Fraction

from procurement.award.fairness import dominant, fairness, line_prices
from procurement.award.generate import generate
from procurement.award.milp.solver import Effort
from procurement.award.problem import Line, Problem, Supplier
from procurement.award.solve import award_problem
from tests.award.draw import T, commitment, quotation

EFFORT = Effort(nodes=50)


def test_together_all_reach_the_break_that_none_reaches_alone() -> None:
    drawn = Problem(
        lines=(Line("PE1", "PE1", 1_200_000),),
        commitments=tuple(commitment(f"F{number}", wanted_kg=4 * T) for number in range(6)),
        suppliers=(Supplier("S1", None, 100_000),),
        quotations=(quotation("S1", "PE1", (0, 1_000_000), (20 * T, 900_000)),),
    )
    award = award_problem(drawn, effort=EFFORT).award
    figures = fairness(drawn, award, effort=EFFORT)
    assert line_prices(award) == {"PE1": Fraction(900_000)}
    assert {(bill.paid_mfen, bill.alone_mfen) for bill in figures.bills} == {(4 * T * 900_000, 4 * T * 1_000_000)}
    assert (figures.dearer, figures.above_reserve, figures.dominant) == ((), (), ())
    assert [(bloc.firms, bloc.gain_mfen) for bloc in figures.blocs] == [(5, 0)]  # five reach it too


def test_scarce_cheap_capacity_tempts_the_firm_that_could_have_it_alone() -> None:
    drawn = Problem(
        lines=(Line("PE1", "PE1", 1_200_000),),
        commitments=(commitment("A", wanted_kg=10 * T), commitment("B", wanted_kg=10 * T)),
        suppliers=(Supplier("S1"), Supplier("S2")),
        quotations=(
            quotation("S1", "PE1", (0, 900_000), capacity_kg=10 * T),
            quotation("S2", "PE1", (0, 1_000_000)),
        ),
    )
    award = award_problem(drawn, effort=EFFORT).award
    figures = fairness(drawn, award, effort=EFFORT)
    assert [(bill.firm, bill.paid_mfen - bill.alone_mfen) for bill in figures.dearer] == [
        ("A", 10 * T * 50_000),
        ("B", 10 * T * 50_000),
    ]
    assert [(item.firm, item.permille) for item in dominant(drawn, award)] == [("A", 500), ("B", 500)]


def test_whoever_there_is_no_time_for_is_named() -> None:
    drawn = generate(firms=12, grades=3, suppliers=3, breaks=3, kind="all_units", seed=1)
    award = award_problem(drawn, effort=EFFORT).award
    figures = fairness(drawn, award, effort=EFFORT, seconds_left=lambda: 0.0)
    assert figures.bills == ()
    assert set(figures.not_compared) == {share.firm for share in award.shares}
