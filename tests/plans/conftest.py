from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tests.database import TestDatabase
from tests.plans.small_park import ZERO, SmallPark, small_park


@pytest.fixture
def standing_clock(transactional_db: None, owner: psycopg.Connection[tuple[object, ...]]) -> None:
    """The business clock stands at the small park's zero."""
    owner.execute("INSERT INTO core_installation (id, kind, business_at) VALUES (1, 'test', %s)", [ZERO])


@pytest.fixture
def park(standing_clock: None, worker_login: None) -> SmallPark:
    return small_park()


@pytest.fixture
def sql(park: SmallPark, test_database: TestDatabase) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """Counts as the owner: what is really in the tables."""
    with psycopg.connect(test_database.url("DATABASE_OWNER_URL"), autocommit=True) as raw:
        yield raw
