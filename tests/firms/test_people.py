"""Two owners whose office is ended at once: one of them stays. With real transactions."""

from __future__ import annotations

from typing import Any

import pytest

from mes.core.errors import DomainError
from mes.core.wall import actor_wall
from mes.firms.choices import Role
from mes.firms.errors import LastHead
from mes.firms.services import user_change
from tests.core.work import at_once
from tests.factories import a_firm, an_owner, user_of

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 6
BACK = {"is_active": True, "roles": [Role.OWNER]}
ENDED, ELSEWHERE = {"is_active": False}, {"roles": [Role.BUYER]}


@pytest.mark.parametrize("said", [(ENDED, ENDED), (ELSEWHERE, ELSEWHERE), (ENDED, ELSEWHERE)])
def test_of_two_owners_ended_at_once_one_stays(said: tuple[dict[str, Any], ...]) -> None:
    firm = a_firm("F01")
    actor = an_owner(firm)
    owners = [user_of(firm, Role.OWNER, username=f"{name}@F01").pk for name in ("owner", "second")]

    def change(number: int, values: dict[str, Any]) -> str:
        try:
            with actor_wall(actor):
                user_change(actor=actor, user_id=owners[number], **values)
        except DomainError as refusal:
            return refusal.code
        return "done"

    for _ in range(ROUNDS):
        assert sorted(at_once(2, lambda number: change(number, said[number]))) == ["done", LastHead.code]
        assert [change(number, BACK) for number in (0, 1)] == ["done", "done"]
