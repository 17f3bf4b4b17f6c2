"""One clone for all flows: its data are made once. Between two tests nothing of it runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.flows.served import Clone, clone_in


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    with clone_in(tmp_path_factory.mktemp("clone")) as made:
        yield made


@pytest.fixture(autouse=True)
def nothing_left(clone: Clone) -> Iterator[None]:
    """After each test no server and no command of the clone runs."""
    yield
    assert clone.is_gone()
