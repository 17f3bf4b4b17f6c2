"""An award that somebody decides: priced, judged, with its cost."""

from __future__ import annotations

import pytest

from procurement.award.errors import AwardError
from procurement.award.milp.solver import Effort
from procurement.award.override import override_award
from procurement.award.solve import award_problem, bought_of
from tests.award.draw import T, problem

BEST = award_problem(problem(), effort=Effort(gap=1e-6)).award
BOUGHT = dict(bought_of(BEST))


def test_the_same_purchase_costs_nothing_more() -> None:
    same = override_award(problem(), BOUGHT, instead_of=BEST)
    assert (same.award, same.extra_mfen, same.broken) == (BEST, 0, ())


def test_another_purchase_is_dearer_and_says_by_how_much() -> None:
    less = {key: kg for key, kg in BOUGHT.items() if key[0] != "PE2"}
    other = override_award(problem(), less, instead_of=BEST)
    assert other.broken == ()
    assert other.extra_mfen == other.award.tally.total_mfen - BEST.tally.total_mfen > 0


def test_rules_that_it_breaks_are_told() -> None:
    one_supplier = BOUGHT | {("PE2", "S1"): 12 * T}
    del one_supplier["PE2", "S2"]
    too_much = BOUGHT | {("PE2", "S1"): 20 * T}
    assert {rule.code for rule in override_award(problem(), one_supplier, instead_of=BEST).broken} == {
        "least_suppliers"
    }
    assert "sum" in {rule.code for rule in override_award(problem(), too_much, instead_of=BEST).broken}


@pytest.mark.parametrize(
    ("bought", "field"),
    [({("PE2", "S1"): 1_250}, "Quotation[S1/PE2]"), ({("PE2", "S9"): T}, "Quotation[S9/PE2]")],
)
def test_what_is_not_offered_is_refused(bought: dict[tuple[str, str], int], field: str) -> None:
    with pytest.raises(AwardError) as refused:
        override_award(problem(), bought, instead_of=BEST)
    assert refused.value.field == field
