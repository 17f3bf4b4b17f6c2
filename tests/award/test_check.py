"""Bad input is refused by its field; the file's form too."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from procurement.award.award import Award
from procurement.award.check import check_problem
from procurement.award.codec import dump, load, problem_dump, problem_hash, problem_load
from procurement.award.errors import AwardError
from procurement.award.problem import Break, Discount, Problem
from procurement.award.solve import award_problem
from tests.award.draw import T, problem, quotation


def changed(name: str, at: int, **changes: Any) -> Problem:
    items = list(getattr(problem(), name))
    items[at] = replace(items[at], **changes)
    return replace(problem(), **{name: tuple(items)})


def breaks(*pairs: tuple[int, int]) -> tuple[Break, ...]:
    return tuple(Break(kg, fen) for kg, fen in pairs)


REFUSED: list[tuple[Problem, str]] = [
    (changed("quotations", 0, breaks=breaks((0, 10), (0, 9))), "Quotation[S1/PE1].breaks[1].from_kg"),
    (changed("quotations", 0, breaks=breaks((0, 10), (50, 9), (40, 8))), "Quotation[S1/PE1].breaks[2].from_kg"),
    (changed("quotations", 0, breaks=breaks((0, 10), (50, 11))), "Quotation[S1/PE1].breaks[1].price_fen_per_t"),
    (changed("quotations", 0, breaks=breaks((0, 10), (61 * T, 9))), "Quotation[S1/PE1].breaks[1].from_kg"),
    (changed("quotations", 0, breaks=()), "Quotation[S1/PE1].breaks"),
    (changed("quotations", 0, breaks=breaks((0, -1))), "Quotation[S1/PE1].breaks[0].price_fen_per_t"),
    (changed("quotations", 0, capacity_kg=4 * T, breaks=breaks((0, 10))), "Quotation[S1/PE1].capacity_kg"),
    (changed("quotations", 0, capacity_kg=0), "Quotation[S1/PE1].capacity_kg"),
    (changed("quotations", 0, lot_kg=30), "Quotation[S1/PE1].lot_kg"),
    (changed("quotations", 2, lot_kg=25_000), "Quotation[S1/PE2].lot_kg"),
    (changed("quotations", 0, line="PE9"), "Quotation[S1/PE9].line"),
    (changed("quotations", 0, supplier="S9"), "Quotation[S9/PE1].supplier"),
    (changed("quotations", 0, line="PE2"), "Quotation[S1/PE2]"),
    (changed("suppliers", 0, capacity_kg=3 * T), "Quotation[S1/PE1].capacity_kg"),
    (changed("suppliers", 0, fixed_fen=-1), "Supplier[S1].fixed_fen"),
    (changed("suppliers", 0, discounts=(Discount(5, 9), Discount(5, 10))), "Supplier[S1].discounts[1].from_kg"),
    (changed("suppliers", 0, discounts=(Discount(5, 9), Discount(6, 8))), "Supplier[S1].discounts[1].permille"),
    (changed("suppliers", 0, discounts=(Discount(91 * T, 9),)), "Supplier[S1].discounts[0].from_kg"),
    (changed("suppliers", 0, discounts=(Discount(5, 1000),)), "Supplier[S1].discounts[0].permille"),
    (changed("suppliers", 0, key="S2"), "Supplier[S2]"),
    (changed("lines", 0, bag_kg=0), "Line[PE1].bag_kg"),
    (changed("lines", 0, spot_fen_per_t=0), "Line[PE1].spot_fen_per_t"),
    (changed("lines", 0, surplus_fen_per_t=1_200_001), "Line[PE1].surplus_fen_per_t"),
    (changed("lines", 0, least_suppliers=3), "Line[PE1].least_suppliers"),
    (changed("lines", 1, most_suppliers=1), "Line[PE2].most_suppliers"),
    (changed("lines", 0, greatest_share_permille=499), "Line[PE1].greatest_share_permille"),
    (changed("lines", 1, least_share_permille=501), "Line[PE2].least_share_permille"),
    (changed("lines", 0, key="PE2"), "Line[PE2]"),
    (changed("commitments", 0, wanted_kg=30_010), "Commitment[A/PE1].wanted_kg"),
    (changed("commitments", 0, least_kg=31 * T), "Commitment[A/PE1].least_kg"),
    (changed("commitments", 0, most_kg=29 * T), "Commitment[A/PE1].most_kg"),
    (changed("commitments", 0, wanted_kg=0), "Commitment[A/PE1].wanted_kg"),
    (changed("commitments", 0, priority=0), "Commitment[A/PE1].priority"),
    (changed("commitments", 0, reserve_fen_per_t=0), "Commitment[A/PE1].reserve_fen_per_t"),
    (changed("commitments", 0, approved=()), "Commitment[A/PE1].approved"),
    (changed("commitments", 0, approved=("S1", "S1")), "Commitment[A/PE1].approved[S1]"),
    (changed("commitments", 0, approved=("S9",)), "Commitment[A/PE1].approved"),
    (changed("commitments", 0, line="PE2", wanted_kg=T, most_kg=T), "Commitment[A/PE2]"),
    (changed("commitments", 0, tie="B-tie"), "Commitment.tie[PE1/B-tie]"),
    (replace(problem(), greatest_supplier_share_permille=499), "Problem.greatest_supplier_share_permille"),
]


@pytest.mark.parametrize(("bad", "field"), REFUSED, ids=[f"{at}-{field}" for at, (_, field) in enumerate(REFUSED)])
def test_bad_input_is_refused_by_its_field(bad: Problem, field: str) -> None:
    with pytest.raises(AwardError) as refused:
        check_problem(bad)
    assert refused.value.field == field


def test_the_small_round_is_well_formed() -> None:
    check_problem(problem())


def test_a_problem_and_an_award_come_back_as_they_were() -> None:
    text = problem_dump(problem())
    assert problem_dump(problem_load(text)) == text
    award = award_problem(problem()).award
    assert load(Award, dump(award)) == award


def test_the_hash_knows_values_and_not_the_order() -> None:
    turned = replace(problem(), commitments=problem().commitments[::-1], quotations=problem().quotations[::-1])
    assert problem_hash(turned) == problem_hash(problem())
    assert problem_hash(changed("quotations", 0, breaks=quotation("S1").breaks)) != problem_hash(problem())


@pytest.mark.parametrize(
    ("edit", "field"),
    [
        (lambda raw: raw["lines"][0].pop("grade"), "Problem.lines[0].grade"),
        (lambda raw: raw["lines"][0].update(colour="red"), "Problem.lines[0].colour"),
        (lambda raw: raw["lines"][0].update(bag_kg=25.0), "Problem.lines[0].bag_kg"),
        (lambda raw: raw["lines"][0].update(bag_kg=True), "Problem.lines[0].bag_kg"),
        (lambda raw: raw["lines"][0].update(bag_kg=10**30), "Problem.lines[0].bag_kg"),
        (lambda raw: raw["quotations"][0].update(kind="by_ear"), "Problem.quotations[0].kind"),
        (lambda raw: raw["quotations"][0].update(breaks={}), "Problem.quotations[0].breaks"),
        (lambda raw: raw["suppliers"].append(7), "Problem.suppliers[2]"),
        (lambda raw: raw["commitments"][0].update(approved="S1"), "Problem.commitments[0].approved"),
        (lambda raw: raw["lines"][0].update(key="\ud800"), "Problem.lines[0].key"),
    ],
)
def test_a_malformed_file_is_refused_by_its_place(edit: Any, field: str) -> None:
    raw = json.loads(problem_dump(problem()))
    edit(raw)
    with pytest.raises(AwardError) as refused:
        problem_load(json.dumps(raw))
    assert refused.value.field == field
