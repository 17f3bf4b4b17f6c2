"""Debian's own PostgreSQL and Redis, on free ports of the loopback address, in a folder of their own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import which

from mes.embedded.errors import MachineLacks
from mes.embedded.postgres import Postgres, stop_postgres
from mes.embedded.standing import find_standing, recorded_elsewhere
from mes.embedded.valkey import Valkey, stop_valkey

CLUSTERS = Path("/usr/lib/postgresql")
LOWEST_VERSION = 15


@dataclass(frozen=True)
class Servers:
    """Addresses of the running servers, the database's as its administrator, and what they are."""

    admin_url: str
    redis_url: str
    postgres_version: str
    redis_version: str


@contextmanager
def debian_servers(folder: Path, *, postgres_password: str, redis_password: str) -> Iterator[Servers]:
    """Both servers for as long as the block runs. No cluster or service of the system's own is touched.

    Raises MachineLacks when one is not installed.
    """
    install, redis = _postgres_folder(), _redis_server()
    postgres = Postgres(standing=find_standing(home=folder, install=install), password=postgres_password)
    broker = Valkey(server=redis, folder=folder / "redis", password=redis_password)
    try:
        postgres.start()
        broker.start()
        yield Servers(
            admin_url=postgres.url(),
            redis_url=broker.url(),
            postgres_version=_said([str(install / "bin" / "postgres"), "--version"]).split()[2],
            redis_version=_said([str(redis), "--version"]).split("v=")[1].split()[0],
        )
    finally:
        stop_valkey(broker.folder)
        stop_postgres(folder / "postgres")
        if elsewhere := recorded_elsewhere(folder):
            stop_postgres(elsewhere / "postgres")


def _postgres_folder() -> Path:
    found = [path for path in CLUSTERS.glob("*") if path.name.isdigit() and (path / "bin" / "initdb").is_file()]
    fit = sorted((path for path in found if int(path.name) >= LOWEST_VERSION), key=lambda path: int(path.name))
    if not fit:
        raise MachineLacks(f"no PostgreSQL {LOWEST_VERSION} or later in {CLUSTERS}: apt-get install postgresql")
    return fit[0]  # the oldest: what it understands, a later one does


def _redis_server() -> Path:
    found = which("redis-server")
    if found is None:
        raise MachineLacks("no redis-server: apt-get install redis-server")
    return Path(found)


def _said(command: list[str]) -> str:
    return subprocess.run(command, env=os.environ, capture_output=True, text=True, check=True, timeout=30).stdout
