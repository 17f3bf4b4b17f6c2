"""The demo's own database: made as its owner, lived in as the web's login, dropped at the end."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
from django.conf import settings
from django.db import connection, connections
from psycopg import sql

from mes.core.choices import InstallationKind
from mes.demo.errors import MachineLacks, StepFailed

PREFIX = "mes_demo_"
NEEDED = ("DATABASE_URL", "DATABASE_WORKER_URL", "DATABASE_OWNER_URL", "REDIS_URL")
LACKS = 2


def require_environment(environment: Mapping[str, str]) -> None:
    """Raises MachineLacks, naming what is not set, or an environment whose databases must not come and go."""
    missing = [name for name in NEEDED if not environment.get(name)]
    if missing:
        raise MachineLacks(f"{', '.join(missing)} not set; `make demo` starts the services and sets them")
    if settings.ENVIRONMENT == "production":
        raise MachineLacks("the demo makes a database of its own; set MES_ENVIRONMENT to demo")


def address(variable: str, database: str) -> str:
    """The address in an environment variable, leading to another database of the same server."""
    return urlunsplit(urlsplit(os.environ[variable])._replace(path=f"/{database}"))


@contextmanager
def own_database(*, keep: bool) -> Iterator[str]:
    """A fresh, provisioned database, and this process's connections led to it. Yields its name.

    What demos that died have left behind is dropped as well: a living one holds a lock on its database's name.
    Raises MachineLacks when there is no server.
    """
    name = f"{PREFIX}{uuid4().hex[:8]}"
    with _server() as server:
        server.execute("SELECT pg_advisory_lock(hashtext(%s))", [name])
        _drop_abandoned(server)
        try:
            _provision(name)
            with _led_to(name):
                yield name
        finally:
            if not keep:
                _drop(server, name)


def migrate(name: str) -> None:
    """Tables and walls, as owner and in a process of its own: this one must not hold the owner's rights."""
    _run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        environment={"DATABASE_URL": address("DATABASE_OWNER_URL", name)},
        step="migrate",
    )


def set_clock(name: str, *, business_at: datetime) -> None:
    """The row that makes this a demo database whose business clock stands at `business_at`; only the owner may.

    Again: the clock is put there.
    """
    with psycopg.connect(address("DATABASE_OWNER_URL", name)) as owner:
        owner.execute(
            "INSERT INTO core_installation (id, kind, business_at) VALUES (1, %s, %s)"
            " ON CONFLICT (id) DO UPDATE SET business_at = excluded.business_at",
            [InstallationKind.DEMO.value, business_at],
        )


def kind_of(name: str) -> str | None:
    """What kind of database `name` is by its clock row: "" for tables without such a row, None for no tables."""
    with psycopg.connect(address("DATABASE_OWNER_URL", name)) as owner:
        if owner.execute("SELECT to_regclass('public.core_installation')").fetchone() == (None,):
            return None if owner.execute("SELECT to_regclass('public.django_migrations')").fetchone() == (None,) else ""
        row = owner.execute("SELECT kind FROM core_installation").fetchone()
    return str(row[0]) if row else ""


def identity_of(name: str) -> int:
    """A number that a database of another making does not have on this server."""
    with psycopg.connect(address("DATABASE_OWNER_URL", name)) as owner:
        row = owner.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()
    assert row is not None
    return int(row[0])


def rename(name: str, *, to: str) -> None:
    """Lets the finished database `name` take the place of `to`, which is dropped. Nobody may be connected to `name`."""
    _close()
    with _server() as server:
        _drop(server, to)
        server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(to)))


@contextmanager
def _server() -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    url = address("DATABASE_OWNER_URL", "postgres")
    try:
        server = psycopg.connect(url, autocommit=True, connect_timeout=10)
    except psycopg.OperationalError as error:
        place = urlsplit(url).netloc.rpartition("@")[2]
        raise MachineLacks(f"no connection to the database server {place}: {' '.join(str(error).split())}") from error
    with server:
        yield server


def _provision(name: str) -> None:
    _run(
        [sys.executable, "-m", "mes.embedded", "provision", "--database", name, "--fresh"],
        environment={},
        step="provision",
    )


def _run(command: list[str], *, environment: Mapping[str, str], step: str) -> None:
    done = subprocess.run(  # noqa: S603 - fixed commands of this checkout
        command,
        cwd=settings.BASE_DIR,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode == 0:
        return
    said = done.stderr.strip().splitlines() or [""]
    if done.returncode == LACKS:
        raise MachineLacks(said[-1])
    print(done.stderr, file=sys.stderr)
    raise StepFailed(step, f"exit {done.returncode}", "exit 0")


@contextmanager
def _led_to(name: str) -> Iterator[None]:
    """Django's one connection leads to `name`; nothing was connected before, and the pool is closed afterwards."""
    before = connection.settings_dict["NAME"]
    _close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        _close()
        connection.settings_dict["NAME"] = before


def _close() -> None:
    connections.close_all()
    close_pool = getattr(connection, "close_pool", None)
    if close_pool is not None:
        close_pool()


def _drop_abandoned(server: psycopg.Connection[tuple[object, ...]]) -> None:
    rows = server.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX]).fetchall()
    for (name,) in rows:
        if server.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [name]).fetchone() == (True,):
            _drop(server, str(name))
            server.execute("SELECT pg_advisory_unlock(hashtext(%s))", [name])


def _drop(server: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def log_folder() -> Path:
    """Where the demo's processes write what they have to say."""
    folder = Path(settings.BASE_DIR) / "var"
    folder.mkdir(exist_ok=True)
    return folder
