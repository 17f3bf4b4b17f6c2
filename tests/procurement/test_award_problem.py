"""A round's rows as the award's problem: by business keys, comparable, and for the planner's role alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import ProgrammingError, transaction

from mes.core.actors import DatabaseRole
from mes.core.wall import wall
from procurement.award.check import check_problem
from procurement.award.codec import problem_hash
from procurement.award.problem import Break, Discount, Problem
from procurement.awards.selectors.problem import award_problem_of
from procurement.quotations.models import Tender
from tests.database import as_owner
from tests.factories.park import MONDAY
from tests.factories.rounds import OpenedRound, Quote, Want, an_opened_round
from tests.procurement.work import as_planner

pytestmark = pytest.mark.django_db(transaction=True)
DAY = MONDAY.date()


def posed(found: OpenedRound, **given: object) -> Problem:
    with as_planner():
        problem = award_problem_of(round_id=found.pk, day=DAY, **given).problem  # type: ignore[arg-type]
    check_problem(problem)
    return problem


def test_the_problem_holds_what_firms_locked_and_suppliers_quoted() -> None:
    problem = posed(an_opened_round(discounts={"S2": (40, 10)}))
    assert [(line.key, line.grade, line.spot_fen_per_t) for line in problem.lines] == [
        ("001", "PE1", 1_200_000),
        ("002", "PE2", 1_500_000),
    ]
    third = next(item for item in problem.commitments if (item.firm, item.line) == ("F03", "001"))
    told = (third.least_kg, third.wanted_kg, third.most_kg, third.reserve_fen_per_t, third.tie)
    assert told == (4_000, 5_000, 5_000, 1_100_000, "F03-tie")
    first = next(item for item in problem.quotations if (item.supplier, item.line) == ("S1", "001"))
    assert first.breaks == (Break(0, 1_010_000), Break(30_000, 980_000))
    assert (first.capacity_kg, first.least_kg, first.lot_kg, first.kind) == (60_000, 5_000, 25, "all_units")
    assert problem.suppliers[1].discounts == (Discount(40_000, 10),)


def test_the_same_business_data_gives_the_same_digest() -> None:
    first = posed(an_opened_round())
    second = posed(an_opened_round(code="R2"))
    assert problem_hash(first) == problem_hash(second)


def test_prices_are_made_comparable() -> None:
    terms = {"with_vat": True, "basis": "ex_works", "freight_fen_per_t": 5_000, "payment_days": 73}
    found = an_opened_round([Want("F01", 10)], [Quote("S1", ((0, 1_130_000),))], terms=terms)
    with as_owner():
        Tender.objects.update(interest_permille=50)
    assert posed(found).quotations[0].breaks == (Break(0, 994_950),)  # a hundredth less for a fifth of a year at 5 %


def test_who_has_opted_out_is_left_out() -> None:
    firms = {item.firm for item in posed(an_opened_round(), without={("F03", "001"), ("F06", "001")}).commitments}
    assert firms == {"F01", "F02", "F03", "F04", "F05"}


def test_an_expired_quotation_does_not_count() -> None:
    found = an_opened_round(terms={"valid_until": DAY - timedelta(days=1)})
    assert posed(found).quotations == ()


def test_a_line_that_too_few_suppliers_quote_is_left_out() -> None:
    found = an_opened_round([Want("F01", 10), Want("F01", 10, "PE2")], [Quote("S1"), Quote("S1", material="PE2")])
    with as_owner():
        found.lines["PE2"].least_suppliers = 2
        found.lines["PE2"].save(update_fields=["least_suppliers"])
    assert [item.line for item in posed(found).quotations] == ["001"]


def test_a_supplier_that_did_not_quote_may_be_approved() -> None:
    problem = posed(an_opened_round([Want("F01", 10, approved=("S9",))], [Quote("S1")]))
    assert problem.commitments[0].approved == ("S9",)
    assert [item.key for item in problem.suppliers] == ["S1", "S9"]


def test_multiples_become_whole_bags() -> None:
    found = an_opened_round([Want("F01", 10)], [Quote("S1")])
    problem = posed(found)
    with as_owner():
        found.lines["PE1"].bag_kg = 500
        found.lines["PE1"].save(update_fields=["bag_kg"])
    assert posed(found).quotations == (replace(problem.quotations[0], lot_kg=500),)


@pytest.mark.parametrize("role", [DatabaseRole.STAFF, DatabaseRole.EXCHANGE])
def test_no_other_role_poses_the_problem(role: DatabaseRole) -> None:
    found = an_opened_round()
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic(), wall(role):
        award_problem_of(round_id=found.pk, day=DAY)
