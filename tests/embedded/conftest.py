"""A checkout per kind of user, with servers of its own; nothing here touches those of the suite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.embedded.checkout import USERS, Checkout, checkout_for, python_for_all


@pytest.fixture(scope="session")
def reachable_python() -> Iterator[str]:
    with python_for_all() as python:
        yield python


@pytest.fixture(scope="module", params=USERS)
def checkout(request: pytest.FixtureRequest, reachable_python: str) -> Iterator[Checkout]:
    """The same checkout for all tests of a module."""
    with checkout_for(request.param, python=reachable_python) as made:
        yield made
