"""Minutes between two recipes: the longest rule of a group, groups added up, nothing to clean on an empty machine."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mes.catalog.models import ChangeoverFamily
from mes.catalog.selectors import ChangeoverRuleView, changeover_minutes

RULES = (
    ChangeoverRuleView("press", "thickness_mm", "any", "tool", 20),
    ChangeoverRuleView("press", "pattern", "any", "tool", 150),
    ChangeoverRuleView("press", "medical", "to_true", "tool", 240),
    ChangeoverRuleView("press", "colour", "any", "clean", 30),
    ChangeoverRuleView("press", "colour_depth", "to_lighter", "clean", 90),
    ChangeoverRuleView("press", "colour_depth", "to_darker", "clean", 45),
    ChangeoverRuleView("press", "boron", "to_false", "clean", 300),
    ChangeoverRuleView("saw", "thickness_mm", "any", "tool", 5),
)


def recipe(**fields: object) -> ChangeoverFamily:
    usual = {"colour": "natural", "colour_depth": 0, "thickness_mm": 30, "pattern": ""} | fields
    return ChangeoverFamily(code=repr(sorted(usual.items())), grade_family="standard", **usual)


def minutes(before: ChangeoverFamily | None, after: ChangeoverFamily, kind: str = "press") -> int:
    return changeover_minutes(rules=RULES, kind=kind, before=before, after=after)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {}, 0),
        ({}, {"thickness_mm": 20}, 20),
        ({}, {"thickness_mm": 20, "pattern": "diamond"}, 150),
        ({}, {"colour": "black", "colour_depth": 3}, 45),
        ({"colour": "black", "colour_depth": 3}, {}, 90),
        ({"colour": "black", "colour_depth": 3}, {"thickness_mm": 20}, 110),
        ({"boron": True}, {}, 300),
        ({}, {"boron": True}, 0),
        ({}, {"medical": True}, 240),
        ({"medical": True}, {}, 0),
    ],
)
def test_minutes_by_what_changes(before: dict[str, object], after: dict[str, object], expected: int) -> None:
    assert minutes(recipe(**before), recipe(**after)) == expected


def test_an_empty_machine_takes_the_tool_group_only() -> None:
    assert minutes(None, recipe(colour="black", colour_depth=3)) == 150
    assert minutes(None, recipe(medical=True)) == 240


def test_rules_of_another_kind_of_machine_do_not_count() -> None:
    assert minutes(recipe(), recipe(thickness_mm=20), kind="saw") == 5
    assert minutes(recipe(), recipe(thickness_mm=20), kind="mill") == 0


recipes = st.builds(
    recipe,
    colour=st.sampled_from(["natural", "black"]),
    colour_depth=st.integers(0, 3),
    thickness_mm=st.sampled_from([20, 30]),
    pattern=st.sampled_from(["", "diamond"]),
    boron=st.booleans(),
    medical=st.booleans(),
)


@given(recipes)
def test_the_same_recipe_takes_nothing(family: ChangeoverFamily) -> None:
    assert minutes(family, family) == 0


@given(recipes, recipes)
def test_a_changeover_takes_no_more_than_the_longest_rule_of_each_group(
    before: ChangeoverFamily, after: ChangeoverFamily
) -> None:
    assert 0 <= minutes(before, after) <= 240 + 300
