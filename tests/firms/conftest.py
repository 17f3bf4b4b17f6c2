from __future__ import annotations

import pytest

from tests.core.people import Party, make_party


@pytest.fixture
def party(db: None) -> Party:
    """Firm A, in the test's own transaction."""
    return make_party("A")


@pytest.fixture
def other(db: None) -> Party:
    """Firm B."""
    return make_party("B")
