"""Order on machines: priorities, changeovers, machines that are not alike, work that is fixed."""

from __future__ import annotations

from dataclasses import replace

from tests.planning.rules.shop import (
    Case,
    Job,
    case,
    change_of,
    colours,
    machine,
    on_machines,
    order,
    orders_of,
    press,
    sequences,
    shop,
    taken,
)


@case
def the_heavier_of_two_goes_first() -> Case:
    # One press, an hour each, both due at 60: the light one ends at 120, 60 late; the other way round it were 9 x 60.
    light, heavy = order("light", 1, 60), order("heavy", 1, 60, priority=9)
    return Case(shop(light, heavy), (0, 60, 0, 0))


@case
def shortest_first_when_all_are_late() -> Case:
    # Due at 0 and of one weight, the shortest go first (Smith): 30 + 80 + 150 + 250 minutes late.
    jobs = [Job(minutes, 0) for minutes in (100, 30, 70, 50)]
    return Case(shop(*orders_of(jobs)), (0, 30 + 80 + 150 + 250, 0, 0))


@case
def weighted_tardiness_on_one_machine() -> Case:
    # By enumeration of 6! sequences.
    jobs = [Job(70, 100, 3), Job(40, 60), Job(90, 160, 9), Job(30, 90), Job(60, 300, 3), Job(50, 200)]
    return Case(shop(*orders_of(jobs)), (0, min(sequences(jobs))[0], 0, 0))


@case
def weighted_tardiness_on_two_machines() -> Case:
    # By enumeration of who works what, and of each machine's sequences.
    jobs = [Job(70, 80, 3), Job(40, 60), Job(90, 110, 9), Job(30, 30), Job(60, 130, 3), Job(50, 90)]
    two = (machine("A1"), machine("A2"))
    return Case(shop(*orders_of(jobs), machines=two), (0, min(on_machines(jobs, 2))[0], 0, 0))


@case
def one_very_late_rather_than_two_a_little() -> Case:
    # A late order costs 1000 at once: enumeration finds that the long one alone should be late.
    jobs = [Job(100, 100, fixed=1000), Job(50, 60, fixed=1000), Job(50, 110, fixed=1000), Job(40, 160, fixed=1000)]
    return Case(shop(*orders_of(jobs)), (0, min(sequences(jobs))[0], 0, 0))


@case
def a_release_is_waited_for() -> Case:
    # The urgent one may begin at 100: the other fills the time before, and neither is late.
    first = order("first", 1, 160, release_min=100)
    other = order("other", 1, 100)
    return Case(shop(first, other), (0, 0, 0, 0))


@case
def families_are_grouped() -> Case:
    # a b a b, nothing is due: one change is enough, and b to a takes 30 minutes where a to b takes 60.
    matrix = colours(a_b=60, b_a=30)
    jobs = [Job(60, 9000, family=family) for family in "abab"]
    made = shop(*orders_of(jobs), machines=(machine("A1", changeover="colours"),), changeovers=(matrix,))
    return Case(made, (0, 0, 0, 30))


@case
def a_due_date_is_worth_a_changeover() -> Case:
    # By enumeration: grouping a with a makes b late, so the press changes twice.
    matrix = colours(a_b=20, b_a=20)
    jobs = [Job(60, 60, family="a"), Job(60, 150, family="b"), Job(60, 400, family="a")]
    best = min(sequences(jobs, change_of(matrix)))
    assert best == (0, 40)
    made = shop(*orders_of(jobs), machines=(machine("A1", changeover="colours"),), changeovers=(matrix,))
    return Case(made, (0, *best[:1], 0, best[1]))


@case
def changeovers_in_an_order_that_depends_on_both() -> Case:
    # A travelling press: least minutes over 7! sequences of three families, unlike there and back.
    matrix = colours(a_b=10, b_a=50, b_c=15, c_b=60, a_c=90, c_a=20)
    jobs = [Job(30, 9000, family=family) for family in "abcabca"]
    made = shop(*orders_of(jobs), machines=(machine("A1", changeover="colours"),), changeovers=(matrix,))
    return Case(made, (0, 0, 0, min(setup for _, setup in sequences(jobs, change_of(matrix)))))


