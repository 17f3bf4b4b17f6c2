from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import psycopg
import pytest

from mes.firms.models import Firm
from procurement.rounds.models import Round
from tests.factories import MONDAY
from tests.rounds.work import a_user_of_resin, an_open_round, the_time_is

SetClock = Callable[[datetime], None]


@pytest.fixture
def firms(db: None) -> list[Firm]:
    """Six members that use resin, on a Monday."""
    the_time_is(MONDAY)
    return [a_user_of_resin(f"F{number:02}") for number in range(1, 7)]


@pytest.fixture
def opened(firms: list[Firm]) -> Round:
    """An open round with one line of R1."""
    return an_open_round()


@pytest.fixture
def set_clock(transactional_db: None, owner: psycopg.Connection[tuple[object, ...]], worker_login: None) -> SetClock:
    """The park's clock for tests that commit, as the worker: it stands where it was set, on a Monday at first."""
    owner.execute("INSERT INTO core_installation (id, kind, business_at) VALUES (1, 'test', %s)", [MONDAY])

    def stand(moment: datetime) -> None:
        owner.execute("UPDATE core_installation SET business_at = %s", [moment])

    return stand
