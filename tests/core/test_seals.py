"""The chain of seals: what it takes, and that nothing below it changes unseen. With real transactions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.core.management import call_command

from mes.core import seals
from mes.core.actors import system_actor
from mes.core.errors import InvalidValue, NotPermitted
from mes.core.ids import new_id
from mes.core.models import AuditRow, AuditSeal
from mes.core.seals_verify import verify
from tests.core.chain import Owner, seal_until, sealed, settled_below, told
from tests.core.people import staff_actor
from tests.core.work import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("worker_login")]

ROW_COLUMNS = [field.column for field in AuditRow._meta.concrete_fields]
SEAL_COLUMNS = [field.column for field in AuditSeal._meta.concrete_fields]
OLD = "at = at - interval '25 months'"


@pytest.fixture
def chain() -> Iterator[list[UUID]]:
    """Six rows below two seals."""
    keys = told(3)
    seal_until(keys)
    keys += told(3)
    seal_until(keys)
    return keys


def findings() -> list[str]:
    return verify().findings


def test_a_sound_chain_verifies_and_says_what_waits(chain: list[UUID]) -> None:
    found = verify()
    assert (found.findings, found.rows, found.purged_to) == ([], 6, 0)
    later = told(2)
    assert verify().waiting == 2
    seal_until(later)
    assert (verify().waiting, verify().rows) == (0, 8)


@pytest.mark.parametrize("column", ROW_COLUMNS)
def test_a_row_that_was_changed_in_any_column_is_named(chain: list[UUID], owner: Owner, column: str) -> None:
    owner.execute(
        f"UPDATE core_auditrow SET {column} = {_other('core_auditrow', column, owner)} WHERE id = %s", [chain[1]]
    )
    told_of = "\n".join(findings())
    assert str(chain[1]) in told_of
    assert str(chain[2]) not in told_of


@pytest.mark.parametrize("column", SEAL_COLUMNS)
def test_a_seal_that_was_changed_in_any_column_is_named(chain: list[UUID], owner: Owner, column: str) -> None:
    other = _other("core_auditseal", column, owner)
    owner.execute(f"UPDATE core_auditseal SET {column} = {other} WHERE number = 1")
    assert any(finding.startswith("seal ") for finding in findings())


def test_a_row_that_was_removed_is_named(chain: list[UUID], owner: Owner) -> None:
    owner.execute("DELETE FROM core_auditrow WHERE id = %s", [chain[4]])
    [finding] = findings()
    assert str(chain[4]) in finding
    assert "removed" in finding


def test_a_row_that_was_inserted_with_an_old_transaction_is_named(chain: list[UUID], owner: Owner) -> None:
    forged = new_id()
    names = ", ".join(column for column in ROW_COLUMNS if column != "id")
    owner.execute(
        f"INSERT INTO core_auditrow (id, {names}) SELECT %s, {names} FROM core_auditrow WHERE id = %s",
        [forged, chain[2]],
    )
    [finding] = findings()
    assert str(forged) in finding
    assert "inserted" in finding


def test_rows_that_changed_places_are_named(chain: list[UUID], owner: Owner) -> None:
    one, two = chain[0], chain[5]
    owner.execute("UPDATE core_auditrow SET id = %s WHERE id = %s", [new_id(), one])
    owner.execute("UPDATE core_auditrow SET id = %s WHERE id = %s", [one, two])
    told_of = "\n".join(findings())
    assert str(one) in told_of
    assert str(two) in told_of


def test_seals_that_changed_places_and_a_seal_taken_out_are_named(chain: list[UUID], owner: Owner) -> None:
    later = told(1)
    seal_until(later)
    for number, to in ((1, -1), (2, 1), (-1, 2)):
        owner.execute("UPDATE core_auditseal SET number = %s WHERE number = %s", [to, number])
    assert len(findings()) >= 3
    for number, to in ((1, -1), (2, 1), (-1, 2)):
        owner.execute("UPDATE core_auditseal SET number = %s WHERE number = %s", [to, number])
    assert findings() == []
    owner.execute("DELETE FROM core_auditseal WHERE number = 2")
    assert any("seal 3: a number before it is missing" in finding for finding in findings())


def test_a_chain_that_was_made_anew_is_told_from_the_head_kept_elsewhere(
    chain: list[UUID], owner: Owner, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("audit", "head")
    kept = capsys.readouterr().out.strip()
    call_command("audit", "verify", "--head", kept)
    assert "the chain verifies" in capsys.readouterr().out
    owner.execute("DELETE FROM core_auditseal")
    owner.execute("UPDATE core_auditrow SET verb = 'plan_run.discard' WHERE id = %s", [chain[0]])
    seal_until(chain)
    assert findings() == []
    with pytest.raises(SystemExit) as ended:
        call_command("audit", "verify", "--head", kept)
    assert ended.value.code == 1
    assert "kept" in capsys.readouterr().out


def test_the_command_names_the_row_and_exits_with_1(
    chain: list[UUID], owner: Owner, capsys: pytest.CaptureFixture[str]
) -> None:
    owner.execute("UPDATE core_auditrow SET changes = '{}' WHERE id = %s", [chain[3]])
    with pytest.raises(SystemExit) as ended:
        call_command("audit", "verify")
    assert ended.value.code == 1
    assert str(chain[3]) in capsys.readouterr().out


def test_a_transaction_that_commits_late_is_sealed_late(owner: Owner, worker_url: str) -> None:
    """Two real transactions: the older one commits second. Nothing is sealed past it, and it is not skipped."""
    first = told(1)
    seal_until(first)
    with psycopg.connect(worker_url) as older:
        older.execute("SET ROLE mes_planner")
        late = new_id()
        older.execute(
            "INSERT INTO core_auditrow (id, at, channel, verb, object_type, object_id, changes)"
            " VALUES (%s, clock_timestamp(), 'task', 'plan_run.publish', 'core.routine', %s, '{}')",
            [late, new_id()],
        )
        younger = told(1)
        assert settled_below() <= _transaction(owner, younger[0])
        seals.seal_all()
        assert sealed() == set(first)
        older.commit()
    seal_until([late, *younger])
    assert sealed() == {*first, late, *younger}
    assert findings() == []


def test_many_workers_seal_each_row_once() -> None:
    keys = told(12)
    seal_until(keys[:1])
    keys += told(20)
    at_once(4, lambda _number: seals.seal_next(most=5))
    seal_until(keys)
    found = verify()
    assert (found.findings, found.rows) == ([], 32)


def test_a_seal_takes_a_transaction_whole(owner: Owner) -> None:
    keys = told(4)
    same = owner.execute("SELECT min(transaction::text::bigint)::text FROM core_auditrow").fetchone()
    assert same is not None
    owner.execute("UPDATE core_auditrow SET transaction = %s::xid8", same)
    seal_until(keys)
    assert (findings(), verify().number) == ([], 1)


def test_a_database_that_was_restored_on_another_server_goes_on(owner: Owner) -> None:
    """There the numbers of transactions are lower than those sealed. What the dump held unsealed is sealed too."""
    elsewhere = "UPDATE core_auditrow SET cluster = 5, transaction = (transaction::text::bigint + %s)::text::xid8"
    before = told(3)
    owner.execute(elsewhere, [10**9])
    seal_until(before)
    left = told(2)
    owner.execute(f"{elsewhere} WHERE id = ANY(%s)", [2 * 10**9, left])
    later = told(2)
    seal_until([*left, *later])
    assert (findings(), verify().rows) == ([], 7)


def test_only_sealed_rows_whose_time_is_up_are_purged(chain: list[UUID], owner: Owner) -> None:
    owner.execute("DELETE FROM core_auditseal")
    owner.execute(f"UPDATE core_auditrow SET {OLD} WHERE id = ANY(%s)", [chain[:4]])
    assert seals.purge(actor=system_actor()) == 0  # not sealed: nothing goes
    seal_until(chain[:1])
    assert seals.purge(actor=system_actor()) == 0  # a younger row lies below the same seal
    later = told(1)
    seal_until(later)
    assert findings() == []


def test_a_purge_leaves_the_seals_and_the_chain_still_verifies(
    chain: list[UUID], owner: Owner, capsys: pytest.CaptureFixture[str]
) -> None:
    owner.execute("DELETE FROM core_auditseal")
    owner.execute(f"UPDATE core_auditrow SET {OLD}")
    seal_until(chain)
    young = told(2)
    seal_until(young)
    call_command("audit", "purge")
    assert "6 rows dropped" in capsys.readouterr().out
    with_purge = [key for (key,) in owner.execute("SELECT id FROM core_auditrow WHERE verb = 'audit.purge'")]
    assert len(with_purge) == 1
    call_command("audit", "verify")
    said = capsys.readouterr().out
    assert "have outlived their 6 rows" in said
    assert "the chain verifies" in said
    seal_until([UUID(str(key)) for key in with_purge])
    assert findings() == []
    owner.execute("DELETE FROM core_auditrow WHERE id = %s", [young[0]])
    assert [str(young[0]) in finding for finding in findings()] == [True]


def test_rows_that_are_too_young_cannot_be_passed_off_as_purged(chain: list[UUID], owner: Owner) -> None:
    """The planner's role can call the function that drops rows, and can add seals. Neither lets young rows go."""
    assert owner.execute("SELECT audit_rows_drop(99)").fetchone() == (0,)
    owner.execute("DELETE FROM core_auditrow WHERE id = ANY(%s)", [chain])
    _forge_a_purge(owner, through=2)
    assert any("too young" in finding for finding in findings())


