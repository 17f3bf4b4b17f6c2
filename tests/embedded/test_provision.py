"""Roles and databases that ``roles.sql`` makes, on a server given by DATABASE_URL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from mes.embedded.provision import role_url
from mes.embedded.secret_values import secret_values
from tests.embedded.checkout import SHOW_ENVIRONMENT, USERS, Checkout, checkout_for

LOGINS = ["mes_owner", "mes_web", "mes_worker"]
WORKING = ["mes_exchange", "mes_firm", "mes_planner", "mes_staff"]
WEB = {("mes_exchange", "mes_web"), ("mes_firm", "mes_web"), ("mes_staff", "mes_web")}
WORKER = {(role, "mes_worker") for role in WORKING}
OWNER = {("pg_signal_backend", "mes_owner")}
PASSWORDS = {
    "MES_OWNER_PASSWORD": "owner's password/with:marks@",
    "MES_WEB_PASSWORD": "web-password",
    "MES_WORKER_PASSWORD": "worker-password",
}


@pytest.fixture(scope="module")
def server(reachable_python: str) -> Iterator[str]:
    """Superuser's address of a server that somebody else runs."""
    with checkout_for(USERS[0], python=reachable_python) as somebody, somebody.running() as environment:
        password = secret_values(somebody.home)["POSTGRES_PASSWORD"]
        yield role_url(environment["DATABASE_URL"], role="postgres", password=password, database="postgres")


@pytest.fixture(scope="module")
def client(reachable_python: str, server: str) -> Iterator[Checkout]:
    """A checkout that is told to use that server."""
    with checkout_for(USERS[0], python=reachable_python) as checkout:
        given = {"DATABASE_URL": server, "MES_ENVIRONMENT": "demo", **PASSWORDS}
        yield replace(checkout, environment=checkout.environment | given)


