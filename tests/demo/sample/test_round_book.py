"""A month's round of the sample: who wants how much, what is asked for it, the same for the same seed."""

from __future__ import annotations

from dataclasses import replace

from mes.demo.sample.round_book import build_round
from mes.demo.sample.sample import build_sample

BAG_KG = 25


def test_all_firms_want_some_three_thousand_tonnes_of_eight_grades() -> None:
    book = build_round(build_sample(seed=1))
    assert len({want.firm_code for want in book.wants}) == 32
    assert {want.grade_code for want in book.wants} == set(book.spot_fen_per_t)
    assert len(book.spot_fen_per_t) == 8
    assert 2_700_000 < sum(want.wanted_kg for want in book.wants) < 3_300_000
    for want in book.wants:
        assert 0 < want.least_kg <= want.wanted_kg <= want.most_kg
        assert {want.least_kg % BAG_KG, want.wanted_kg % BAG_KG, want.most_kg % BAG_KG} == {0}
        assert 1000 * want.most_kg <= 1200 * book.used_kg[want.firm_code, want.grade_code]


def test_six_suppliers_ask_falling_prices_for_what_they_are_named_for() -> None:
    book = build_round(build_sample(seed=1))
    assert len(book.offers) == 6
    for offer in book.offers:
        assert set(offer.supplier.grade_codes) <= {asked.grade_code for asked in offer.asked}
        for asked in offer.asked:
            assert list(asked.breaks) == sorted(asked.breaks, key=lambda pair: (pair[0], -pair[1]))
            assert asked.least_kg <= asked.breaks[-1][0] or len(asked.breaks) == 1
    wanted = dict.fromkeys(book.spot_fen_per_t, 0)
    for want in book.wants:
        wanted[want.grade_code] += want.wanted_kg
    for grade, kg in wanted.items():
        offered = (asked for offer in book.offers for asked in offer.asked if asked.grade_code == grade)
        assert kg < sum(asked.capacity_kg for asked in offered)


def test_another_seed_is_another_round_and_the_same_is_the_same() -> None:
    sample = build_sample(seed=1)
    assert build_round(sample) == build_round(sample)
    other = build_round(replace(sample, seed=2))
    assert other.market != build_round(sample).market
    assert other.offers != build_round(sample).offers
