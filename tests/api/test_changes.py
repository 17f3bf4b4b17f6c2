"""The change feed: nothing is skipped, nothing comes twice without a change, and nobody reads another's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from time import sleep
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection

from mes.core import changes, feed
from mes.core.actors import DatabaseRole
from mes.core.clock import stopwatch_s
from mes.core.ids import new_id
from mes.core.models import Change
from mes.core.wall import wall
from tests.api.conftest import Program
from tests.database import TestDatabase
from tests.factories import a_firm, a_machine, a_machine_class, a_product

pytestmark = pytest.mark.django_db(transaction=True)

Owner = psycopg.Connection[tuple[object, ...]]
ADD = (
    "INSERT INTO machines_machine (id, created_at, firm_id, code, machine_class_id, status, efficiency_permille)"
    " VALUES (%s, now(), %s, %s, %s, 'installed', 1000)"
)


class Reader:
    """A program that follows the feed and keeps its place."""

    def __init__(self, code: str = "F01", **asked: str) -> None:
        self._program = Program(code)
        self._asked = asked
        self.cursor: str = self._poll(start="now").json()["next_cursor"]

    def _poll(self, **query: str) -> Any:
        return self._program.get("changes", **(self._asked | query))

    def read(self, *, settled: bool = True) -> list[tuple[str, UUID, bool]]:
        """What is new, page by page, when what was committed before is no longer held back."""
        if settled:
            settle()
        found: list[tuple[str, UUID, bool]] = []
        while True:
            answer = self._poll(since=self.cursor).json()
            self.cursor = answer["next_cursor"]
            if not answer["results"]:
                return found
            found += [(row["kind"], UUID(row["id"]), row["deleted"]) for row in answer["results"]]


def settle() -> None:
    """Waits for what runs at the moment. The tests of other workers hold transactions of the same server."""
    deadline_s = stopwatch_s() + 60
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")
        (wanted,) = cursor.fetchone()
        while stopwatch_s() < deadline_s:
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot()) >= %s::text::xid8", [wanted])
            if cursor.fetchone() == (True,):
                return
            sleep(0.02)
    raise TimeoutError


@contextmanager
def writer(database: TestDatabase) -> Iterator[Owner]:
    """A transaction of its own, open until the block commits or leaves."""
    with psycopg.connect(database.url("DATABASE_OWNER_URL")) as raw:
        yield raw


def add_machine(raw: Owner, firm_id: UUID, code: str) -> UUID:
    key = new_id()
    found = raw.execute("SELECT id FROM catalog_machineclass LIMIT 1").fetchone()
    assert found is not None
    raw.execute(ADD, [key, firm_id, code, found[0]])
    return key


@pytest.fixture
def firm_id() -> UUID:
    a_machine_class()
    return a_firm().pk


def test_the_older_of_two_transactions_commits_second_and_is_not_skipped(
    firm_id: UUID, test_database: TestDatabase
) -> None:
    reader = Reader()
    with writer(test_database) as older, writer(test_database) as younger:
        first = add_machine(older, firm_id, "OLD")
        second = add_machine(younger, firm_id, "NEW")
        younger.commit()
        assert reader.read(settled=False) == []
        older.commit()
    assert reader.read() == [("machine", first, False), ("machine", second, False)]
    assert reader.read() == []


def test_a_late_commit_is_not_skipped_by_instants_either(firm_id: UUID, test_database: TestDatabase) -> None:
    program = Program("F01")

    def codes(since: str) -> tuple[list[str], str]:
        answer = program.get("machines", updated_since=since)
        return [row["code"] for row in answer.json()["results"]], answer["Next-Updated-Since"]

    since = program.get("machines")["Next-Updated-Since"]
    with writer(test_database) as older, writer(test_database) as younger:
        add_machine(older, firm_id, "OLD")
        add_machine(younger, firm_id, "NEW")
        younger.commit()
        found, since = codes(since)
        assert found == ["NEW"]
        older.commit()
    found, since = codes(since)
    assert "OLD" in found
    deadline_s = stopwatch_s() + 60
    while found and stopwatch_s() < deadline_s:  # what is asked again may come again while somebody writes
        found, since = codes(since)
    assert found == []


def test_of_two_writers_of_one_object_the_last_word_is_told(firm_id: UUID, test_database: TestDatabase) -> None:
    """The older transaction deletes what the younger one has changed before: the lower number is the last word."""
    machine = a_machine(a_firm())
    reader = Reader()
    with writer(test_database) as older, writer(test_database) as younger:
        add_machine(older, firm_id, "OTHER")
        younger.execute("UPDATE machines_machine SET efficiency_permille = 900 WHERE id = %s", [machine.pk])
        younger.commit()
        older.execute("DELETE FROM machines_machine WHERE id = %s", [machine.pk])
        older.commit()
    found = reader.read()
    assert ("machine", machine.pk, True) in found
    assert [row for row in found if row[1] == machine.pk] == [("machine", machine.pk, True)]


def test_an_object_that_changes_often_is_told_once_and_again_after_the_next_change(firm_id: UUID, owner: Owner) -> None:
    machine = a_machine(a_firm())
    reader = Reader()
    for permille in (900, 1000, 900):
        owner.execute("UPDATE machines_machine SET efficiency_permille = %s WHERE id = %s", [permille, machine.pk])
    assert reader.read() == [("machine", machine.pk, False)]
    owner.execute("UPDATE machines_machine SET status = status WHERE id = %s", [machine.pk])
    assert reader.read() == []


def test_pages_of_one_row_tell_the_same_as_one_large_page(firm_id: UUID, owner: Owner) -> None:
    reader = Reader(limit="1")
    keys = {add_machine(owner, firm_id, f"M{number}") for number in range(3)}
    with owner.transaction():
        keys |= {add_machine(owner, firm_id, f"N{number}") for number in range(3)}
    found = reader.read()
    assert {key for _kind, key, _deleted in found} == keys
    assert len(found) == len(keys)


def test_from_the_beginning_everything_that_exists_is_told_and_nothing_that_is_gone(
    firm_id: UUID, owner: Owner
) -> None:
    product, machine = a_product(), a_machine(a_firm())
    gone = add_machine(owner, firm_id, "GONE")
    owner.execute("DELETE FROM machines_machine WHERE id = %s", [gone])
    reader = Reader(limit="1")
    settle()
    answer = Program("F01").get("changes", start="beginning", limit="1").json()
    reader.cursor = answer["next_cursor"]
    told = {row["id"] for row in answer["results"]} | {str(key) for _kind, key, _deleted in reader.read()}
    assert told == {str(product.pk), str(machine.pk)}
    owner.execute("DELETE FROM machines_machine WHERE id = %s", [machine.pk])
    assert reader.read() == [("machine", machine.pk, True)]


def test_a_rival_is_told_nothing_and_everybody_of_a_standard(firm_id: UUID, owner: Owner) -> None:
    a_firm("F02")
    own, rival = Reader(), Reader("F02")
    machine = a_machine(a_firm())
    product = a_product()
    assert own.read() == [("machine", machine.pk, False), ("product", product.pk, False)]
    assert rival.read() == [("product", product.pk, False)]


def test_what_the_association_plans_for_itself_is_told_to_nobody(firm_id: UUID, owner: Owner) -> None:
    owner.execute(
        "INSERT INTO plans_planrun (id, created_at, scope, state, publishes_itself, is_repair, is_advisory, parameters,"
        " versions, orders_total, orders_placed, rule, rule_log, notes, tiers, figures, error, input_hash)"
        " VALUES (gen_random_uuid(), now(), 'park', 'queued', false, false, false, '{}', '{}', 0, 0, '', '[]', '[]',"
        " '{}', '{}', '', '')"
    )
    assert owner.execute("SELECT count(*) FROM core_change WHERE kind = 'plan_run'").fetchone() == (0,)


def test_a_cursor_of_another_place_or_time_is_gone_and_a_made_up_one_is_refused(firm_id: UUID) -> None:
    program = Program("F01")
    seen = changes.horizon()
    old = changes.Horizon(seen.below, seen.now - changes.CURSOR_LIFE - changes.TOMBSTONE_LIFE, seen.place)
    for stale in (old, changes.Horizon(seen.below, seen.now, "0/0")):
        answer = program.get("changes", since=changes.cursor_of(changes.end(stale), stale))
        assert (answer.status_code, answer.json()["code"]) == (410, "cursor_expired")
    for text in ("x", "AAAA", "…", changes.cursor_of(changes.end(seen), seen)[:-2] + "AA"):
        answer = program.get("changes", since=text)
        assert answer.status_code == 400, text
        assert answer.json()["errors"][0]["pointer"] == "/since"


def test_old_rows_are_dropped_and_a_slow_reader_misses_nothing(
    firm_id: UUID, owner: Owner, worker_login: None, as_web: Any
) -> None:
    machine = a_machine(a_firm())
    gone = add_machine(owner, firm_id, "GONE")
    with as_web():
        reader = Reader()
    for permille in (900, 1000):
        owner.execute("UPDATE machines_machine SET efficiency_permille = %s WHERE id = %s", [permille, machine.pk])
    owner.execute("DELETE FROM machines_machine WHERE id = %s", [gone])
    with wall(DatabaseRole.PLANNER):
        assert changes.purge() == 3
    with as_web():
        assert reader.read() == [("machine", machine.pk, False), ("machine", gone, True)]
    owner.execute("UPDATE core_change SET at = at - interval '31 days 1 hour'")
    with wall(DatabaseRole.PLANNER):
        assert changes.purge() == 1
        assert not Change.objects.filter(deleted=True).exists()


def test_a_dump_on_a_younger_server_is_taken_over(firm_id: UUID, owner: Owner) -> None:
    machine = a_machine(a_firm())
    owner.execute("UPDATE core_change SET xid = '9000000000000000000'::xid8")
    reader = Reader()
    assert reader.read() == []
    with owner.transaction():
        for statement in feed.statements():
            owner.execute(statement)
    assert ("machine", machine.pk, False) in reader.read()


def test_what_exists_when_a_feed_is_new_gets_its_row(firm_id: UUID, owner: Owner) -> None:
    machine = a_machine(a_firm())
    owner.execute("DELETE FROM core_change")
    reader = Reader(kinds="machine")
    with owner.transaction():
        for statement in feed.statements():
            owner.execute(statement)
    assert reader.read() == [("machine", machine.pk, False)]


def test_two_firms_change_parts_of_the_same_objects_in_turn_and_none_waits(
    firm_id: UUID, owner: Owner, test_database: TestDatabase
) -> None:
    """With one row for each object, changed by whoever writes, this would be a deadlock."""
    pools = [new_id(), new_id()]
    for key in pools:
        owner.execute(
            "INSERT INTO machines_pool (id, created_at, firm_id, code, name, kind, size, status, weekdays,"
            " keeps_holidays, keeps_closure)"
            " VALUES (%s, now(), %s, %s, '', 'crew', 5, 'in_service', '1234567', false, false)",
            [key, firm_id, str(key)[-8:]],
        )

    def need(raw: Owner, pool: UUID, process: str) -> None:
        raw.execute("SET LOCAL lock_timeout = '2s'")
        raw.execute(
            "INSERT INTO machines_poolneed (id, created_at, firm_id, pool_id, units, process)"
            " VALUES (gen_random_uuid(), now(), %s, %s, 1, %s)",
            [firm_id, pool, process],
        )

    reader = Reader(kinds="pool")
    with writer(test_database) as one, writer(test_database) as other:
        need(one, pools[0], "PRESS")
        need(other, pools[1], "PRESS")
        need(one, pools[1], "PACK")
        need(other, pools[0], "PACK")
        one.commit()
        other.commit()
    assert sorted(reader.read()) == sorted(("pool", key, False) for key in pools)


def test_the_instant_comes_with_the_first_page_alone(firm_id: UUID) -> None:
    for code in ("A", "B"):
        a_machine(a_firm(), code)
    program = Program("F01")
    first = program.get("machines", limit="1")
    assert datetime.fromisoformat(first["Next-Updated-Since"]).tzinfo is not None
    second = program.get("machines", limit="1", cursor=first.json()["next_cursor"])
    assert "Next-Updated-Since" not in second
    assert "Next-Updated-Since" not in program.get("downtimes")
