"""A firm's planner reads and sets its standing yes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Program

pytestmark = pytest.mark.django_db


def test_it_is_off_until_it_is_set_and_each_firm_has_its_own(program: Program, rival: Program) -> None:
    assert program.get("auto-approval").json() == {"is_on": False, "within_h": 48}
    assert program.patch("auto-approval", {"is_on": True}).json() == {"is_on": True, "within_h": 48}
    assert program.patch("auto-approval", {"within_h": 24}).json() == {"is_on": True, "within_h": 24}
    assert rival.get("auto-approval").json() == {"is_on": False, "within_h": 48}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        *(({"is_on": value}, "/is_on") for value in ("perhaps", "true", 1, 0, None, [])),
        ({"within_h": 0}, "/within_h"),
        ({"within_h": 1441}, "/within_h"),
        ({"within_h": 1.5}, "/within_h"),
        ({"firm_id": "x"}, "/firm_id"),
    ],
)
def test_a_bad_value_is_named(program: Program, body: dict[str, Any], pointer: str) -> None:
    refused = program.patch("auto-approval", body)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, pointer)


def test_a_change_of_nothing_is_refused(program: Program) -> None:
    assert program.patch("auto-approval", {}).status_code == 422