@case
def late_and_changed_over() -> Case:
    # Tardiness first, then set-up minutes: least tuple over 6! sequences.
    matrix = colours(a_b=30, b_a=45, b_c=20, c_b=35, a_c=60, c_a=25)
    jobs = [Job(40, 60 + 70 * number, 1 + number % 3, "abcbca"[number]) for number in range(6)]
    tardy, setup = min(sequences(jobs, change_of(matrix)))
    made = shop(*orders_of(jobs), machines=(machine("A1", changeover="colours"),), changeovers=(matrix,))
    return Case(made, (0, tardy, 0, setup))


@case
def a_family_that_may_not_follow() -> Case:
    # b may not follow a: all b go before all a, and c lies anywhere; the sequence b c a takes 10 + 10.
    matrix = colours(500, (("a", "b"),), b_c=10, c_a=10, b_a=40, a_c=50, c_b=50)
    jobs = [Job(30, 9000, family=family) for family in "aabbc"]
    best = min(setup for _, setup in sequences(jobs, change_of(matrix)))
    assert best == 20
    made = shop(*orders_of(jobs), machines=(machine("A1", changeover="colours"),), changeovers=(matrix,))
    return Case(made, (0, 0, 0, best))


@case
def each_family_on_the_machine_that_is_set_up_for_it() -> Case:
    # Two presses, one set up for each colour: nothing is changed over.
    matrix = colours(60)
    two = tuple(machine(f"A{n}", changeover="colours", family_at_zero=family) for n, family in enumerate("ab", 1))
    jobs = [Job(60, 300, family=family) for family in "ababab"]
    return Case(shop(*orders_of(jobs), machines=two, changeovers=(matrix,)), (0, 0, 0, 0))


@case
def what_the_machine_is_set_up_for_counts() -> Case:
    # Set up for b at the start: b first and one change to a, although a would be first by name.
    matrix = colours(a_b=60, b_a=60)
    jobs = [Job(60, 9000, family=family) for family in "ab"]
    one = (machine("A1", changeover="colours", family_at_zero="b"),)
    return Case(shop(*orders_of(jobs), machines=one, changeovers=(matrix,)), (0, 0, 0, 60))


@case
def a_slow_machine_takes_the_smaller_order() -> Case:
    # Efficiency .5: 4 pieces take 240 min on the fast press and 480 on the slow; 2 pieces take 120 and 240.
    two = (machine("A1"), machine("A2", efficiency_permille=500))
    return Case(shop(order("large", 4, 240), order("small", 2, 240), machines=two), (0, 0, 0, 0))


@case
def no_run_over_fixed_work() -> Case:
    # A booking from 100 to 150: three pieces in one run cannot pause over it, so they end at 330, 330 late.
    return Case(shop(order("J", 3, 0), fixed_lots=(taken("A1", 100, 150),)), (0, 330, 0, 0))


@case
def a_small_order_fits_before_fixed_work() -> Case:
    # Before the booking at 60 one piece fits, the three others come behind it: 60 and 300.
    made = shop(order("J", 3, 300), order("K", 1, 60), fixed_lots=(taken("A1", 60, 120),))
    return Case(made, (0, 0, 0, 0))


@case
def a_fixed_run_sets_the_machine_up() -> Case:
    # The fixed run works b until 60; a behind it needs the change of 45 minutes: 60 + 45 + 60 = 165.
    matrix = colours(a_b=45, b_a=45)
    one = (machine("A1", changeover="colours", family_at_zero="b"),)
    jobs = orders_of([Job(60, 165, family="a")])
    made = shop(*jobs, machines=one, changeovers=(matrix,), fixed_lots=(taken("A1", 0, 60, family="b"),))
    return Case(made, (0, 0, 0, 45))


@case
def started_work_that_is_late_counts() -> Case:
    # One lot is at work until 100 and cannot move, due at 80; the rest of the order follows at once: 160, 80 late.
    started = replace(taken("A1", -20, 100), line="J", pieces=2)
    return Case(shop(order("J", 1, 80), fixed_lots=(started,)), (0, 80, 0, 0))


@case
def a_broken_commitment_stays_one() -> Case:
    # A frozen lot finishes at 200 where 150 was agreed: broken whatever is planned; the new order is on time.
    frozen = replace(taken("A1", 100, 200), agreed_min=150)
    return Case(shop(order("J", 1, 60), fixed_lots=(frozen,)), (1, 0, 0, 0))


@case
def set_up_for_each_run_is_paid_once() -> Case:
    # 20 minutes before each run: one order in one run, though two presses stand free.
    two = (machine("A1"), machine("A2"))
    made = shop(order("J", 4, 9000, press(setup=20), least_lot_pieces=1), machines=two)
    return Case(made, (0, 0, 0, 20))
