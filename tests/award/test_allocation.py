"""Allocation: exact to the bag, whoever asks first, and the same where firms approve different suppliers."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procurement.award.allocation import Allocation, Claim, allocate
from procurement.award.errors import AwardError
from procurement.award.problem import Commitment
from procurement.award.spread import spread

BAG = 25
SUPPLIERS = ("S1", "S2", "S3")


@st.composite
def claims(draw: st.DrawFn) -> list[Claim]:
    made = []
    for number in range(draw(st.integers(1, 12))):
        bags = draw(st.integers(0, 60))
        room = draw(st.integers(0, 20))
        made.append(Claim(f"F{number}", bags * BAG, (bags + room) * BAG, f"t{number:02}", draw(st.integers(1, 3))))
    return made


kilograms = st.integers(0, 900).map(lambda bags: bags * BAG)


@given(claims=claims(), kg=kilograms)
def test_every_bag_goes_somewhere_or_nobody_can_take_it(claims: list[Claim], kg: int) -> None:
    made = allocate(kg, BAG, claims)
    assert sum(made.kg.values()) + made.rest_kg == kg
    assert all(0 <= made.kg[claim.key] <= claim.most_kg for claim in claims)
    assert made.rest_kg == max(0, kg - sum(claim.most_kg for claim in claims))
    assert all(part % BAG == 0 for part in made.kg.values())


@given(claims=claims(), kg=kilograms, order=st.randoms())
def test_the_order_of_the_claims_means_nothing(claims: list[Claim], kg: int, order: object) -> None:
    shuffled = list(claims)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    assert allocate(kg, BAG, shuffled) == allocate(kg, BAG, claims)


@given(claims=claims(), kg=kilograms)
def test_a_class_comes_before_the_next(claims: list[Claim], kg: int) -> None:
    made = allocate(kg, BAG, claims)
    for claim in claims:
        for other in claims:
            if claim.priority < other.priority and made.kg[other.key]:
                assert made.kg[claim.key] >= claim.claim_kg


@given(claims=claims(), kg=kilograms)
def test_within_a_class_a_larger_claim_gets_no_less_and_each_its_proportion(claims: list[Claim], kg: int) -> None:
    made = allocate(kg, BAG, claims)
    for priority in {claim.priority for claim in claims}:
        group = [claim for claim in claims if claim.priority == priority]
        got = sum(made.kg[claim.key] for claim in group)
        wanted = sum(claim.claim_kg for claim in group)
        if got >= wanted:
            continue
        for claim in group:
            assert abs(made.kg[claim.key] - Fraction(got * claim.claim_kg, wanted)) < BAG
            for other in group:
                if claim.claim_kg > other.claim_kg:
                    assert made.kg[claim.key] >= made.kg[other.key]


@given(claims=claims(), kg=kilograms)
def test_equal_claims_are_told_apart_by_the_tie_alone(claims: list[Claim], kg: int) -> None:
    renamed = [Claim(f"other{claim.key}", claim.claim_kg, claim.most_kg, claim.tie, claim.priority) for claim in claims]
    assert list(allocate(kg, BAG, renamed).kg.values()) == list(allocate(kg, BAG, claims).kg.values())


def test_too_much_goes_where_there_is_room() -> None:
    full = Claim("full", 1000, 1000, "a")
    roomy = Claim("roomy", 500, 1000, "b")
    assert allocate(1600, BAG, [full, roomy]) == Allocation({"full": 1000, "roomy": 600}, 0)
    assert allocate(2500, BAG, [full, roomy]) == Allocation({"full": 1000, "roomy": 1000}, 500)


@pytest.mark.parametrize(
    ("kg", "bag_kg", "claims", "field"),
    [
        (90, 25, [], "kg"),
        (-25, 25, [], "kg"),
        (25, 0, [], "bag_kg"),
        (25, 25, [Claim("A", 30, 50, "a")], "Claim[A]"),
        (25, 25, [Claim("A", 50, 25, "a")], "Claim[A]"),
        (25, 25, [Claim("A", 25, 25, "a"), Claim("A", 25, 25, "b")], "Claim.key"),
        (25, 25, [Claim("A", 25, 25, "a"), Claim("B", 25, 25, "a")], "Claim.tie"),
    ],
)
def test_what_is_not_whole_bags_is_refused(kg: int, bag_kg: int, claims: list[Claim], field: str) -> None:
    with pytest.raises(AwardError) as refused:
        allocate(kg, bag_kg, claims)
    assert refused.value.field == field


def commitment(claim: Claim, approved: tuple[str, ...] | None) -> Commitment:
    return Commitment(claim.key, "L", 0, claim.claim_kg, claim.most_kg, claim.tie, claim.priority, approved)


@given(claims=claims(), supply=st.lists(st.integers(0, 300), min_size=3, max_size=3))
def test_where_all_take_any_supplier_the_spread_is_the_allocation(claims: list[Claim], supply: list[int]) -> None:
    delivered = {name: bags * BAG for name, bags in zip(SUPPLIERS, supply, strict=True)}
    made = spread(delivered, BAG, [commitment(claim, None) for claim in claims if claim.claim_kg])
    wanted = allocate(sum(delivered.values()), BAG, [claim for claim in claims if claim.claim_kg])
    assert {key: made.of_firm(key) for key in wanted.kg} == wanted.kg
    assert made.rest_kg == wanted.rest_kg


@given(
    claims=claims(),
    supply=st.lists(st.integers(0, 300), min_size=3, max_size=3),
    approved=st.lists(st.sets(st.sampled_from(SUPPLIERS), min_size=1), min_size=12, max_size=12),
)
@settings(max_examples=200)
def test_approved_suppliers_are_kept_and_each_group_is_served_as_far_as_it_goes(
    claims: list[Claim], supply: list[int], approved: list[set[str]]
) -> None:
    delivered = {name: bags * BAG for name, bags in zip(SUPPLIERS, supply, strict=True)}
    commitments = [
        commitment(claim, tuple(sorted(names)))
        for claim, names in zip(claims, approved, strict=False)
        if claim.claim_kg
    ]
    made = spread(delivered, BAG, commitments)
    for item in commitments:
        assert all(name in (item.approved or ()) for (firm, name) in made.got if firm == item.firm)
        assert made.of_firm(item.firm) <= item.most_kg
        if made.of_firm(item.firm) < item.wanted_kg:  # then no supplier that it takes gives to a lower class
            for other in commitments:
                if other.priority > item.priority:
                    assert not any(name in (item.approved or ()) for (firm, name) in made.got if firm == other.firm)
    assert sum(made.got.values()) + made.rest_kg == sum(delivered.values())
    assert spread(delivered, BAG, commitments[::-1]) == made
