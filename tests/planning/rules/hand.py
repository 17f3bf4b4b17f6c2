"""The planner's hand: machines forbidden to a line, runs pinned to a machine or a minute, sequences."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import permutations

from production.planning.problem import Pin, Route, Sequence
from tests.planning.rules.shop import (
    HORIZON,
    Case,
    Job,
    case,
    colours,
    machine,
    offer,
    order,
    orders_of,
    press,
    rate,
    shop,
    taken,
    trip,
)


def late(chosen: Iterable[Job], free: Callable[[int, int], int] = lambda at, minutes: at) -> int:
    """Weighted tardiness of one sequence. free: when work of some minutes can begin that may begin at a minute."""
    at = total = 0
    for job in chosen:
        at = free(at, job.minutes) + job.minutes
        total += job.weight * max(0, at - job.due)
    return total


FAST, SLOW = machine("A1"), machine("A2", efficiency_permille=500)
LINED = (machine("A1"), machine("S1", "SAW"))


@case
def a_forbidden_machine_is_avoided() -> Case:
    # On the slow press two pieces take 240, due at 120.
    return Case(shop(order("J", 2, 120, forbidden_machines=("A1",)), machines=(FAST, SLOW)), (0, 120, 0, 0))


@case
def a_forbidden_machine_is_free_for_others() -> Case:
    # J is kept off the fast press, K takes it.
    lines = (order("J", 1, 120, forbidden_machines=("A1",)), order("K", 2, 120))
    return Case(shop(*lines, machines=(FAST, SLOW)), (0, 0, 0, 0))


@case
def all_machines_forbidden_leave_no_place() -> Case:
    # Very late: the rest of the horizon and one more minute.
    line = order("J", 1, 60, forbidden_machines=("A1", "A2"))
    return Case(shop(line, machines=(FAST, SLOW)), (0, HORIZON - 60 + 1, 0, 0))


@case
def a_forbidden_machine_of_another_firm() -> Case:
    # Home is busy until 500, B offers two presses for 100, the fast one is forbidden: 2 x 60 / .5 = 240.
    line = order("J", 2, 120, consent="allowed", forbidden_machines=("B1",))
    made = shop(
        line,
        machines=(machine("A1"), machine("B1", firm="B"), machine("B2", firm="B", efficiency_permille=500)),
        fixed_lots=(taken("A1", 0, 500),),
        offers=(offer("B", 100, "B1", "B2"),),
        transports=(trip("B", "A"),),
    )
    return Case(made, (0, 120, 200, 0))


@case
def pinned_to_the_slow_machine() -> Case:
    pin = Pin("J", "PRESS", "A2")
    return Case(shop(order("J", 2, 120), machines=(FAST, SLOW), pins=(pin,)), (0, 120, 0, 0))


@case
def pinned_where_the_route_must_follow() -> Case:
    # The pin names the ram press, so the preferred route is out: 2 x 90.
    routes = (Route("pressed", (press(),)), Route("rammed", (press(90, machine="RAM"),)))
    line = order("J", 2, 120, routes=routes)
    made = shop(line, machines=(FAST, machine("R1", "RAM")), pins=(Pin("J", "PRESS", "R1"),))
    return Case(made, (0, 60, 0, 0))


@case
def pinned_to_a_minute() -> Case:
    # It starts at 100 though the press is free: ends at 160, due at 60.
    return Case(shop(order("J", 1, 60), pins=(Pin("J", "PRESS", None, 100),)), (0, 100, 0, 0))


@case
def others_work_around_a_pinned_run() -> Case:
    # J holds the press from 60 to 120: K goes before, L behind.
    lines = (order("J", 1, 120), order("K", 1, 60), order("L", 1, 180))
    return Case(shop(*lines, pins=(Pin("J", "PRESS", "A1", 60),)), (0, 0, 0, 0))


@case
def what_does_not_fit_before_a_pinned_run_waits() -> Case:
    # J holds 50 to 110: K, an hour long, ends at 170, due at 60.
    lines = (order("J", 1, 110), order("K", 1, 60))
    return Case(shop(*lines, pins=(Pin("J", "PRESS", None, 50),)), (0, 110, 0, 0))


@case
def a_pinned_start_includes_the_set_up() -> Case:
    # Set up from 100 to 130 for another colour, pressed until 190, due at 180.
    one = (machine("A1", changeover="colours", family_at_zero="a"),)
    line = order("J", 1, 180, press(family="b"))
    made = shop(line, machines=one, changeovers=(colours(a_b=30),), pins=(Pin("J", "PRESS", None, 100),))
    return Case(made, (0, 10, 0, 30))


@case
def around_a_pinned_run_by_enumeration() -> Case:
    # Each sequence of the others, each as early as it can be without touching 100 to 160.
    jobs = [Job(70, 80), Job(40, 60, 3), Job(90, 260), Job(30, 90)]

    def around(at: int, minutes: int) -> int:
        return at if at + minutes <= 100 or at >= 160 else 160

    lines = (*orders_of(jobs), order("P", 1, 160))
    best = min(late(chosen, around) for chosen in permutations(jobs))
    return Case(shop(*lines, pins=(Pin("P", "PRESS", "A1", 100),)), (0, best, 0, 0))


@case
def a_pinned_saw_waits_for_its_minute() -> Case:
    # Pressed at once, sawn from 200 on for an hour: 260, due at 240.
    line = order("J", 1, 240, press(), rate("SAW", 60))
    return Case(shop(line, machines=LINED, pins=(Pin("J", "SAW", None, 200),)), (0, 20, 0, 0))


@case
def a_minute_that_cannot_be_kept_leaves_no_place() -> Case:
    # The press is booked then.
    made = shop(order("J", 1, 60), fixed_lots=(taken("A1", 50, 150),), pins=(Pin("J", "PRESS", None, 100),))
    return Case(made, (0, HORIZON - 60 + 1, 0, 0))


@case
def a_sequence_against_the_due_dates() -> Case:
    # K first, though J is due first: 60 and 120.
    lines = (order("J", 1, 60), order("K", 1, 120))
    return Case(shop(*lines, sequences=(Sequence("A1", ("K", "J")),)), (0, 60, 0, 0))


@case
def others_may_come_between_in_a_sequence() -> Case:
    # K, then the heavy one that nobody has set, then J.
    lines = (order("J", 1, 180), order("K", 1, 60), order("H", 1, 120, priority=9))
    return Case(shop(*lines, sequences=(Sequence("A1", ("K", "J")),)), (0, 0, 0, 0))


@case
def a_sequence_holds_on_its_machine_only() -> Case:
    # On A1 K would come first; J goes to A2 and both are in time.
    lines = (order("J", 1, 60), order("K", 1, 60))
    two = (machine("A1"), machine("A2"))
    return Case(shop(*lines, machines=two, sequences=(Sequence("A1", ("K", "J")),)), (0, 0, 0, 0))


@case
def a_sequence_and_changeovers() -> Case:
    # a b a as told: two changes, where grouping would need one.
    jobs = [Job(60, 9000, family=family) for family in "aab"]
    made = shop(
        *orders_of(jobs),
        machines=(machine("A1", changeover="colours"),),
        changeovers=(colours(a_b=20, b_a=30),),
        sequences=(Sequence("A1", ("J0", "J2", "J1")),),
    )
    return Case(made, (0, 0, 0, 50))


@case
def a_sequence_of_three_among_six_by_enumeration() -> Case:
    # The least of the sequences in which J4, J2 and J0 come in this order.
    jobs = [Job(70, 100, 3), Job(40, 60), Job(90, 160, 9), Job(30, 90), Job(60, 300, 3), Job(50, 200)]
    kept = [
        late(chosen)
        for chosen in permutations(jobs)
        if chosen.index(jobs[4]) < chosen.index(jobs[2]) < chosen.index(jobs[0])
    ]
    return Case(shop(*orders_of(jobs), sequences=(Sequence("A1", ("J4", "J2", "J0")),)), (0, min(kept), 0, 0))
