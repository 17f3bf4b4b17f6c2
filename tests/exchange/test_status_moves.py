"""The database refuses moves that the tables of moves do not list, and the two agree."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg
import pytest

from orders.outsourcing.choices import NEXT as OUTSOURCE_NEXT
from production.plans.choices import PROPOSAL_NEXT
from production.plans.models import Proposal

pytestmark = pytest.mark.django_db(transaction=True)
Sql = psycopg.Connection[tuple[object, ...]]


def _listed(moves: Mapping[str, frozenset[str]]) -> set[str]:
    return {f"{state}>{goal}" for state, goals in moves.items() for goal in goals}


@pytest.mark.parametrize(
    ("table", "moves"), [("outsourcing_outsourceorder", OUTSOURCE_NEXT), ("plans_proposal", PROPOSAL_NEXT)]
)
def test_the_trigger_lists_the_same_moves_as_the_table(
    sql: Sql, table: str, moves: Mapping[str, frozenset[str]]
) -> None:
    row = sql.execute(
        "SELECT tgargs FROM pg_trigger WHERE tgname = 'status_moves' AND tgrelid = %s::regclass", [table]
    ).fetchone()
    assert row is not None
    assert {part for part in bytes(row[0]).decode().split("\0") if part} == _listed(moves)


def test_even_the_owner_cannot_make_another_move(asked: Proposal, sql: Sql) -> None:
    sql.execute("UPDATE plans_proposal SET status = 'declined'")
    with pytest.raises(psycopg.errors.CheckViolation):
        sql.execute("UPDATE plans_proposal SET status = 'proposed'")
