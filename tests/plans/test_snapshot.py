"""The problem is read in a fixed number of queries and is the same for the same business data."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mes.core.actors import DatabaseRole
from mes.core.wall import wall
from production.planning.codec import problem_hash
from production.plans.selectors.problem import Snapshot, snapshot_of_firm, snapshot_of_park
from tests.plans.small_park import ZERO, SmallPark

pytestmark = pytest.mark.django_db(transaction=True)
MOST_QUERIES = 45


def _read() -> tuple[Snapshot, int]:
    with CaptureQueriesContext(connection) as queries, wall(DatabaseRole.PLANNER, snapshot=True):
        snapshot = snapshot_of_park(zero_at=ZERO)
    return snapshot, len(queries)


def test_more_orders_take_no_more_queries(park: SmallPark) -> None:
    park.order("A", "SO-0", pieces=5, due_days=5)
    few, queries = _read()
    for number in range(1, 30):
        park.order("A" if number % 2 else "B", f"SO-{number}", pieces=5, due_days=5)
    many, queries_for_many = _read()
    assert (len(few.problem.lines), len(many.problem.lines)) == (1, 30)
    assert queries_for_many == queries <= MOST_QUERIES


def test_the_problem_names_business_numbers_and_no_database_keys(park: SmallPark) -> None:
    line = park.order("A", "SO-1", pieces=5, due_days=5)
    snapshot, _queries = _read()
    assert [item.key for item in snapshot.problem.lines] == ["A:SO-1:1"]
    assert snapshot.lines["A:SO-1:1"].line_id == line.pk
    assert str(line.pk) not in repr(snapshot.problem)
    assert problem_hash(snapshot.problem) == problem_hash(_read()[0].problem)


def test_a_firm_alone_has_no_offers_and_no_other_firms_machines(park: SmallPark) -> None:
    park.order("A", "SO-1", pieces=5, due_days=5)
    park.order("B", "SO-2", pieces=5, due_days=5)
    with wall(DatabaseRole.PLANNER, snapshot=True):
        problem = snapshot_of_firm(zero_at=ZERO, firm_id=park.firms["A"].pk).problem
    assert problem.offers == ()
    assert {machine.firm for machine in problem.machines} == {"A"}
    assert [line.key for line in problem.lines] == ["A:SO-1:1"]
