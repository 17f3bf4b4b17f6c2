from __future__ import annotations

import pytest

from mes.firms.models import Firm
from procurement.quotations.models import Tender
from procurement.rounds.models import Round
from tests.factories import MONDAY
from tests.quotations.work import ASKED_AT, a_frozen_round, freeze, publish, three_suppliers
from tests.rounds.work import a_user_of_resin, the_time_is


@pytest.fixture
def members(db: None) -> list[Firm]:
    """Five members that use resin, on a Monday."""
    the_time_is(MONDAY)
    return [a_user_of_resin(f"F{number:02}") for number in range(1, 6)]


@pytest.fixture
def frozen(members: list[Firm]) -> Round:
    """A frozen round with one line of R1; it is an hour after its commitments ended."""
    row = a_frozen_round(members)
    the_time_is(ASKED_AT)
    freeze(row)
    return row


@pytest.fixture
def suppliers(members: list[Firm]) -> list[Firm]:
    """Three that are qualified for R1."""
    return three_suppliers()


@pytest.fixture
def tender(frozen: Round, suppliers: list[Firm]) -> Tender:
    """Published to the three."""
    return publish(frozen, suppliers)
