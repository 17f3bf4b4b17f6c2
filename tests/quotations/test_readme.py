from __future__ import annotations

from mes.core.states import diagram
from procurement.quotations.choices import NEXT
from tests.architecture.source import CHECKOUT


def test_the_diagram_is_the_table_of_moves() -> None:
    assert diagram(NEXT) in (CHECKOUT / "procurement" / "README.md").read_text(encoding="utf-8")
