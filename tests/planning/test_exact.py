"""CP-SAT behind the engine: what the engine alone does not find, what is proved, and what is not claimed."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings

from production.planning.codec import schedule_dump
from production.planning.engine.budget import Budget
from production.planning.exact.improve import MOST_RUNS, Effort, Found, improve
from production.planning.planner import Planned, plan_problem
from production.planning.problem import Calendar, Line, Pool, Problem, Route, Sequence
from production.planning.schedule import Part
from production.planning.search.solve import solve
from production.planning.verify import verify
from tests.hypothesis_examples import examples
from tests.planning.rules.models import flow
from tests.planning.rules.shop import HORIZON, colours, machine, offer, order, press, rate, shop, taken, trip
from tests.planning.test_search import parks

SHIFTS = Calendar("shifts", tuple((start, start + 300) for start in range(0, HORIZON, 600)))
THREE = (machine("M1", "MIX"), machine("A1"), machine("S1", "SAW"))
STEPS = 3000


def three_steps(seed: int, jobs: int = 9) -> tuple[Problem, int | None]:
    """Mixed, pressed and sawn; and with few jobs the least lateness by enumeration."""
    luck = random.Random(seed)
    times = [[luck.randrange(10, 99) for _ in range(3)] for _ in range(jobs)]
    due = [luck.randrange(30 * jobs, 60 * jobs) for _ in range(jobs)]
    weight = [luck.choice((1, 3, 9)) for _ in range(jobs)]
    lines = [
        order(f"J{n}", 1, due[n], rate("MIX", a), press(b), rate("SAW", c), priority=weight[n])
        for n, (a, b, c) in enumerate(times)
    ]
    return shop(*lines, machines=THREE), flow(times, due, weight) if jobs < 5 else None


def two_steps(luck: random.Random, count: int, families: str = " ") -> list[Line]:
    return [
        order(
            f"J{n}", 1, luck.randrange(150, 900),
            rate("MIX", luck.randrange(10, 99)),
            press(luck.randrange(10, 99), family=luck.choice(families).strip()),
            priority=luck.choice((1, 3, 9)),
        )
        for n in range(count)
    ]  # fmt: skip


def in_shifts(seed: int) -> Problem:
    """Two presses in shifts, one of them slow."""
    slow = machine("A2", calendar="shifts", efficiency_permille=500)
    presses = (machine("M1", "MIX"), machine("A1", calendar="shifts"), slow)
    return shop(*two_steps(random.Random(seed), 9), hours=(SHIFTS,), machines=presses)


def in_colours(seed: int) -> Problem:
    """Two presses that are changed over between three colours."""
    matrix = colours(a_b=30, b_a=40, b_c=20, c_b=30, a_c=50, c_a=20)
    presses = (machine("M1", "MIX"), machine("A1", changeover="colours"), machine("A2", changeover="colours"))
    return shop(*two_steps(random.Random(seed), 10, "abc"), machines=presses, changeovers=(matrix,))


def among_firms(seed: int) -> Problem:
    """At home, or for money at two others."""
    luck = random.Random(seed)
    lines = [order(f"J{n}", luck.randrange(1, 5), luck.randrange(100, 500), consent="allowed") for n in range(10)]
    return shop(
        *lines,
        machines=(machine("A1"), machine("B1", firm="B"), machine("C1", firm="C")),
        offers=(offer("B", 100), offer("C", 70)),
        transports=(trip("B", "A", 30), trip("C", "A", 90)),
    )


def planned(asked: Problem, *, is_thorough: bool = True, steps: int = STEPS) -> Planned:
    found = plan_problem(asked, budget=Budget(iterations=steps), is_thorough=is_thorough)
    assert found.broken == ()
    assert verify(asked, found.schedule) == []
    return found


STUCK: list[tuple[Callable[[], Problem], int | None]] = [
    (lambda: three_steps(0)[0], 135),
    (lambda: in_shifts(8), 248),
    (lambda: in_colours(1), None),
    (lambda: among_firms(2), None),
    (lambda: among_firms(3), None),
]


@pytest.mark.parametrize(("make", "least"), STUCK, ids=("steps", "shifts", "colours", "firms", "other firms"))
def test_what_the_engine_alone_does_not_find(make: Callable[[], Problem], least: int | None) -> None:
    asked = make()
    looked_at = planned(asked)
    assert looked_at.schedule.tiers < planned(asked, is_thorough=False).schedule.tiers
    assert looked_at.least_tardy == least
    assert least in (None, looked_at.schedule.tiers.tardiness)


@pytest.mark.parametrize("seed", range(12))
def test_what_is_proved_is_what_enumeration_finds(seed: int) -> None:
    asked, least = three_steps(seed, jobs=4)
    found = planned(asked, steps=300)
    assert found.schedule.tiers.tardiness == least
    assert found.least_tardy in (None, least)


def test_the_plan_depends_on_nothing_but_the_steps() -> None:
    asked = among_firms(2)
    plans = {
        schedule_dump(plan_problem(asked, budget=Budget(iterations=STEPS, workers=workers)).schedule)
        for workers in (1, 1, 2)
    }
    assert len(plans) == 1


@given(park=parks())
@settings(max_examples=examples(15), deadline=None)
def test_any_park_is_planned_no_worse_and_breaks_no_rule(park: Problem) -> None:
    assert planned(park, steps=600).schedule.tiers <= planned(park, is_thorough=False, steps=600).schedule.tiers


def test_with_a_clock_it_has_its_part_of_the_seconds() -> None:
    asked = three_steps(0)[0]
    ticks = iter(range(10**9))
    budget = Budget(seconds=20.0, now=lambda: next(ticks) / 2)
    assert plan_problem(asked, budget=budget).least_tardy is not None


LATE = three_steps(0, jobs=4)[0]


def changed(**changes: object) -> Problem:
    """The late shop with its first line otherwise."""
    first, *others = LATE.lines
    return replace(LATE, lines=(replace(first, **changes), *others))  # type: ignore[arg-type]


def with_press(**changes: object) -> Problem:
    mix, pressed, sawn = LATE.lines[0].routes[0].steps
    steps = (mix, replace(pressed, **changes), sawn)  # type: ignore[arg-type]
    return changed(routes=(Route("r", steps),))


def with_mode(**changes: object) -> Problem:
    (mode,) = LATE.lines[0].routes[0].steps[1].modes
    return with_press(modes=(replace(mode, **changes),))  # type: ignore[arg-type]


UNCLAIMED = {
    "several pieces": changed(pieces=2),
    "two routes": changed(routes=(*LATE.lines[0].routes, Route("other", (press(300),)))),
    "loads of two": with_mode(pieces_per_cycle=2),
    "set-up": with_mode(setup_min=5),
    "parts of minutes": with_mode(cycle_s=1234),
    "a pool": replace(with_press(pool_needs=(("mould", 1),)), pools=(Pool("mould", "A", "mould", 1, "always"),)),
    "a sequence": replace(LATE, sequences=(Sequence("A1", ("J0", "J1")),)),
}


def test_of_the_plain_shop_something_is_claimed() -> None:
    assert planned(LATE).least_tardy == three_steps(0, jobs=4)[1]


@pytest.mark.parametrize("name", sorted(UNCLAIMED))
def test_nothing_is_claimed_where_some_plan_is_not_in_the_model(name: str) -> None:
    found = planned(UNCLAIMED[name])
    assert found.schedule.tiers.tardiness > 0
    assert found.least_tardy is None


def test_frozen_runs_that_overlap_do_no_harm() -> None:
    asked = replace(LATE, fixed_lots=(taken("A1", 50, 90), replace(taken("A1", 60, 100), key="other")))
    assert planned(asked).least_tardy is not None


def test_frozen_work_may_follow_a_family_that_new_work_may_not() -> None:
    pressed = (THREE[0], machine("A1", changeover="colours", family_at_zero="a"), THREE[2])
    frozen = (taken("A1", 0, 30, family="b"),)
    asked = replace(LATE, machines=pressed, changeovers=(colours(0, (("a", "b"),)),), fixed_lots=frozen)
    assert planned(asked).least_tardy is not None


def test_a_plan_of_many_runs_or_with_shared_ones_is_left_alone() -> None:
    asked = LATE
    plan = solve(asked).schedule
    look = {"least_tardy": 0, "seed": 1}
    first, second, *others = plan.runs
    shared = replace(first, parts=(*first.parts, Part(second.parts[0].lot, 0, 0, 1)))
    assert improve(asked, replace(plan, runs=(shared, *others)), Effort(work=1.0), **look) == Found()
    assert improve(asked, replace(plan, runs=plan.runs * MOST_RUNS), Effort(work=1.0), **look) == Found()
    assert improve(asked, plan, Effort(work=1.0), **look) != Found()
