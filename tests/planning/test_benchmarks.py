"""What the benchmarks carry, and that their page says what was measured."""

from __future__ import annotations

import json

import pytest

from production.planning.jobshop.instance import job_shop_load
from production.planning.jobshop.search.bounds import job_bound, work_bound
from tests.benchmarks.jobshop import INSTANCES, REPORT, best_known
from tests.benchmarks.page import PAGE, page


def test_the_page_says_what_was_measured() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_plan_that_was_measured_keeps_the_rules() -> None:
    rows = json.loads(REPORT.read_text(encoding="utf-8"))["rows"]
    assert {row["instance"] for row in rows} == best_known().keys()
    for row in rows:
        for planner in ("own", "pyjobshop"):
            assert not row[planner]["violations"], row
            assert row[planner]["bound"] <= row["best_known"], row


@pytest.mark.parametrize("name", sorted(best_known()))
def test_no_bound_is_above_what_somebody_reached(name: str) -> None:
    shop = job_shop_load((INSTANCES / f"{name}.fjs").read_text(encoding="utf-8"))
    assert 0 < max(job_bound(shop), work_bound(shop)) <= best_known()[name]
