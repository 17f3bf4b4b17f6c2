"""What a firm reads of a reason: its own machines by name, others by class, and nothing of their offers."""

from __future__ import annotations

from uuid import uuid4

from production.machines.selectors.hours import MachineHours
from production.planning.problem import Problem
from production.planning.schedule import Tiers
from production.plans.selectors.plant import Plant
from production.plans.selectors.pools import Pools
from production.plans.selectors.problem import MachineReference, OfferReference, Snapshot
from production.plans.selectors.routes import Routes
from production.plans.services.redaction import reason_data, tiers_for_association

OWN, OTHER = uuid4(), uuid4()
SNAPSHOT = Snapshot(
    problem=Problem(horizon_min=1, calendars=(), firms=(), machines=(), lines=()),
    lines={},
    machines={
        "A:P-1": MachineReference(uuid4(), OWN, "P-1", "PRESS-M"),
        "B:P-7": MachineReference(uuid4(), OTHER, "P-7", "PRESS-L"),
    },
    offers={"B:OF-1": OfferReference(uuid4(), OTHER, 0, "ask", "doer")},  # type: ignore[arg-type]
    firms={"A": OWN, "B": OTHER},
    lots=(),
    routes=Routes({}, {}, {}, ()),
    plant=Plant({}, {}, {}, (), (), {}, None),
    pools=Pools({}, (), {}, MachineHours({}, {}, {}, {}, {}, {}, {})),
)


def test_own_machines_are_named_and_others_are_classes() -> None:
    own = reason_data((("machine", "A:P-1"), ("waited_min", 90)), reader=OWN, snapshot=SNAPSHOT)
    assert own == {"machine": "P-1", "waited_min": 90}
    other = reason_data((("machine", "B:P-7"), ("waited_min", 90)), reader=OWN, snapshot=SNAPSHOT)
    assert other == {"machine_class": "PRESS-L"}


def test_classes_are_named_without_the_approvals_of_the_firms_that_have_them() -> None:
    data = (("classes", "PRESS-M PRESS-M+aerospace PRESS-L+medical"), ("process", "PRESS"))
    assert reason_data(data, reader=OWN, snapshot=SNAPSHOT) == {"classes": "PRESS-L PRESS-M", "process": "PRESS"}
    busy = (("machine_class", "PRESS-M+aerospace"), ("machine", "A:P-1"), ("waited_min", 5))
    shown = reason_data(busy, reader=OWN, snapshot=SNAPSHOT)
    assert shown == {"machine_class": "PRESS-M", "machine": "P-1", "waited_min": 5}


def test_what_a_refusal_would_cost_is_not_written_where_the_association_reads() -> None:
    assert reason_data((("refusal_cost_fen", 9),), reader=OWN, snapshot=SNAPSHOT) == {}


def test_offers_fees_firms_and_lots_of_others_are_left_out() -> None:
    data = (
        ("offer", "B:OF-1"),
        ("offers", "B:OF-1 B:OF-2"),
        ("least_fee_fen_per_t", 250_000),
        ("firm", "B"),
        ("lot", "B:SO-1:1/1"),
        ("anything_new", "B"),
        ("mass_g", 1000),
    )
    assert reason_data(data, reader=OWN, snapshot=SNAPSHOT) == {"mass_g": 1000}
    assert reason_data((("firm", "A"),), reader=OWN, snapshot=SNAPSHOT) == {"firm": "A"}


def test_the_association_sees_cost_as_an_index() -> None:
    shown = tiers_for_association(Tiers(0, 5, 150, 7, 0, 9), base_cost_fen=100)
    assert shown == {"broken": 0, "tardiness": 5, "changeover_min": 7, "moved": 0, "makespan_min": 9, "cost_index": 150}
    assert tiers_for_association(Tiers(0, 0, 0, 0, 0, 0), base_cost_fen=0)["cost_index"] == 100
