"""Roles and databases, from the one template ``roles.sql``. May be run again at any time."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from mes.embedded.errors import MachineLacks, ServiceFailed

TEMPLATE = Path(__file__).with_name("roles.sql")
LOWEST_VERSION = 150000
TRANSIENT = ("demo", "test", "development")  # environments whose databases come and go
MEMBERSHIPS = (
    "mes_firm mes_web",
    "mes_staff mes_web",
    "mes_exchange mes_web",
    "mes_firm mes_worker",
    "mes_staff mes_worker",
    "mes_planner mes_worker",
    "mes_exchange mes_worker",
)
# The owner ends what still hangs on a database that it drops.
TRANSIENT_MEMBERSHIPS = (*MEMBERSHIPS, "pg_signal_backend mes_owner")
# Tests arrange data inside their own transaction as the owner; without SET ROLE mes_web has no such right.
TEST_MEMBERSHIPS = (*TRANSIENT_MEMBERSHIPS, "mes_owner mes_web")
BELOW_TRIGGERS = "GRANT SET ON PARAMETER session_replication_role TO mes_owner"
NOT_BELOW_TRIGGERS = "REVOKE SET ON PARAMETER session_replication_role FROM mes_owner"
ROLE_PASSWORDS = ("MES_OWNER_PASSWORD", "MES_WEB_PASSWORD", "MES_WORKER_PASSWORD")
NOT_OURS = ("postgres", "template0", "template1")


def provision_roles(*, admin_url: str, passwords: Mapping[str, str], environment: str) -> None:
    """Make or correct the seven roles of the cluster that ``admin_url``, a superuser's address, leads to.

    ``passwords`` has those of ROLE_PASSWORDS. In the environments
    ``demo``, ``test`` and ``development`` the owner may make and drop databases; in ``test`` mes_web may become
    the owner, and the owner may write below triggers.
    Raises MachineLacks when the server is too old, cannot be reached, or the address is no superuser's.
    """
    with _connected(_with_database(admin_url, "postgres")) as connection:
        superuser = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
        if superuser != (True,):
            raise MachineLacks("DATABASE_URL must be a superuser's address: roles are made through it")
        memberships = {"test": TEST_MEMBERSHIPS}.get(
            environment, TRANSIENT_MEMBERSHIPS if environment in TRANSIENT else MEMBERSHIPS
        )
        values: dict[str, sql.Composable] = {
            "createdb": sql.SQL("CREATEDB" if environment in TRANSIENT else "NOCREATEDB"),
            "memberships": sql.Literal(list(memberships)),
            "below_triggers": sql.SQL(BELOW_TRIGGERS if environment == "test" else NOT_BELOW_TRIGGERS),
        }
        for login in ("owner", "web", "worker"):
            verifier = _verifier(connection, f"mes_{login}", passwords[f"MES_{login.upper()}_PASSWORD"])
            values[f"{login}_password"] = sql.Literal(verifier)
        with _alone(connection):
            connection.execute(_section("cluster").format(**values))


def provision_database(*, url: str, database: str, fresh: bool = False) -> None:
    """Make ``database``, owned by mes_owner, and give it schema rights and extension.

    ``url`` is a superuser's address, or mes_owner's where it may make databases; the roles must be there.
    ``fresh`` drops a database of that name first. Raises ServiceFailed when it belongs to somebody else.
    """
    if database in NOT_OURS:
        raise ServiceFailed(f"{database} is the server's own database; choose another name")
    with _connected(_with_database(url, "postgres")) as connection, _alone(connection):
        owner = connection.execute(
            "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = %s", [database]
        ).fetchone()
        if owner is not None and owner != ("mes_owner",):
            raise ServiceFailed(f"the database {database} belongs to {owner[0]}, not to mes_owner")
        if owner is not None and fresh:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))
        if owner is None or fresh:
            _create(connection, database)
    with _connected(_with_database(url, database)) as connection, _alone(connection):
        connection.execute("SET ROLE mes_owner")
        connection.execute(_section("database"))
        open_for_logins(connection, database)


def open_for_logins(connection: psycopg.Connection[tuple[object, ...]], database: str) -> None:
    """Let the two login roles, and nobody else, connect to ``database``; as its owner."""
    connection.execute(_section("connect").format(database=sql.Identifier(database)))


def role_url(url: str, *, role: str, password: str, database: str) -> str:
    """The address ``url`` with another user, password and database; host, port and options stay."""
    parts = urlsplit(_with_database(url, database))
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(role)}:{quote(password, safe='')}@{place}"))


def with_password(url: str, password: str) -> str:
    """The address ``url`` with a password, where it holds none and there is one."""
    parts = urlsplit(url)
    user, at, place = parts.netloc.rpartition("@")
    if not password or not at or ":" in user:
        return url
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{place}"))


def _with_database(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{quote(database, safe='')}"))


def _section(name: str) -> sql.SQL:
    """The statements of roles.sql between the line ``-- [name]`` and the next such line."""
    after = TEMPLATE.read_text().split(f"-- [{name}]", 1)[1]
    return sql.SQL(after.split("\n", 1)[1].split("\n-- [", 1)[0])


def _create(connection: psycopg.Connection[tuple[object, ...]], database: str) -> None:
    """Create the database with a locale that sorts by code point, so that every server sorts alike."""
    known = connection.execute(
        "SELECT EXISTS (SELECT FROM pg_collation WHERE collname IN ('C.utf8', 'C.UTF-8') AND collprovider = 'c')"
    ).fetchone()
    connection.execute(
        sql.SQL(
            "CREATE DATABASE {} OWNER mes_owner TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE {} LC_CTYPE {}"
        ).format(sql.Identifier(database), *[sql.Literal("C.UTF-8" if known == (True,) else "C")] * 2)
    )


def _verifier(connection: psycopg.Connection[tuple[object, ...]], role: str, password: str) -> str:
    """The SCRAM verifier of a password, made here so that no log of the server ever shows the password."""
    made = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    return made.decode()


@contextmanager
def _connected(url: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    try:
        connection = psycopg.connect(url, autocommit=True, connect_timeout=10)
    except psycopg.OperationalError as error:
        place = urlsplit(url).netloc.rpartition("@")[2]
        raise MachineLacks(f"no connection to the database server {place}: {_one_line(error)}") from error
    with connection:
        if connection.info.server_version < LOWEST_VERSION:
            raise MachineLacks(f"PostgreSQL 15 or later is needed, the server has {connection.info.server_version}")
        try:
            yield connection
        except psycopg.Error as error:
            raise ServiceFailed(f"the database server refused: {_one_line(error)}") from error


@contextmanager
def _alone(connection: psycopg.Connection[tuple[object, ...]]) -> Iterator[None]:
    """One provisioning at a time in this database: two would stumble over the same catalogue rows."""
    connection.execute("SELECT pg_advisory_lock(hashtext('mes.provision'))")
    try:
        yield
    finally:
        connection.execute("SELECT pg_advisory_unlock(hashtext('mes.provision'))")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
