"""The test database: a template migrated as owner, cloned per session, used by the suite as mes_web.

What tests committed is taken out of the clone again; where one changed the catalogue, a fresh clone takes its place.
Everything that makes and drops databases happens under one advisory lock of the server; a session also holds a lock
of its own on its clone's name, so that the next session recognises and drops the clones of dead ones.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from copy import deepcopy
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
from django.db import connection, connections, transaction
from psycopg import sql

from mes.core.management.commands.migrate import declared_statements
from mes.embedded.provision import open_for_logins, provision_database

CHECKOUT = Path(__file__).parents[1]
CODE = ("mes", "orders", "procurement", "production")
TEMPLATE_PREFIX = "mes_template_"
CLONE_PREFIX = "mes_test_"

Connection = psycopg.Connection[tuple[object, ...]]
Made = TypeVar("Made")

STRANGERS = """
    SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
    WHERE datname = %s AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
# Counted since the clone was made, by everybody who has left. Autovacuum keeps pg_statistic.
CATALOGUE_CHANGES = """
    SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) > 0 FROM pg_stat_sys_tables
    WHERE schemaname = 'pg_catalog' AND relname NOT LIKE 'pg_statistic%'
      AND relid NOT IN (SELECT oid FROM pg_class WHERE relisshared)
"""
TABLES_WITH_PAGES = """
    SELECT oid::regclass::text FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
"""
SEQUENCES = """
    SELECT format('%I.%I', schemaname, sequencename), coalesce(last_value, start_value), last_value IS NOT NULL
    FROM pg_sequences
"""


class TestDatabase:
    """A clone of the migrated template that lives as long as the test session."""

    __test__ = False

    def __init__(self) -> None:
        self.name = f"{CLONE_PREFIX}{uuid4().hex[:12]}"
        self._rows: dict[str, bytes] = {}
        self._sequences: dict[str, tuple[object, ...]] = {}
        self._kept: dict[str, object] = {}
        self._server = psycopg.connect(url_of("DATABASE_OWNER_URL", "postgres"), autocommit=True)
        self._lock(self.name)

    def create(self) -> None:
        """Drop what dead sessions left, make the template if the code changed, and clone it."""
        with self._alone():
            self._sweep()
            self._clone(_template(self._server))
        with self._owner() as owner:
            self._rows = {table: _copied(owner, table) for table in _with_pages(owner)}
            self._sequences = _sequences(owner)

    def renew(self) -> None:
        """As it was made, for the next test; who still hangs on it is cut off."""
        self._server.execute(STRANGERS, [self.name])
        with self._owner() as owner:
            restored = owner.execute(CATALOGUE_CHANGES).fetchone() == (False,)
            if restored:
                self._restore(owner)
        if not restored:
            with self._alone():
                self._drop(self.name)
                self._clone(_template(self._server))

    def filled(self, make: Callable[[TestDatabase], Made]) -> Made:
        """What a function commits to a fresh database, and what it gives: made once, a copy of it from then on.

        `renew` takes it out again.
        """
        name = f"{self.name}_{make.__name__}"
        if name in self._kept:
            self._refill(name)
        else:
            self._kept[name] = make(self)
            self._keep(name)
        return deepcopy(self._kept[name])  # type: ignore[return-value]

    def drop(self) -> None:
        """Remove the clone, and what was kept of it, and leave the server."""
        for name in (self.name, *self._kept):
            self._drop(name)
        self.leave()

    def leave(self) -> None:
        """Leave the server; a clone that is still there is the next session's to drop."""
        self._server.execute("SELECT pg_advisory_unlock_all()")  # close alone frees them later
        self._server.close()

    def url(self, variable: str) -> str:
        """The address in an environment variable, leading to this database."""
        return url_of(variable, self.name)

    def _owner(self) -> Connection:
        return psycopg.connect(self.url("DATABASE_OWNER_URL"))

    def _restore(self, owner: Connection) -> None:
        """Rows and sequences, below triggers and foreign keys."""
        owner.execute("SET LOCAL session_replication_role = replica")
        for table in _with_pages(owner) | self._rows.keys():
            owner.execute(f"DELETE FROM {table}")
            if rows := self._rows.get(table):
                with owner.cursor().copy(f"COPY {table} FROM STDIN") as into:
                    into.write(rows)
        for name, now in _sequences(owner).items():
            if now != self._sequences[name]:
                owner.execute("SELECT setval(%s, %s, %s)", [name, *self._sequences[name]])

    def _keep(self, name: str) -> None:
        close_connections()
        self._server.execute(STRANGERS, [self.name])
        self._lock(name)
        with self._alone():
            self._copy(self.name, to=name)

    def _refill(self, name: str) -> None:
        close_connections()
        self._server.execute(STRANGERS, [self.name])
        with self._alone():
            self._drop(self.name)
            self._clone(name)

    def _clone(self, template: str) -> None:
        self._copy(template, to=self.name)
        open_for_logins(self._server, self.name)

    def _copy(self, database: str, *, to: str) -> None:
        names = {"name": sql.Identifier(to), "template": sql.Identifier(database)}
        self._server.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {template}").format(**names))

    def _lock(self, name: str) -> None:
        """Says that the database is of a session that lives."""
        self._server.execute("SELECT pg_advisory_lock(hashtext(%s))", [name])

    def _drop(self, name: str) -> None:
        self._server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _sweep(self) -> None:
        for name in _databases(self._server, CLONE_PREFIX):
            if self._server.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [name]).fetchone() == (True,):
                if name != self.name:
                    self._drop(name)
                self._server.execute("SELECT pg_advisory_unlock(hashtext(%s))", [name])

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._server.execute("SELECT pg_advisory_lock(hashtext('mes.tests'))")
        try:
            yield
        finally:
            self._server.execute("SELECT pg_advisory_unlock(hashtext('mes.tests'))")


