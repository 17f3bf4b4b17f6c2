"""What the README says of states is rendered from the code."""

import pytest

from mes.core.states import Moves, diagram
from procurement.supply.choices import CLAIM_NEXT, DELIVERY_NEXT, LOT_NEXT, ORDER_NEXT
from tests.architecture.source import CHECKOUT


@pytest.mark.parametrize("moves", [ORDER_NEXT, DELIVERY_NEXT, LOT_NEXT, CLAIM_NEXT])
def test_the_readme_shows_the_moves(moves: Moves) -> None:
    assert diagram(moves) in (CHECKOUT / "procurement" / "README.md").read_text(encoding="utf-8")
