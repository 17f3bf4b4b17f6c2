"""What the README says of awards is rendered from the code."""

from mes.core.states import diagram
from procurement.awards.choices import NEXT
from tests.architecture.source import CHECKOUT


def test_the_readme_shows_the_moves_of_a_plan() -> None:
    assert diagram(NEXT) in (CHECKOUT / "procurement" / "README.md").read_text(encoding="utf-8")
