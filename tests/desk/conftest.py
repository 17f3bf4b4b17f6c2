from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from tests.database import TestDatabase, close_connections
from tests.desk.lively_park import lively_park
from tests.plans.small_park import SmallPark


@pytest.fixture(scope="module")
def park(django_db_setup: None, test_database: TestDatabase, django_db_blocker: DjangoDbBlocker) -> Iterator[SmallPark]:
    """The lively park as committed rows, for a module; taken out again afterwards."""
    with django_db_blocker.unblock():
        yield test_database.filled(lively_park)
        close_connections()
        test_database.renew()