@pytest.fixture
def admin(server: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(server, autocommit=True) as connection:
        yield connection


def test_roles_have_exactly_their_attributes(client: Checkout, admin: psycopg.Connection[tuple[object, ...]]) -> None:
    _provision(client)
    rows = admin.execute(
        "SELECT rolname, rolcanlogin, rolinherit, rolcreatedb FROM pg_roles WHERE rolname LIKE 'mes%' ORDER BY 1"
    ).fetchall()
    assert [(name, login) for name, login, _, _ in rows] == sorted(
        [(name, True) for name in LOGINS] + [(name, False) for name in WORKING]
    )
    assert {name for name, _, inherits, _ in rows if not inherits} == {"mes_web", "mes_worker"}
    assert [name for name, _, _, creates in rows if creates] == ["mes_owner"]
    mighty = "SELECT rolname FROM pg_roles WHERE rolname LIKE 'mes%' AND"
    assert admin.execute(f"{mighty} (rolsuper OR rolbypassrls OR rolcreaterole OR rolreplication)").fetchall() == []


@pytest.mark.parametrize(
    ("environment", "more", "owner_makes_databases"),
    [
        ("demo", OWNER, True),
        ("test", OWNER | {("mes_owner", "mes_web")}, True),
        ("production", set(), False),
    ],
)
def test_memberships_are_exactly_those_of_the_environment(
    client: Checkout,
    admin: psycopg.Connection[tuple[object, ...]],
    environment: str,
    more: set[tuple[str, str]],
    owner_makes_databases: bool,
) -> None:
    for before in ("test", environment):
        _provision(client, MES_ENVIRONMENT=before)
    assert _memberships(admin) == WEB | WORKER | more
    created = admin.execute("SELECT rolcreatedb FROM pg_roles WHERE rolname = 'mes_owner'").fetchone()
    assert created == (owner_makes_databases,)
    below_triggers = "SELECT has_parameter_privilege('mes_owner', 'session_replication_role', 'SET')"
    assert admin.execute(below_triggers).fetchone() == (environment == "test",)


def test_a_login_has_no_right_of_its_working_roles_until_it_takes_one(client: Checkout, server: str) -> None:
    _provision(client, MES_ENVIRONMENT="test")
    with psycopg.connect(_login(server, "mes_owner"), autocommit=True) as owner:
        owner.execute("CREATE TABLE IF NOT EXISTS firms_only AS SELECT 1 AS answer")
        owner.execute("GRANT SELECT ON firms_only TO mes_firm")
    with psycopg.connect(_login(server, "mes_web"), autocommit=True) as web:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            web.execute("SELECT answer FROM firms_only")
        web.execute("SET ROLE mes_firm")
        assert web.execute("SELECT answer FROM firms_only").fetchone() == (1,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            web.execute("SET ROLE mes_planner")


def test_what_was_changed_by_hand_is_put_right(
    client: Checkout, admin: psycopg.Connection[tuple[object, ...]], server: str
) -> None:
    _provision(client)
    admin.execute("ALTER ROLE mes_web BYPASSRLS CREATEDB INHERIT PASSWORD 'other'")
    admin.execute("GRANT mes_planner TO mes_web; GRANT mes_firm TO mes_web; REVOKE mes_staff FROM mes_worker")
    _provision(client)
    assert _memberships(admin) == WEB | WORKER | OWNER
    found = admin.execute(
        "SELECT rolbypassrls, rolcreatedb, rolinherit FROM pg_roles WHERE rolname = 'mes_web'"
    ).fetchone()
    assert found == (False, False, False)
    with psycopg.connect(_login(server, "mes_web")) as web:
        assert web.execute("SELECT pg_has_role('mes_firm', 'USAGE')").fetchone() == (False,)


def test_provisioning_twice_keeps_the_database_and_fresh_makes_a_new_one(client: Checkout, server: str) -> None:
    _provision(client, "--database", "twice")
    owner_url = role_url(server, role="mes_owner", password=PASSWORDS["MES_OWNER_PASSWORD"], database="twice")
    with psycopg.connect(owner_url) as owner:
        owner.execute("CREATE TABLE kept AS SELECT 1")
    _provision(client, "--database", "twice")
    with psycopg.connect(owner_url) as owner:
        assert owner.execute("SELECT to_regclass('kept') IS NULL").fetchone() == (False,)
    _provision(client, "--database", "twice", "--fresh")
    with psycopg.connect(owner_url) as owner:
        assert owner.execute("SELECT to_regclass('kept') IS NULL").fetchone() == (True,)


def test_the_owner_alone_makes_a_fresh_database_and_cuts_off_who_uses_the_old_one(
    client: Checkout, server: str
) -> None:
    _provision(client)
    owner = {"DATABASE_OWNER_URL": _login(server, "mes_owner"), "DATABASE_URL": _login(server, "mes_web")}
    _provision(client, "--database", "replaced", **owner)
    web_url = role_url(server, role="mes_web", password=PASSWORDS["MES_WEB_PASSWORD"], database="replaced")
    with psycopg.connect(web_url) as web:
        _provision(client, "--database", "replaced", "--fresh", **owner)
        with pytest.raises(psycopg.OperationalError):
            web.execute("SELECT 1")
    with psycopg.connect(web_url) as web:
        assert web.execute("SELECT 1").fetchone() == (1,)


def test_only_the_logins_enter_the_database_and_nobody_makes_anything_in_it(
    client: Checkout, admin: psycopg.Connection[tuple[object, ...]], server: str
) -> None:
    _provision(client)
    rows = admin.execute(
        "SELECT rolname FROM pg_roles WHERE has_database_privilege(oid, 'mes', 'CONNECT') AND NOT rolsuper"
    )
    assert {name for (name,) in rows} == set(LOGINS)
    with psycopg.connect(role_url(server, role="postgres", password=_password(server), database="mes")) as inside:
        rows = inside.execute(
            "SELECT rolname FROM pg_roles WHERE NOT rolsuper AND (has_schema_privilege(oid, 'public', 'CREATE')"
            " OR has_database_privilege(oid, 'mes', 'TEMPORARY'))"
        )
        assert {name for (name,) in rows} - {"pg_database_owner"} == {"mes_owner"}
        rows = inside.execute("SELECT extname, extowner::regrole::text FROM pg_extension WHERE extname = 'btree_gist'")
        assert rows.fetchall() == [("btree_gist", "mes_owner")]
    with psycopg.connect(_login(server, "mes_owner"), autocommit=True) as owner:
        owner.execute("CREATE OR REPLACE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    with psycopg.connect(_login(server, "mes_web")) as web, pytest.raises(psycopg.errors.InsufficientPrivilege):
        web.execute("SELECT mine()")


def test_run_uses_the_given_server_and_starts_no_postgres(client: Checkout, server: str) -> None:
    environment = client.run_python(SHOW_ENVIRONMENT)
    assert environment["DATABASE_URL"] == _login(server, "mes_web")
    assert environment["DATABASE_OWNER_URL"] == _login(server, "mes_owner")
    assert not client.data.exists()


def test_passwords_that_nobody_gave_are_kept_for_the_next_time(client: Checkout, server: str) -> None:
    without = dict.fromkeys(PASSWORDS, "")
    first = client.run_python(SHOW_ENVIRONMENT, **without)
    with psycopg.connect(first["DATABASE_URL"]) as web:
        assert web.execute("SELECT session_user").fetchone() == ("mes_web",)
    assert client.run_python(SHOW_ENVIRONMENT, **without)["DATABASE_URL"] == first["DATABASE_URL"]


def test_all_passwords_may_come_from_files_and_then_nothing_is_written(
    client: Checkout, server: str, tmp_path: Path
) -> None:
    tmp_path.chmod(0o755)
    files = {}
    for name, password in {**PASSWORDS, "DATABASE_PASSWORD": _password(server)}.items():
        (tmp_path / name).write_text(f"{password}\n")
        files |= {name: "", f"{name}_FILE": str(tmp_path / name)}
    admin_url = role_url(server, role="postgres", password="", database="postgres").replace(":@", "@")
    written = client.home.exists()
    _provision(client, DATABASE_URL=admin_url, **files)
    assert client.home.exists() == written
    with psycopg.connect(_login(server, "mes_worker")) as worker:
        assert worker.execute("SELECT session_user").fetchone() == ("mes_worker",)
    done = client.launch("provision", **(files | {"MES_WEB_PASSWORD_FILE": str(tmp_path / "nowhere")}))
    assert (done.returncode, done.stderr) == (2, "MES_WEB_PASSWORD_FILE cannot be read: No such file or directory\n")


def test_refusals_are_one_plain_line(client: Checkout, server: str) -> None:
    _provision(client)
    cases = [
        ({"MES_ENVIRONMENT": "production"}, ["--fresh"], 1, "--fresh drops a database"),
        ({}, ["--database", "postgres"], 1, "postgres is the server's own database"),
        ({"DATABASE_URL": ""}, [], 2, "set DATABASE_URL to an administrator's address"),
        ({"DATABASE_URL": _login(server, "mes_owner")}, [], 2, "DATABASE_URL must be a superuser's address"),
        ({"DATABASE_URL": "postgresql://postgres:x@127.0.0.1:9/postgres"}, [], 2, "no connection to the database"),
    ]
    for environment, arguments, code, words in cases:
        done = client.launch("provision", *arguments, **environment)
        assert (done.returncode, words in done.stderr.splitlines()[-1]) == (code, True), done.stderr
        assert "Traceback" not in done.stderr


def test_a_database_of_somebody_else_is_left_alone(
    client: Checkout, admin: psycopg.Connection[tuple[object, ...]]
) -> None:
    admin.execute("CREATE DATABASE theirs")
    done = client.launch("provision", "--database", "theirs", "--fresh")
    assert (done.returncode, "belongs to postgres" in done.stderr) == (1, True)


def _provision(client: Checkout, *arguments: str, **environment: str) -> None:
    done = client.launch("provision", *arguments, **environment)
    assert done.returncode == 0, done.stderr


def _login(server: str, role: str) -> str:
    password = PASSWORDS[f"{role.upper()}_PASSWORD"]
    return role_url(server, role=role, password=password, database="mes")


def _password(server: str) -> str:
    return server.split(":")[2].split("@")[0]


def _memberships(admin: psycopg.Connection[tuple[object, ...]]) -> set[tuple[object, ...]]:
    rows = admin.execute(
        "SELECT roleid::regrole::text, member::regrole::text FROM pg_auth_members"
        " WHERE member::regrole::text LIKE 'mes%' OR roleid::regrole::text LIKE 'mes%'"
    )
    return {(role, member) for role, member in rows if member != "postgres"}