def _with_pages(owner: Connection) -> set[str]:
    return {str(table) for (table,) in owner.execute(TABLES_WITH_PAGES)}


def _sequences(owner: Connection) -> dict[str, tuple[object, ...]]:
    """The value of each, and whether it was given already."""
    return {str(name): (value, given) for name, value, given in owner.execute(SEQUENCES)}


def _copied(owner: Connection, table: str) -> bytes:
    with owner.cursor().copy(f"COPY {table} TO STDOUT") as out:
        return b"".join(bytes(part) for part in out)


def url_of(variable: str, database: str) -> str:
    """The address in an environment variable, leading to another database of the same server."""
    return urlunsplit(urlsplit(os.environ[variable])._replace(path=f"/{database}"))


def close_connections() -> None:
    """Give back this process's connections and its pool, so that the next query opens new ones."""
    connections.close_all()
    connection.close_pool()


@contextmanager
def as_owner() -> Iterator[None]:
    """Arrange rows that no working role may write, inside the test's own transaction.

    Only the test cluster lets mes_web become the owner. The role before is put back at the end.
    """
    with transaction.atomic():
        before = _switch("mes_owner")
        yield
        _switch(before)


def _switch(role: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('role'), set_config('role', %s, true)", [role])
        return str(cursor.fetchone()[0])


def _template(server: Connection) -> str:
    """Name of the template for the present code; the rename is what makes it one, so no half-made one is used."""
    name = TEMPLATE_PREFIX + _fingerprint()
    known = _databases(server, TEMPLATE_PREFIX)
    if name in known:
        return name
    for old in known:
        with suppress(psycopg.errors.ObjectInUse):
            server.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(old)))
    unfinished = f"{TEMPLATE_PREFIX}unfinished"
    provision_database(url=os.environ["DATABASE_OWNER_URL"], database=unfinished, fresh=True)
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=CHECKOUT,
        env=os.environ | {"DATABASE_URL": url_of("DATABASE_OWNER_URL", unfinished)},
        check=True,
    )
    server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(unfinished), sql.Identifier(name)))
    return name


def _databases(server: psycopg.Connection[tuple[object, ...]], prefix: str) -> list[str]:
    rows = server.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix])
    return [str(name) for (name,) in rows]


def _fingerprint() -> str:
    """A digest of what `migrate` makes a database of: provisioning, migrations, and what the models declare."""
    digest = hashlib.sha256()
    sources = [CHECKOUT / "requirements.lock", *(CHECKOUT / "mes" / "embedded").rglob("*")]
    sources += [path for folder in CODE for path in (CHECKOUT / folder).rglob("migrations/*.py")]
    for path in sorted(path for path in sources if path.suffix in {".lock", ".py", ".sql"}):
        digest.update(str(path.relative_to(CHECKOUT)).encode() + b"\0" + path.read_bytes() + b"\0")
    for statement in declared_statements():
        digest.update(statement.as_string(None).encode() + b"\0")
    return digest.hexdigest()[:16]
