"""Job shops: what is read, what is refused, what the judge finds, what the bounds promise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from production.planning.errors import ProblemError
from production.planning.jobshop.instance import JobShop, Way, job_shop_load
from production.planning.jobshop.plan import JobShopPlan, Task, plan_dump, plan_load
from production.planning.jobshop.search.bounds import job_bound, work_bound
from production.planning.jobshop.verify import verify
from tests.planning.job_shops import SMALL, least_makespan, random_shop

SHOP = job_shop_load(SMALL)
PLAN = JobShopPlan(
    (
        (Task(0, 0, 3), Task(2, 3, 8)),
        (Task(0, 3, 5), Task(2, 8, 10)),
        (Task(1, 0, 2), Task(1, 2, 6)),
    )
)


def test_a_file_is_read_as_it_is_written() -> None:
    assert SHOP.machines == 3
    assert SHOP.jobs[0] == ((Way(0, 3), Way(1, 4)), (Way(2, 5),))
    assert SHOP.operations == 6
    assert job_shop_load("\n" + SMALL.replace("3 3\n", "3\t3   1.5\r\n", 1) + "\n\n") == SHOP


@pytest.mark.parametrize(
    ("text", "field", "message"),
    [
        ("", "line 1", "the file is empty"),
        ("1\n1 1 1 1\n", "line 1", "must be `jobs machines`, and perhaps the average number of ways"),
        ("1 1 x\n1 1 1 1\n", "line 1", "the average number of ways is no number: `x`"),
        ("1 0\n1 1 1 1\n", "line 1", "the number of machines must be a whole number, at least 1, not `0`"),
        ("0 1\n", "line 1", "the number of jobs must be a whole number, at least 1, not `0`"),
        ("-1 1\n", "line 1", "the number of jobs must be a whole number, at least 1, not `-1`"),
        ("1 999999999\n1 1 1 1\n", "line 1", "has 999999999 machines, more than 65536"),
        ("2 1\n1 1 1 1\n", "line 1", "says 2 jobs, but 1 lines follow"),
        ("1 1\n1 1 1 1\n1 1 1 1\n", "line 1", "says 1 jobs, but 2 lines follow"),
        ("1 1\n0\n", "line 2", "a job needs an operation"),
        ("1 1\n1 0\n", "line 2", "operation 1 has no machine"),
        ("1 2\n2 1 1 5\n", "line 2", "ends before operation 2 of 2"),
        ("1 2\n1 2 1 5\n", "line 2", "ends within operation 1"),
        ("1 2\n1 1 1\n", "line 2", "ends within operation 1"),
        ("1 2\n1 1 1 5 7\n", "line 2", "has 1 numbers too many"),
        ("1 2\n1 1 3 5\n", "line 2", "operation 1 names machine 3 of 2"),
        ("1 2\n1 1 0 5\n", "line 2", "operation 1 names machine 0 of 2"),
        ("1 2\n1 2 1 5 1 6\n", "line 2", "operation 1 names machine 1 twice"),
        ("1 2\n\n1 1 1 -5\n", "line 3", "number 4 must be a whole number, at least 0, not `-5`"),
        ("1 2\n1 1 1 5.5\n", "line 2", "number 4 must be a whole number, at least 0, not `5.5`"),
        ("1 2\n1 1 1 ٣\n", "line 2", "number 4 must be a whole number, at least 0, not `٣`"),
        ("1 2\n1 1 1 9999999999999\n", "the file", "has times that are too long together"),
    ],
)
def test_bad_input_is_named(text: str, field: str, message: str) -> None:
    with pytest.raises(ProblemError) as raised:
        job_shop_load(text)
    assert (raised.value.field, raised.value.message) == (field, message)


def test_a_truncated_file_is_never_a_shorter_problem() -> None:
    whole = SMALL.strip()
    for length in range(len(whole)):
        if whole[length].isdigit():  # cut inside the last number it would read another number
            with pytest.raises(ProblemError):
                job_shop_load(whole[:length])


def test_too_many_operations_are_refused() -> None:
    with pytest.raises(ProblemError, match="operations"):
        job_shop_load("1 1\n65537" + " 1 1 1" * 65537 + "\n")


def test_a_plan_comes_back_as_it_was_written() -> None:
    assert plan_load(plan_dump(PLAN)) == PLAN
    assert plan_load(plan_dump(PLAN)).makespan == 10


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"jobs": [1]}', '{"jobs": [[1]]}', '{"jobs": [[{"machine": 1, "start": 0, "end": 1.5}]]}'],
)
def test_a_malformed_plan_is_refused(text: str) -> None:
    with pytest.raises(ProblemError, match=r"plan|must be"):
        plan_load(text)


def test_a_right_plan_breaks_nothing() -> None:
    assert verify(SHOP, PLAN) == []


@pytest.mark.parametrize(
    ("job", "step", "task", "rules"),
    [
        (0, 0, Task(0, -1, 2), {"start"}),
        (0, 0, Task(2, 0, 3), {"machine"}),
        (0, 0, Task(7, 0, 3), {"machine"}),
        (0, 0, Task(0, 0, 2), {"time"}),
        (0, 0, Task(1, 0, 4), {"overlap", "order"}),
        (1, 0, Task(0, 2, 4), {"overlap"}),
        (2, 1, Task(1, 1, 5), {"overlap", "order"}),
        (1, 1, Task(2, 4, 6), {"overlap", "order"}),
    ],
)
def test_each_broken_rule_is_found(job: int, step: int, task: Task, rules: set[str]) -> None:
    jobs = [list(tasks) for tasks in PLAN.jobs]
    jobs[job][step] = task
    found = verify(SHOP, replace(PLAN, jobs=tuple(map(tuple, jobs))))
    assert {rule for rule, _place, _what in found} == rules


def test_a_plan_without_an_operation_is_found() -> None:
    assert [rule for rule, _, _ in verify(SHOP, JobShopPlan(PLAN.jobs[:2]))] == ["operations"]
    assert [rule for rule, _, _ in verify(SHOP, JobShopPlan((PLAN.jobs[0][:1], *PLAN.jobs[1:])))] == ["operations"]


def test_work_within_work_is_found_on_a_machine_of_long_and_short() -> None:
    shop = JobShop(1, (((Way(0, 10),),), ((Way(0, 2),),), ((Way(0, 2),),)))
    plan = JobShopPlan(((Task(0, 0, 10),), (Task(0, 2, 4),), (Task(0, 6, 8),)))
    assert [place for _rule, place, _what in verify(shop, plan)] == ["job 2 operation 1", "job 3 operation 1"]


@pytest.mark.parametrize("seed", range(12))
def test_no_bound_is_above_the_optimum(seed: int) -> None:
    shop = random_shop(seed)
    least = least_makespan(shop)
    assert 0 < job_bound(shop) <= least
    assert 0 < work_bound(shop) <= least


def test_bounds_that_are_known_by_hand() -> None:
    one_machine = JobShop(1, tuple(((Way(0, 3),),) for _ in range(4)))
    assert (job_bound(one_machine), work_bound(one_machine)) == (3, 12)
    in_a_row = JobShop(2, (((Way(0, 3),), (Way(1, 4),)),) * 3)
    assert work_bound(in_a_row) == 3 + 12
