from __future__ import annotations

import pytest

from tests.core.people import Party, make_party


@pytest.fixture
def party(db: None) -> Party:
    """Firm A, in the test's own transaction."""
    return make_party("A")


@pytest.fixture
def standing_party(transactional_db: None) -> Party:
    """Firm A, committed."""
    return make_party("A")
