"""What the README says of the states of invoices is rendered from the code."""

from mes.core.states import diagram
from procurement.settlement.choices import INVOICE_MOVES
from tests.architecture.source import CHECKOUT


def test_the_readme_shows_the_moves() -> None:
    assert diagram(INVOICE_MOVES) in (CHECKOUT / "procurement" / "README.md").read_text(encoding="utf-8")
