"""The sample park as committed rows, once per module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from mes.demo.sample.sample import build_sample
from mes.demo.sample.shapes import Sample
from mes.demo.seed import sample_seed
from tests.database import TestDatabase, close_connections


@pytest.fixture(scope="module")
def sample() -> Sample:
    return build_sample()


@pytest.fixture(scope="module")
def seeded_park(
    sample: Sample, django_db_setup: None, test_database: TestDatabase, django_db_blocker: DjangoDbBlocker
) -> Iterator[Sample]:
    """The sample in the database; taken out again afterwards."""
    with django_db_blocker.unblock():
        sample_seed(sample=sample)
        yield sample
        close_connections()
        test_database.renew()
