"""Sums that firms read who are in them: nobody who takes away his own learns what another firm has."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mes.core.statistics import SumsTold, may_be_compared, may_be_shown, may_be_shown_to_each
from tests.hypothesis_examples import examples

Shares = dict[int, Decimal]


def shares(*numbers: int) -> Shares:
    return {firm: Decimal(number) for firm, number in enumerate(numbers)}


def told_of(periods: Iterable[Shares]) -> list[bool]:
    told = SumsTold()
    return [told.tell(period) for period in periods]


def without(reader: int | None, period: Shares) -> Shares:
    return {firm: share for firm, share in period.items() if firm != reader and share}


@pytest.mark.parametrize(
    ("numbers", "shown"),
    [
        ([1] * 6, True),
        ([1] * 5, False),
        ([], False),
        ([0, 1, 1, 1, 1, 1], False),
        ([6, 1, 1, 1, 1, 1], True),
        ([6, 2, 1, 1, 1, 1], True),
        ([7, 1, 1, 1, 1, 1], False),
        ([7, 5, 1, 1, 1, 1], False),  # 7 of 16, but 7 of 11 for who has 5
    ],
)
def test_a_sum_is_shown_when_each_who_takes_away_his_own_may_see_the_rest(numbers: list[int], shown: bool) -> None:
    assert may_be_shown_to_each([Decimal(number) for number in numbers]) is shown


@given(st.lists(st.integers(0, 12), max_size=9))
def test_it_is_the_rule_of_statistics_for_each_reader(numbers: list[int]) -> None:
    period = shares(*numbers)
    by_reader = [may_be_shown(without(reader, period).values()) for reader in (None, *period)]
    assert may_be_shown_to_each(list(period.values())) is all(by_reader)


@pytest.mark.parametrize(
    ("periods", "told"),
    [
        ([shares(*[1] * 6), shares(*[1] * 6)], [True, True]),
        ([shares(*[1] * 6), shares(*[1] * 7)], [True, False]),
        ([shares(*[1] * 6), shares(*[2] * 5, 1)], [True, False]),  # who changed himself sees four that changed
        ([shares(*[1] * 6), shares(*[2] * 6)], [True, True]),
        ([shares(*[1] * 6), shares(*[1] * 7), shares(*[1] * 6)], [True, False, True]),
        ([shares(*[1] * 5), shares(*[1] * 6)], [False, True]),
        ([shares(*[1] * 6), shares(2, 1, 1, 1, 1, 1), shares(*[2] * 6)], [True, False, True]),
    ],
)
def test_a_sum_is_withheld_where_a_difference_from_one_told_before_tells_of_a_firm(
    periods: list[Shares], told: list[bool]
) -> None:
    assert told_of(periods) == told


def changed(firms: Iterable[int]) -> Shares:
    return {firm: Decimal(2 if firm in set(firms) else 1) for firm in range(13)}


def test_a_sum_is_withheld_where_three_told_before_would_tell_together() -> None:
    first, second, both = changed(range(7)), changed(range(6, 13)), changed(range(13))
    assert all(may_be_shown_to_each([Decimal(1)] * len(part)) for part in (range(7), range(6, 13)))
    assert told_of([changed([]), first, second, both]) == [True, True, True, False]  # first + second - both: firm 6


def rank(vectors: Iterable[tuple[int, ...]]) -> int:
    """Of so many vectors how many are independent."""
    basis: list[tuple[int, list[Fraction]]] = []
    for vector in set(vectors):
        left = [Fraction(number) for number in vector]
        for place, other in basis:
            times = left[place] / other[place]
            left = [number - times * taken for number, taken in zip(left, other, strict=True)] if times else left
        place = next((place for place, number in enumerate(left) if number), None)
        if place is not None:
            basis.append((place, left))
    return len(basis)


def derives(told: list[Shares], reader: int | None, firm: int) -> bool:
    """Whether a reader who knows all sums, his own shares and when a firm's share was the same as before works out
    one of the firm's shares, or how two of them differ: then the sums have a combination with that firm alone.
    """
    unknowns = {unknown for period in told for unknown in without(reader, period).items()}
    column = {(other, share): tuple(int(period.get(other) == share) for period in told) for other, share in unknowns}
    return rank(column[unknown] for unknown in unknowns if unknown[0] != firm) < rank(column.values())


def test_who_would_see_three_sums_of_which_two_less_the_third_are_one_firms_derives_it() -> None:
    told = [changed([]), changed(range(7)), changed(range(6, 13)), changed(range(13))]
    assert [firm for firm in range(13) if derives(told, None, firm)] == [6]
    assert not any(derives(told[:3], reader, firm) for reader in range(13) for firm in range(13) if firm != reader)


SERIES = st.lists(
    st.sets(st.integers(0, 12)).map(changed)
    | st.lists(st.integers(0, 3), min_size=6, max_size=13).map(lambda numbers: shares(*numbers)),
    max_size=8,
)


@settings(max_examples=examples(60), deadline=None)
@given(SERIES)
def test_nobody_who_knows_his_own_works_out_a_firms_from_all_that_was_told(series: list[Shares]) -> None:
    ledger = SumsTold()
    told = [period for period in series if ledger.tell(period)]
    for reader in (None, *range(13)):
        seen = [without(reader, period) for period in told]
        assert all(may_be_shown(period.values()) for period in seen)
        assert all(may_be_compared(one, other) for one, other in combinations(seen, 2))
        assert not any(derives(told, reader, firm) for firm in range(13) if firm != reader)


@given(st.lists(st.integers(0, 3), max_size=9))
def test_what_was_told_or_withheld_once_is_so_again(numbers: list[int]) -> None:
    one, other, both = told_of([shares(*numbers), shares(*numbers), shares(*numbers, 0)])
    assert one is other is both
