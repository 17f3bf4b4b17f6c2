"""The page on production draws the states as the tables have them."""

from __future__ import annotations

from pathlib import Path

import pytest

import production
from mes.core.states import Moves, diagram
from production.plans.choices import PLAN_RUN_NEXT, PROMISE_NEXT, PROPOSAL_NEXT, RUN_NEXT, SCENARIO_NEXT, TRIAL_NEXT

PAGE = (Path(production.__file__).parent / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("moves", [PLAN_RUN_NEXT, RUN_NEXT, PROPOSAL_NEXT, PROMISE_NEXT, SCENARIO_NEXT, TRIAL_NEXT])
def test_the_page_draws_the_states(moves: Moves) -> None:
    assert diagram(moves) in PAGE
