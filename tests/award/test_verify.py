"""The judge: clean awards pass, each kind of mutated award is caught, each rule of the problem counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procurement.award.award import Award, Out, Part, Share
from procurement.award.generate import generate
from procurement.award.milp.solver import Effort
from procurement.award.problem import Break, Commitment, Problem, Quotation
from procurement.award.settle import Book, settle
from procurement.award.solve import award_problem
from procurement.award.verify import verify
from tests.award.draw import T, commitment, problem, quotation
from tests.hypothesis_examples import examples

ROUND = generate(firms=40, grades=5, suppliers=5, breaks=4, kind="per_firm", seed=2)
SMALL = problem()


@cache
def round_award() -> Award:
    """Searched when it is first asked for: who only collects the tests does not wait for it."""
    return award_problem(ROUND, effort=Effort(nodes=50)).award


@cache
def small_award() -> Award:
    return award_problem(SMALL).award


def places(name: str) -> st.SearchStrategy[int]:
    """Where the award has an item of that name."""
    return st.deferred(lambda: st.integers(0, len(getattr(round_award(), name)) - 1))


def codes(award: Award, judged_by: Problem = ROUND) -> set[str]:
    return {violation.code for violation in verify(judged_by, award)}


def with_item(name: str, at: int, **changes: Any) -> Award:
    items = list(getattr(round_award(), name))
    items[at] = replace(items[at], **changes)
    return replace(round_award(), **{name: tuple(items)})


def test_the_award_has_all_that_is_mutated_and_the_judge_finds_nothing() -> None:
    assert len(round_award().parts) > 5
    assert {out.reason for out in round_award().outs} >= {"price"}
    assert verify(ROUND, round_award()) == []
    assert verify(SMALL, small_award()) == []


PARTS: dict[str, Callable[[Part, int], dict[str, object]]] = {
    "a bag more": lambda part, by: {"kg": part.kg + 25 * by},
    "a bag less": lambda part, by: {"kg": part.kg - 25 * by},
    "no lot": lambda part, by: {"kg": part.kg + 1},
    "nothing": lambda part, by: {"kg": 0},
    "dearer": lambda part, by: {"cost_mfen": part.cost_mfen + by},
    "cheaper": lambda part, by: {"cost_mfen": part.cost_mfen - by},
    "another line": lambda part, by: {"line": "G99"},
    "another supplier": lambda part, by: {"supplier": "S99"},
}


@pytest.mark.parametrize("kind", sorted(PARTS))
@given(at=places("parts"), by=st.integers(1, 400))
@settings(max_examples=examples(20), deadline=None)
def test_a_mutated_part_is_caught(kind: str, at: int, by: int) -> None:
    assert codes(with_item("parts", at, **PARTS[kind](round_award().parts[at], by)))


SHARES: dict[str, Callable[[Share, int], dict[str, object]]] = {
    "a bag more": lambda share, by: {"kg": share.kg + 25 * by},
    "a kg less": lambda share, by: {"kg": share.kg - 1},
    "nothing": lambda share, by: {"kg": 0},
    "another firm": lambda share, by: {"firm": "F999"},
    "another supplier": lambda share, by: {"supplier": "S99"},
    "another line": lambda share, by: {"line": "G99"},
}


@pytest.mark.parametrize("kind", sorted(SHARES))
@given(at=places("shares"), by=st.integers(1, 400))
@settings(max_examples=examples(20), deadline=None)
def test_a_mutated_share_is_caught(kind: str, at: int, by: int) -> None:
    assert codes(with_item("shares", at, **SHARES[kind](round_award().shares[at], by)))


@given(at=places("shares"))
@settings(max_examples=examples(20), deadline=None)
def test_a_lost_and_a_doubled_share_are_caught(at: int) -> None:
    shares = round_award().shares
    assert "sum" in codes(replace(round_award(), shares=shares[:at] + shares[at + 1 :]))
    assert codes(replace(round_award(), shares=(*shares, shares[at]))) == {"duplicate"}


@given(at=places("parts"))
@settings(max_examples=examples(20), deadline=None)
def test_a_lost_and_a_doubled_part_are_caught(at: int) -> None:
    parts = round_award().parts
    assert "sum" in codes(replace(round_award(), parts=parts[:at] + parts[at + 1 :]))
    assert codes(replace(round_award(), parts=(*parts, parts[at]))) == {"duplicate"}


@pytest.mark.parametrize("name", ["purchase_mfen", "fixed_mfen", "unserved_mfen", "surplus_mfen", "total_mfen"])
def test_a_sum_that_is_off_by_the_least_is_caught(name: str) -> None:
    wrong = replace(round_award().tally, **{name: getattr(round_award().tally, name) + 1})
    assert codes(replace(round_award(), tally=wrong)) == {"tally"}


@given(at=places("outs"))
@settings(max_examples=examples(20), deadline=None)
def test_a_firm_that_is_out_without_word_or_for_another_reason_is_caught(at: int) -> None:
    outs = round_award().outs
    assert "answer" in codes(replace(round_award(), outs=outs[:at] + outs[at + 1 :]))
    other = "no_award" if outs[at].reason != "no_award" else "price"
    assert codes(with_item("outs", at, reason=other))


def test_a_firm_that_is_served_and_out_is_caught() -> None:
    share = round_award().shares[0]
    assert "answer" in codes(replace(round_award(), outs=(*round_award().outs, Out(share.line, share.firm, "short"))))


def narrower(changes: Callable[[Any], dict[str, object]], name: str, key: Callable[[Any], bool]) -> Problem:
    """The small problem with one item of a list changed."""
    items = tuple(replace(item, **changes(item)) if key(item) else item for item in getattr(SMALL, name))
    return replace(SMALL, **{name: items})


def part(line: str, supplier: str) -> Part:
    return next(item for item in small_award().parts if (item.line, item.supplier) == (line, supplier))


RULES: dict[str, tuple[Callable[[], Problem], str]] = {
    "capacity": (
        lambda: narrower(
            lambda item: {"capacity_kg": part(item.line, item.supplier).kg - 1},
            "quotations",
            lambda item: (item.line, item.supplier) == ("PE2", "S1"),
        ),
        "capacity",
    ),
    "least quantity": (
        lambda: narrower(
            lambda item: {"least_kg": part(item.line, item.supplier).kg + 1},
            "quotations",
            lambda item: (item.line, item.supplier) == ("PE2", "S1"),
        ),
        "least",
    ),
    "lot": (lambda: narrower(lambda _: {"lot_kg": 7_000}, "quotations", lambda item: item.line == "PE2"), "lot"),
    "price": (
        lambda: narrower(
            lambda item: {"breaks": tuple(Break(b.from_kg, b.price_fen_per_t + 1) for b in item.breaks)},
            "quotations",
            lambda item: item.line == "PE2",
        ),
        "cost",
    ),
    "supplier's capacity": (
        lambda: narrower(lambda _: {"capacity_kg": 1_000}, "suppliers", lambda item: item.key == "S2"),
        "capacity",
    ),
    "fixed cost": (lambda: narrower(lambda _: {"fixed_fen": 7}, "suppliers", lambda item: item.key == "S2"), "tally"),
    "suppliers at least": (
        lambda: narrower(lambda _: {"least_suppliers": 3}, "lines", lambda item: item.key == "PE2"),
        "least_suppliers",
    ),
    "suppliers at most": (
        lambda: narrower(lambda _: {"most_suppliers": 1}, "lines", lambda item: item.key == "PE2"),
        "most_suppliers",
    ),
    "greatest share": (
        lambda: narrower(lambda _: {"greatest_share_permille": 499}, "lines", lambda item: item.key == "PE2"),
        "greatest_share",
    ),
    "least share": (
        lambda: narrower(lambda _: {"least_share_permille": 501}, "lines", lambda item: item.key == "PE2"),
        "least_share",
    ),
    "share of the round": (lambda: replace(SMALL, greatest_supplier_share_permille=400), "round_share"),
    "bag": (lambda: narrower(lambda _: {"bag_kg": 70}, "lines", lambda item: item.key == "PE2"), "bag"),
    "approved": (
        lambda: narrower(lambda _: {"approved": ("S9",)}, "commitments", lambda item: item.firm == "A"),
        "approved",
    ),
    "reserve": (
        lambda: narrower(lambda _: {"reserve_fen_per_t": 1}, "commitments", lambda item: item.firm == "A"),
        "reserve",
    ),
    "reserve that would do": (
        lambda: narrower(lambda _: {"reserve_fen_per_t": None}, "commitments", lambda item: item.firm == "C"),
        "reserve",
    ),
    "least of a firm": (
        lambda: narrower(lambda _: {"least_kg": 99 * T}, "commitments", lambda item: item.firm == "A"),
        "commitment",
    ),
    "most of a firm": (
        lambda: narrower(lambda _: {"most_kg": 25}, "commitments", lambda item: item.firm == "A"),
        "commitment",
    ),
    "spot price": (
        lambda: narrower(lambda _: {"spot_fen_per_t": 1}, "lines", lambda item: item.key == "PE2"),
        "tally",
    ),
}


@pytest.mark.parametrize("rule", sorted(RULES))
def test_each_rule_of_the_problem_counts(rule: str) -> None:
    changed, code = RULES[rule]
    assert code in codes(small_award(), changed())


def handed_out(bags: dict[str, int], *commitments: Commitment) -> set[str]:
    """What the judge says of one line of one supplier that is handed out so."""
    drawn = problem(
        lines=(replace(SMALL.lines[0], bag_kg=25),),
        commitments=commitments,
        suppliers=SMALL.suppliers[:1],
        quotations=(quotation("S1"),),
    )
    kg = 25 * sum(bags.values())
    made = settle(Book(drawn), {("PE1", "S1"): kg}).award
    shares = tuple(Share("PE1", firm, "S1", 25 * part) for firm, part in sorted(bags.items()) if part)
    outs = tuple(Out("PE1", firm, "short") for firm, part in sorted(bags.items()) if not part)
    return codes(replace(made, shares=shares, outs=outs), drawn) - {"tally"}


def test_unfair_hands_are_caught() -> None:
    big, small = commitment("A", wanted_kg=200 * 25), commitment("B", wanted_kg=100 * 25)
    assert handed_out({"A": 100, "B": 50}, big, small) == set()
    assert handed_out({"A": 98, "B": 52}, big, small) == {"proportion"}
    assert "order" in handed_out({"A": 49, "B": 51}, big, small)
    later = replace(big, priority=2)
    assert handed_out({"A": 50, "B": 100}, later, small) == set()
    assert handed_out({"A": 51, "B": 99}, later, small) == {"class"}
    roomy = replace(big, most_kg=300 * 25)
    assert handed_out({"A": 201, "B": 99}, roomy, small) == {"surplus"}
    twin = replace(small, firm="C", tie="C-tie")
    assert handed_out({"B": 6, "C": 5}, small, twin) == set()
    assert handed_out({"B": 5, "C": 6}, small, twin) == {"order"}


def test_a_firm_is_not_out_for_its_least_while_others_have_too_much() -> None:
    drawn = problem(
        lines=SMALL.lines[:1],
        commitments=(
            commitment("A", wanted_kg=5 * T, most_kg=20 * T),
            commitment("B", wanted_kg=6 * T, least_kg=5 * T),
        ),
        suppliers=SMALL.suppliers[:1],
        quotations=(quotation("S1"),),
    )
    made = settle(Book(drawn), {("PE1", "S1"): 12 * T}).award
    assert verify(drawn, made) == []
    greedy = replace(made, shares=(Share("PE1", "A", "S1", 12 * T),), outs=(Out("PE1", "B", "least"),))
    assert "least" in codes(greedy, drawn)


@pytest.mark.parametrize(
    ("kg", "total_kg", "wanted"),
    [
        (10_000, 10_000, 10_000 * 1_000_001),
        (20_000, 20_000, 10_000 * 1_000_001 + 10_000 * 990_000),
        (30_000, 30_000, 10_000 * 1_000_001 + 10_000 * 990_000 + 10_000 * 970_000),
        (30_000, 50_000, 10_000 * 985_001 + 10_000 * 975_150 + 10_000 * 955_450),
    ],
)
def test_incremental_breaks_and_a_discount_are_priced_to_the_thousandth_of_a_fen(
    kg: int, total_kg: int, wanted: int
) -> None:
    """By hand: 1,000,001 less 1.5 % is 985,000.985, a whole fen up."""
    drawn = problem(
        lines=(SMALL.lines[0], replace(SMALL.lines[1], least_suppliers=1)),
        commitments=(commitment("A", wanted_kg=kg), commitment("A", "PE2", wanted_kg=max(25, total_kg - kg))),
        suppliers=(replace(SMALL.suppliers[1], discounts=(replace(SMALL.suppliers[1].discounts[0], permille=15),)),),
        quotations=(
            Quotation(
                "S2",
                "PE1",
                100 * T,
                (Break(0, 1_000_001), Break(10_000, 990_000), Break(20_000, 970_000)),
                kind="incremental",
            ),
            quotation("S2", "PE2"),
        ),
    )
    bought = {("PE1", "S2"): kg} | ({("PE2", "S2"): total_kg - kg} if total_kg > kg else {})
    made = settle(Book(drawn), bought).award
    assert next(part.cost_mfen for part in made.parts if part.line == "PE1") == wanted
    assert verify(drawn, made) == []
