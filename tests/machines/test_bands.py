"""How much machine time the members offer together: coarse, of published offers, the same until the next Monday."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from mes.core.errors import NotPermitted
from mes.core.statistics import may_be_shown_to_each
from mes.core.wall import actor_wall
from mes.firms.choices import FirmStatus
from mes.firms.models import Firm
from production.machines import services
from production.machines.choices import CapacityBand
from production.machines.models import CapacityOffer
from production.machines.selectors.bands import Band, Offered, band_of, bands_of, capacity_bands, hours_told
from production.machines.services import OfferDraft
from tests.database import as_owner
from tests.factories import MONDAY, a_dispatcher, a_firm, a_machine, an_operator, at, planner_of
from tests.hypothesis_examples import examples

SUNDAY, LATER = at(days=-1), at(days=2)


def offered(firm: int, *, machine: int = 0, share_pct: int = 50, days: tuple[float, float] = (-7, 70)) -> Offered:
    """Of a press, published a day before MONDAY."""
    return Offered(
        firm_id=UUID(int=firm), machine_id=UUID(int=100 * firm + machine), class_code="P2", share_pct=share_pct,
        starts_at=at(days=days[0]), ends_at=at(days=days[1]), published_at=at(days=-1), withdrawn_at=None,
    )  # fmt: skip


def of_firms(firms: int, **fields: Any) -> list[Offered]:
    return [offered(firm, **fields) for firm in range(firms)]


def told_on(monday: datetime, rows: Iterable[Offered]) -> list[CapacityBand | None]:
    return list(bands_of(tuple(rows), monday=monday))


@pytest.mark.parametrize(
    ("hours", "band"),
    [
        ("0.1", "up_to_100"), ("100", "up_to_100"), ("100.1", "up_to_500"), ("500", "up_to_500"),
        ("2000", "up_to_2000"), ("2000.01", "above_2000"),
    ],
)  # fmt: skip
def test_a_band_ends_with_its_number(hours: str, band: str) -> None:
    assert band_of(Decimal(hours)) == band


def hours_of(*rows: Offered) -> list[list[Decimal]]:
    return [[hours for hours in week.values() if hours] for week in hours_told(rows, monday=MONDAY)]


def test_hours_are_the_share_of_the_clock_inside_window_and_week() -> None:
    assert hours_of(offered(1, share_pct=25, days=(3, 15))) == [[24], [42], [6], []]
    twice = [offered(1, share_pct=80, days=(0, 7)), offered(1, share_pct=80, days=(0, 3.5))]
    assert hours_of(*twice)[0] == [168]  # a week has no more
    assert hours_of(*twice[:1], replace(twice[1], machine_id=UUID(int=7)))[0] == [Decimal("201.6")]


def test_what_is_published_on_a_monday_or_later_is_not_told_and_what_is_withdrawn_later_is() -> None:
    row = offered(1)
    assert hours_of(replace(row, published_at=MONDAY)) == [[], [], [], []]
    assert hours_of(replace(row, withdrawn_at=MONDAY)) == [[84]] * 4
    assert hours_of(replace(row, withdrawn_at=at(minutes=-1))) == [[], [], [], []]


def test_six_firms_are_told_and_five_or_one_too_large_are_not() -> None:
    """Of five, each would see the sum of four others."""
    assert told_on(MONDAY, of_firms(6)) == [CapacityBand.UP_TO_2000] * 4
    assert told_on(MONDAY, of_firms(5)) == [None] * 4
    assert told_on(MONDAY, []) == [None] * 4
    large = [offered(1, machine=number) for number in range(8)]
    assert told_on(MONDAY, of_firms(6) + large) == [None] * 4


def test_a_week_is_withheld_where_the_one_before_tells_who_begins_or_ends() -> None:
    ends = [*of_firms(6), offered(6, days=(-7, 14))]
    assert [bool(band) for band in told_on(MONDAY, ends)] == [True, True, False, False]
    begins = [*of_firms(6), offered(6, days=(14, 70))]
    assert [bool(band) for band in told_on(MONDAY, begins)] == [True, True, False, False]


def test_a_monday_is_withheld_where_the_one_before_tells_who_came_or_went() -> None:
    came = [*of_firms(6), replace(offered(6), published_at=at(days=2))]
    went = [*of_firms(6), replace(offered(6), withdrawn_at=at(days=2))]
    for rows in (came, went):
        assert None not in told_on(MONDAY, rows)
        assert told_on(at(days=7), rows) == [None] * 4
        assert told_on(at(days=28), rows) == [None] * 4  # nor later
    together = of_firms(6) + [replace(offered(firm), published_at=at(days=2)) for firm in range(6, 12)]
    assert told_on(at(days=7), together) == [CapacityBand.UP_TO_2000] * 4


def test_a_series_begins_with_the_year_and_is_compared_with_the_four_mondays_before_it() -> None:
    last, first = MONDAY.replace(year=2025, month=12, day=29), MONDAY.replace(month=1, day=5)
    rows = of_firms(6, days=(-300, 300))
    rows = [replace(row, published_at=at(days=-300)) for row in rows]
    came = [*rows, replace(offered(6, days=(-300, 300)), published_at=last + timedelta(days=1))]
    assert None not in told_on(last, came) + told_on(first, rows)
    assert told_on(first, came) == told_on(at(days=-7), came) == [None] * 4
    long_ago = [*rows, replace(offered(6, days=(-300, 300)), published_at=last - timedelta(days=27))]
    assert told_on(last, long_ago) == [None] * 4
    assert None not in told_on(first + timedelta(days=7), long_ago)


STORIES = st.lists(
    st.builds(
        lambda firm, share_pct, begins, weeks, published, stays: replace(
            offered(firm, share_pct=share_pct, days=(7 * begins, 7 * (begins + weeks))),
            published_at=at(days=published),
            withdrawn_at=None if stays is None else at(days=published + stays),
        ),
        st.integers(0, 8), st.sampled_from([50, 100]), st.integers(-2, 2), st.integers(1, 8), st.integers(-3, 16),
        st.none() | st.integers(1, 20),
    ),
    min_size=6,
    max_size=16,
)  # fmt: skip


@settings(max_examples=examples(40), deadline=None)
@given(STORIES)
def test_neighbours_in_time_tell_each_reader_of_no_firm(rows: list[Offered]) -> None:
    shown = {}
    for number in range(4):
        monday = at(days=7 * number)
        weeks = zip(told_on(monday, rows), hours_told(rows, monday=monday), strict=True)
        shown |= {(number, number + place): hours for place, (band, hours) in enumerate(weeks) if band}
    for (monday, week), hours in shown.items():
        assert may_be_shown_to_each(hours.values())
        for neighbour in ((monday, week + 1), (monday + 1, week)):
            other = shown.get(neighbour, hours)
            changes = [abs(hours.get(firm, Decimal()) - other.get(firm, Decimal())) for firm in {*hours, *other}]
            assert not any(changes) or may_be_shown_to_each(changes)


def offers(firm: Firm, *, now: datetime = SUNDAY, machines: Iterable[str] = ("P-1",)) -> CapacityOffer:
    planner = planner_of(firm)
    keys = frozenset(a_machine(firm, code).pk for code in machines)
    draft = OfferDraft(machine_ids=keys, starts_at=at(days=-7), ends_at=at(days=70), fee_cny_per_t=Decimal(2500))
    with actor_wall(planner):
        return services.capacity_offer_publish(actor=planner, draft=draft, now=now)


def told_to(firm: Firm, now: datetime = LATER) -> list[Band]:
    planner = planner_of(firm)
    with actor_wall(planner):
        return capacity_bands(actor=planner, now=now)


@pytest.fixture
def firms(db: None) -> list[Firm]:
    found = [a_firm(f"F{number}") for number in range(7)]
    for firm in found[:6]:
        offers(firm)
    return found


def test_all_members_are_told_the_same_and_nothing_changes_until_monday(firms: list[Firm]) -> None:
    weeks = [date(2026, 3, day) for day in (2, 9, 16, 23)]
    told = [Band("P2", starts_on, CapacityBand.UP_TO_2000) for starts_on in weeks]
    assert told_to(firms[0]) == told_to(firms[6]) == told
    planner = planner_of(firms[0])
    with actor_wall(planner):
        own = CapacityOffer.objects.get(firm=firms[0])
        services.capacity_offer_withdraw(actor=planner, offer_id=own.pk, now=LATER)
    offers(firms[6], now=LATER)
    with as_owner():
        Firm.objects.filter(pk=firms[1].pk).update(status=FirmStatus.SUSPENDED)
    assert told_to(firms[6], MONDAY) == told_to(firms[6], at(days=7) - timedelta(seconds=1)) == told
    assert {band.band for band in told_to(firms[6], at(days=7))} == {None}


def test_a_sandbox_is_no_firm(firms: list[Firm]) -> None:
    with as_owner():
        Firm.objects.filter(pk=firms[0].pk).update(status=FirmStatus.SANDBOX)
    assert {band.band for band in told_to(firms[6])} == {None}


def test_it_costs_as_many_queries_with_more_offers_and_only_who_plans_reads_it(firms: list[Firm]) -> None:
    planner = planner_of(firms[0])

    def counted() -> int:
        with actor_wall(planner), CaptureQueriesContext(connection) as queries:
            capacity_bands(actor=planner, now=LATER)
        return len(queries)

    before = counted()
    offers(firms[6], machines=["P-1", "P-2"])
    assert counted() == before
    for actor in (an_operator(firms[0]), a_dispatcher()):
        with actor_wall(actor), pytest.raises(NotPermitted):
            capacity_bands(actor=actor, now=LATER)
