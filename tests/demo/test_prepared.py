"""What is prepared for `make serve`, and what is left alone. The making itself is tested in tests/flows."""

from __future__ import annotations

import io
import stat
from pathlib import Path

import psycopg
import pytest

from mes.demo import kept
from mes.demo.board import Board
from mes.demo.database import identity_of, kind_of
from mes.demo.errors import MachineLacks
from mes.demo.kept import Kept
from mes.demo.prepared import prepare
from tests.database import TestDatabase

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("reset", [False, True])
def test_a_database_that_is_no_demos_is_left_alone(
    test_database: TestDatabase, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, reset: bool
) -> None:
    monkeypatch.setenv("DATABASE_URL", test_database.url("DATABASE_URL"))
    before = identity_of(test_database.name)
    with pytest.raises(MachineLacks, match="is no demo's database"):
        prepare(board=Board(io.StringIO()), folder=tmp_path, url="http://127.0.0.1:1", reset=reset)
    assert identity_of(test_database.name) == before
    assert list(tmp_path.iterdir()) == []


def test_kinds_of_databases(test_database: TestDatabase, owner: psycopg.Connection[tuple[object, ...]]) -> None:
    assert kind_of("postgres") is None
    assert kind_of(test_database.name) == ""
    owner.execute("INSERT INTO core_installation (id, kind) VALUES (1, 'demo')")
    assert kind_of(test_database.name) == "demo"
    assert identity_of(test_database.name) != identity_of("postgres")


def test_what_is_kept_is_private_and_read_again(tmp_path: Path) -> None:
    assert kept.read(tmp_path) == Kept()
    first = Kept(database=7, passwords={"admin": "secret"}, keys={"F01": "mes_x"})
    kept.keep(first, tmp_path)
    kept.keep(first, tmp_path)
    assert kept.read(tmp_path) == first
    (path,) = tmp_path.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_digests_tell_one_code_from_another() -> None:
    migrations = kept.migrations_digest()
    assert migrations["core.0001_initial"] != migrations["firms.0001_initial"]
    assert kept.code_digest() == kept.code_digest()
    assert kept.files_digest() == kept.files_digest()
