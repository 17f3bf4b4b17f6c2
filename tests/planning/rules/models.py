"""Rules against each other, the best plan worked out by another model: enumeration, or CP-SAT."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import permutations, product

from ortools.sat.python import cp_model

from tests.planning.rules.shop import (
    Case,
    Job,
    case,
    change_of,
    colours,
    machine,
    offer,
    order,
    press,
    rate,
    sequences,
    shop,
    trip,
)


def flow(times: Sequence[Sequence[int]], due: Sequence[int], weight: Sequence[int]) -> int:
    """Least weighted tardiness of whole orders through machines one after the other, each with its own sequence."""
    count, machines = len(times), len(times[0])

    def best(stage: int, ready: tuple[int, ...]) -> int:
        if stage == machines:
            return sum(w * max(0, end - d) for w, end, d in zip(weight, ready, due, strict=True))
        found = set()
        for sequence in permutations(range(count)):
            at = 0
            ends = [0] * count
            for number in sequence:
                at = max(at, ready[number]) + times[number][stage]
                ends[number] = at
            found.add(tuple(ends))
        return min(best(stage + 1, ends) for ends in found)

    return best(0, (0,) * count)


@case
def pressed_and_sawn_in_two_sequences() -> Case:
    # By enumeration of 4! x 4! pairs of sequences.
    times = [(60, 20), (30, 80), (50, 40), (20, 50)]
    due, weight = (150, 120, 200, 90), (1, 3, 1, 1)
    lines = [order(f"J{n}", 1, due[n], press(a), rate("SAW", b), priority=weight[n]) for n, (a, b) in enumerate(times)]
    return Case(shop(*lines, machines=(machine("A1"), machine("S1", "SAW"))), (0, flow(times, due, weight), 0, 0))


@case
def mixed_pressed_and_sawn_in_three_sequences() -> Case:
    # By enumeration of three sequences each.
    times = [(10, 60, 20), (30, 30, 80), (20, 50, 40), (40, 20, 50)]
    due, weight = (160, 130, 220, 110), (1, 1, 3, 1)
    lines = [
        order(f"J{n}", 1, due[n], rate("MIX", a), press(b), rate("SAW", d), priority=weight[n])
        for n, (a, b, d) in enumerate(times)
    ]
    three = (machine("M1", "MIX"), machine("A1"), machine("S1", "SAW"))
    return Case(shop(*lines, machines=three), (0, flow(times, due, weight), 0, 0))


@case
def two_presses_and_changeovers() -> Case:
    # Least (tardiness, set-up) over who works what and in which sequence.
    matrix = colours(a_b=30, b_a=40, b_c=20, c_b=30, a_c=50, c_a=20)
    jobs = [Job(40 + 10 * n, 80 + 50 * n, (1, 3)[n % 2], "abcabc"[n]) for n in range(6)]
    best = (10**9, 0)
    for places in product((0, 1), repeat=len(jobs)):
        parts = [[job for job, place in zip(jobs, places, strict=True) if place == side] for side in (0, 1)]
        tuples = [min(sequences(part, change_of(matrix))) for part in parts]
        best = min(best, (tuples[0][0] + tuples[1][0], tuples[0][1] + tuples[1][1]))
    lines = [
        order(f"J{n}", 1, job.due, press(job.minutes, family=job.family), priority=job.weight)
        for n, job in enumerate(jobs)
    ]
    two = tuple(machine(f"A{n}", changeover="colours") for n in (1, 2))
    return Case(shop(*lines, machines=two, changeovers=(matrix,)), (0, best[0], 0, best[1]))


def in_time(jobs: Iterable[Job]) -> bool:
    """Whether one machine can work them all in time: it can by due date if at all."""
    at = 0
    for job in sorted(jobs, key=lambda job: job.due):
        at += job.minutes
        if at > job.due:
            return False
    return True


@case
def which_of_six_orders_to_refuse() -> Case:
    # Least cost over the sets that fit by due date.
    jobs = [Job(60, 60), Job(120, 180), Job(60, 120), Job(180, 300), Job(120, 360), Job(60, 240)]
    costs = (300, 500, 350, 800, 450, 200)
    least = min(
        sum(cost for cost, made in zip(costs, chosen, strict=True) if not made)
        for chosen in product((False, True), repeat=6)
        if in_time(job for job, made in zip(jobs, chosen, strict=True) if made)
    )
    lines = [
        order(f"J{n}", job.minutes // 60, job.due, optional=True, refusal_cost_fen=costs[n])
        for n, job in enumerate(jobs)
    ]
    return Case(shop(*lines), (0, 0, least, 0))


@case
def which_of_six_orders_to_give_away() -> Case:
    # All in time at the least fee: home, B for 100 a piece and 30 minutes away, C for 70 and 90 away; 3^6 ways.
    jobs = [Job(60, 120), Job(120, 150), Job(60, 200), Job(180, 300), Job(120, 300), Job(60, 240)]
    fees, ways = (0, 100, 70), (0, 30, 90)
    least = 10**9
    for places in product(range(3), repeat=6):
        sides = [
            [Job(job.minutes, job.due - ways[side]) for job, place in zip(jobs, places, strict=True) if place == side]
            for side in range(3)
        ]
        if all(in_time(side) for side in sides):
            least = min(least, sum(fees[side] * job.minutes // 60 for side in range(3) for job in sides[side]))
    lines = [order(f"J{n}", job.minutes // 60, job.due, consent="allowed") for n, job in enumerate(jobs)]
    made = shop(
        *lines,
        machines=(machine("A1"), machine("B1", firm="B"), machine("C1", firm="C")),
        offers=(offer("B", 100), offer("C", 70)),
        transports=(trip("B", "A", 30), trip("C", "A", 90)),
    )
    return Case(made, (0, 0, least, 0))


@case
def how_to_split_three_orders_over_three_presses() -> Case:
    # CP-SAT: pieces by order and press, so that by each due date no press has more work than minutes; fewest lots.
    wants = ((5, 180), (4, 240), (6, 300))
    model = cp_model.CpModel()
    pieces = {(n, m): model.new_int_var(0, want, "") for n, (want, _) in enumerate(wants) for m in range(3)}
    used = {place: model.new_bool_var("") for place in pieces}
    for place, count in pieces.items():
        model.add(count <= wants[place[0]][0] * used[place])
    for n, (want, due) in enumerate(wants):
        model.add(sum(pieces[n, m] for m in range(3)) == want)
        for m in range(3):
            model.add(sum(60 * pieces[other, m] for other in range(n + 1)) <= due)
    model.minimize(100 * (sum(used.values()) - len(wants)))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert solver.solve(model) == cp_model.OPTIMAL
    lines = [order(f"J{n}", want, due, least_lot_pieces=1, split_cost_fen=100) for n, (want, due) in enumerate(wants)]
    presses = tuple(machine(f"A{m}") for m in (1, 2, 3))
    return Case(shop(*lines, machines=presses), (0, 0, round(solver.objective_value), 0))
