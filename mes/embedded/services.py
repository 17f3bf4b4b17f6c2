"""The services that a checkout needs for a purpose, started once and shared by all who run at the same time.

A purpose (``demo`` or ``test``) has a folder of its own under ``var/embedded`` with its own servers, because
the test servers grant rights that no others may. Whoever uses them holds a shared lock; the last one out stops
them.
"""

import fcntl
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from mes.embedded.binaries import postgres_folder, valkey_server
from mes.embedded.errors import MachineLacks
from mes.embedded.postgres import Postgres, stop_postgres
from mes.embedded.processes import living_in
from mes.embedded.provision import provision_database, provision_roles, role_url
from mes.embedded.secret_values import secret_values
from mes.embedded.standing import find_standing, recorded_elsewhere
from mes.embedded.valkey import Valkey, stop_valkey

CHECKOUT = Path(__file__).parents[2]
PURPOSES = ("demo", "test")
DATABASE = "mes"
LEAST_FREE_BYTES = 500_000_000
UNLIMITED = "1000000000"  # calls a minute in tests, which call as fast as they can
LOGIN_URLS = {"DATABASE_URL": "web", "DATABASE_WORKER_URL": "worker", "DATABASE_OWNER_URL": "owner"}


@dataclass
class Services:
    """PostgreSQL and Valkey of one purpose; ``DATABASE_URL`` and ``REDIS_URL`` in the environment replace them."""

    purpose: str
    checkout: Path = CHECKOUT
    database: str = DATABASE
    _lease: IO[str] | None = field(default=None, init=False)
    _servers: dict[Path, Postgres | Valkey] = field(default_factory=dict, init=False)

    @property
    def home(self) -> Path:
        """The folder of everything that belongs to this purpose."""
        return self.checkout / "var" / "embedded" / self.purpose

    def acquire(self) -> dict[str, str]:
        """Start what is needed, provision the database, and return the environment for the application.

        Raises MachineLacks or ServiceFailed; ``release`` also stops what was started by then.
        """
        self.make_home()
        with self._alone():
            environment = self._started()
            self._lease = (self.home / "users").open("a")
            fcntl.flock(self._lease, fcntl.LOCK_SH)
        return environment

    def heal(self) -> dict[str, str] | None:
        """Start servers again that have died; the environment then, which may have changed, else None.

        Raises MachineLacks or ServiceFailed.
        """
        if all(server.lives() for server in self._servers.values()):
            return None
        with self._alone():
            return self._started()

    def release(self) -> None:
        """Give the services back; the last user stops them."""
        if not (self.home / "lock").exists():
            return
        with self._alone():
            if self._lease is not None:
                self._lease.close()
                self._lease = None
            self._stop_if_last()

    def pids(self) -> list[int]:
        """Process ids of the servers that ``acquire`` started or found running."""
        return [pid for folder in self._servers for pid in living_in(folder)]

    def stop(self) -> None:
        """Stop what runs, whoever uses it."""
        if self.home.is_dir():
            with self._alone():
                self._stop()

    def _started(self) -> dict[str, str]:
        """Servers running and provisioned, and where they are; called under the lock of ``_alone``."""
        values = secret_values(self.home)
        environment = self._database_urls(values) | self._redis_url(values)
        keys = {name: values[name] for name in ("SECRET_KEY", "API_KEY_PEPPER")}
        unlimited = {"API_CALLS_PER_MINUTE": UNLIMITED} if self.purpose == "test" else {}
        return environment | keys | unlimited | {"MES_ENVIRONMENT": self.purpose}

    def _database_urls(self, values: dict[str, str]) -> dict[str, str]:
        given = {name: os.environ[name] for name in LOGIN_URLS if os.environ.get(name)}
        if len(given) == len(LOGIN_URLS):
            return given  # provisioned by somebody else
        admin_url = given.get("DATABASE_URL") or self._start_postgres(values)
        provision_roles(admin_url=admin_url, passwords=values, environment=self.purpose)
        provision_database(url=admin_url, database=self.database)
        return {
            name: role_url(
                admin_url,
                role=f"mes_{login}",
                password=values[f"MES_{login.upper()}_PASSWORD"],
                database=self.database,
            )
            for name, login in LOGIN_URLS.items()
        }

    def _redis_url(self, values: dict[str, str]) -> dict[str, str]:
        if url := os.environ.get("REDIS_URL"):
            return {"REDIS_URL": url}
        valkey = Valkey(server=valkey_server(), folder=self.home / "valkey", password=values["VALKEY_PASSWORD"])
        valkey.start()
        self._servers[valkey.folder] = valkey
        return {"REDIS_URL": valkey.url()}

    def _start_postgres(self, values: dict[str, str]) -> str:
        self._check_disk()
        postgres = self._postgres(values)
        if postgres.standing.note:
            print(postgres.standing.note, file=sys.stderr)
        postgres.start()
        self._servers[postgres.data] = postgres
        return postgres.url()

    def _postgres(self, values: dict[str, str]) -> Postgres:
        return Postgres(
            standing=find_standing(home=self.home, install=postgres_folder()),
            password=values["POSTGRES_PASSWORD"],
            volatile=self.purpose == "test",
        )

    def _stop_if_last(self) -> None:
        """Stop unless somebody else holds the services; called under the lock of ``_alone``."""
        with (self.home / "users").open("a") as users:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            self._stop()

    def _stop(self) -> None:
        stop_valkey(self.home / "valkey")
        stop_postgres(self.home / "postgres")
        if elsewhere := recorded_elsewhere(self.home):
            stop_postgres(elsewhere / "postgres")

    def make_home(self) -> None:
        """Make the folder of this purpose. Raises MachineLacks when that is not possible."""
        try:
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self.home / "lock", os.O_WRONLY | os.O_CREAT, 0o600))
        except OSError as error:
            raise MachineLacks(f"{self.home} cannot be written: {error.strerror}") from error

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Only one process at a time starts or stops services of this purpose in this checkout."""
        with (self.home / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _check_disk(self) -> None:
        free = shutil.disk_usage(self.home).free
        if free < LEAST_FREE_BYTES:
            raise MachineLacks(
                f"{self.home} has {free // 1_000_000} MB of disk left, {LEAST_FREE_BYTES // 1_000_000} MB are needed"
            )
