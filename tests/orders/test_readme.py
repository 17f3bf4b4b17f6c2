"""The page on orders says what the code says."""

from __future__ import annotations

from pathlib import Path

import orders
from mes.core.states import diagram
from orders.outsourcing.choices import NEXT as OUTSOURCE_NEXT
from orders.sales.choices import NEXT as SALES_NEXT
from tests.factories.pages import rights_table

PAGE = (Path(orders.__file__).parent / "README.md").read_text()


def test_the_page_draws_the_states_as_the_tables_have_them() -> None:
    assert diagram(SALES_NEXT) in PAGE
    assert diagram(OUTSOURCE_NEXT) in PAGE


def test_the_page_lists_the_tables_with_their_rights() -> None:
    assert rights_table("sales", "outsourcing") in PAGE
