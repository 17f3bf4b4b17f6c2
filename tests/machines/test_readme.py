"""The page on machines says what the code says."""

from __future__ import annotations

from pathlib import Path

import production.machines
from mes.core.states import diagram
from production.machines.choices import OFFER_NEXT, POOL_NEXT, STATUS_NEXT
from tests.factories.pages import rights_table

PAGE = (Path(production.machines.__file__).parent / "README.md").read_text()


def test_the_page_draws_the_states_as_the_tables_have_them() -> None:
    assert diagram(STATUS_NEXT) in PAGE
    assert diagram(OFFER_NEXT) in PAGE
    assert diagram(POOL_NEXT) in PAGE


def test_the_page_lists_the_tables_with_their_rights() -> None:
    assert rights_table("machines") in PAGE