@pytest.mark.parametrize("months", [5, 0, -1])
def test_less_than_six_months_are_refused(months: int) -> None:
    with pytest.raises(InvalidValue):
        seals.purge(actor=system_actor(), months=months)


def test_no_person_purges() -> None:
    with pytest.raises(NotPermitted):
        seals.purge(actor=staff_actor())


def _transaction(owner: Owner, key: UUID) -> int:
    row = owner.execute("SELECT transaction::text::bigint FROM core_auditrow WHERE id = %s", [key]).fetchone()
    assert row is not None
    return int(str(row[0]))


def _forge_a_purge(owner: Owner, *, through: int) -> None:
    """A seal as the purge makes it, with a sound hash."""
    last = owner.execute("SELECT number, hash FROM core_auditseal ORDER BY number DESC LIMIT 1").fetchone()
    assert last is not None
    link = {"id": new_id(), "number": int(str(last[0])) + 1, "previous": last[1], "purged_to": through}
    owner.execute(seals._SEAL_OF_A_PURGE, link)


def _other(table: str, column: str, owner: Owner) -> str:
    """SQL of another value for a column, whatever its type."""
    kind = owner.execute(
        "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = %s::regclass AND attname = %s",
        [table, column],
    ).fetchone()
    assert kind is not None
    others: dict[str, str] = {
        "uuid": "gen_random_uuid()",
        "timestamp with time zone": f"coalesce({column}, now()) + interval '1 microsecond'",
        "jsonb": f"'{json.dumps({'number': [0, 7]})}'::jsonb",
        "boolean": f"NOT {column}",
        "bigint": f"{column} + 1000",
        "xid8": f"({column}::text::bigint - 1)::text::xid8",
        "uuid[]": f"{column} || gen_random_uuid()",
        "bytea": f"sha256({column})",
        "bytea[]": f"array_replace({column}, {column}[1], {column}[2])",
    }
    name = str(kind[0])
    words: Any = others.get(name, f"overlay({column} placing 'x' from 1)") if not name.startswith("character") else None
    return words or f"'x' || substr({column}, 2)"
