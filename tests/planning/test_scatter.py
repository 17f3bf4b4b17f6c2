"""A line that several late lots make late: moving one of them alone changes nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from production.planning.codec import sorted_problem
from production.planning.engine.budget import Budget
from production.planning.engine.kernel.anneal import anneal
from production.planning.engine.solve import Search, key_of
from production.planning.planner import plan_problem
from tests.planning.rules.shop import machine, offer, order, press, shop, taken, trip

FIRMS = "BC"
COLD = (0, 0, 0)


def test_all_late_lots_of_a_line_find_other_places_at_once() -> None:
    """Own presses are taken until all is late; two others have two presses each that make two pieces in time."""
    own = tuple(machine(f"A-{number}") for number in range(4))
    others = tuple(machine(f"{firm}-{number}", firm=firm) for firm in FIRMS for number in range(2))
    booked = tuple(taken(row.key, 0, 600) for row in own)
    line = order("J", 8, 240, press(), least_lot_pieces=1, consent="allowed")
    alone = sorted_problem(shop(line, machines=(*own, *others), fixed_lots=booked))
    offers = tuple(offer(firm, 100, f"{firm}-0", f"{firm}-1") for firm in FIRMS)
    trips = tuple(trip(firm, "A") for firm in FIRMS) + tuple(trip("A", firm) for firm in FIRMS)
    problem = sorted_problem(replace(alone, offers=offers, transports=trips))
    late = plan_problem(alone, budget=Budget(iterations=3000)).schedule
    assert len(late.lots) > 2
    search = Search(problem, start=late)
    plan = search.opening.copy()
    anneal(search.g, plan, 200, *COLD, 100, 0, 0, np.ones(3, np.int64))
    assert key_of(search.opening)[0] == 480
    assert key_of(plan)[0] == 0
