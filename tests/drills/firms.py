"""Member firms for the drills, and what their programs ask for. Needs Django set up; the topology does that."""

from __future__ import annotations

from typing import Any

from tests.drills.history import History
from tests.drills.program import Program
from tests.drills.topology import Topology
from tests.factories import a_calendar, a_firm, a_machine, a_product, a_routing, an_api_key, some_stock

LINES = 2


def programs(stage: Topology, history: History, *, count: int) -> list[Program]:
    """So many firms, each with a press that makes the product and a program with a planner's key."""
    a_routing(a_product())
    firms = [a_firm(f"F{number:02}") for number in range(1, count + 1)]
    for firm in firms:
        a_calendar(firm)
        a_machine(firm)
        some_stock(firm, kg=100_000)
    return [Program(stage.port, an_api_key(firm), history) for firm in firms]


def order_body(operation: str) -> dict[str, Any]:
    """An order of two lines whose customer is named after the operation."""
    line = {"product_code": "PANEL-30", "pieces": 10, "due_at": "2036-03-12T08:00:00+08:00"}
    return {"customer_name": operation, "lines": [line] * LINES}
