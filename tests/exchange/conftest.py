from __future__ import annotations

import pytest

from mes.core.actors import DatabaseRole
from mes.core.wall import wall
from production.machines.models import CapacityOffer
from production.plans.models import Proposal
from tests.exchange.work import the_proposal
from tests.plans.conftest import park, sql, standing_clock  # noqa: F401 - the same small park
from tests.plans.small_park import SmallPark
from tests.plans.work import publish_plan


@pytest.fixture
def asked(park: SmallPark) -> Proposal:  # noqa: F811 - pytest hands it in by this name
    """A placement to which neither side has agreed beforehand."""
    with wall(DatabaseRole.FIRM, park.firms["B"].pk):
        CapacityOffer.objects.update(accept="ask")
    park.order("A", "SO-1", pieces=200, due_days=3.5, consent="ask")
    publish_plan()
    return the_proposal()
