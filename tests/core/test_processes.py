"""What a process does before it works: rights, settings, forks."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from mes.settings.environment import Environment
from tests.database import TestDatabase, url_of

CHECKOUT = Path(__file__).parents[2]
LACKS = 2  # what a command says when the machine or its settings lack something


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=CHECKOUT,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("variable", ["DATABASE_URL", "DATABASE_WORKER_URL"])
def test_a_command_runs_with_a_working_login(test_database: TestDatabase, variable: str) -> None:
    done = run("manage.py", "shell", "-c", "pass", DATABASE_URL=test_database.url(variable))
    assert (done.returncode, done.stderr) == (0, "")


def test_a_command_refuses_the_owner_with_a_plain_sentence(test_database: TestDatabase) -> None:
    done = run("manage.py", "shell", "-c", "pass", DATABASE_URL=test_database.url("DATABASE_OWNER_URL"))
    assert done.returncode == LACKS
    assert "mes_owner owns the database" in done.stderr
    assert "needs a working login" in done.stderr
    assert "Traceback" not in done.stderr


def test_outside_tests_a_login_that_may_become_the_owner_is_refused_too(test_database: TestDatabase) -> None:
    url = test_database.url("DATABASE_URL")
    done = run("manage.py", "shell", "-c", "pass", DATABASE_URL=url, MES_ENVIRONMENT="production")
    assert done.returncode == LACKS
    assert "mes_web owns the database" in done.stderr


@pytest.mark.parametrize("command", [("worker", "--pool", "solo", "--without-heartbeat"), ("beat",)])
def test_worker_and_beat_refuse_the_owner(
    test_database: TestDatabase, tmp_path: Path, command: tuple[str, ...]
) -> None:
    # Beat deletes a schedule file that it cannot read: it gets one of its own.
    schedule = ("--schedule", str(tmp_path / "schedule")) if command == ("beat",) else ()
    url = test_database.url("DATABASE_OWNER_URL")
    done = run("-m", "celery", "-A", "mes.celery", *command, *schedule, DATABASE_URL=url)
    assert done.returncode == 1
    assert "owns the database" in done.stderr


def test_the_web_refuses_the_owner(test_database: TestDatabase) -> None:
    done = run("-c", "import mes.wsgi", DATABASE_URL=test_database.url("DATABASE_OWNER_URL"))
    assert done.returncode == 1
    assert "owns the database" in done.stderr


def test_a_database_that_cannot_be_reached_is_told_in_one_sentence() -> None:
    done = run("manage.py", "shell", "-c", "pass", DATABASE_URL="postgres://mes_web:x@127.0.0.1:1/mes")
    assert done.returncode == LACKS
    assert "cannot be reached" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_database_is_told_too() -> None:
    done = run("manage.py", "shell", "-c", "pass", DATABASE_URL=url_of("DATABASE_URL", "mes_nowhere"))
    assert done.returncode == LACKS
    assert "mes_nowhere" in done.stderr


def environment(**values: str) -> Environment:
    return Environment(values)


def messages(settings: Environment) -> list[str]:
    with pytest.raises(ImproperlyConfigured) as raised:
        settings.finish()
    return str(raised.value).splitlines()[1:]


def test_all_mistakes_of_the_environment_are_told_at_once_and_no_value_is_shown() -> None:
    done = run(
        "manage.py",
        "check",
        SECRET_KEY="too-short-but-secret",
        API_KEY_PEPPER="",
        DATABASE_URL="mysql://root:hunter2@localhost/x",
        REDIS_URL="",
        DATABASE_POOL_SIZE="many",
        MES_ENVIRONMENT="holiday",
    )
    assert done.returncode == LACKS
    names = ("SECRET_KEY", "API_KEY_PEPPER", "DATABASE_URL", "REDIS_URL", "DATABASE_POOL_SIZE", "MES_ENVIRONMENT")
    for name in names:
        assert done.stderr.count(f"  - {name} ") == 1, name
    for value in ("too-short-but-secret", "hunter2", "Traceback"):
        assert value not in done.stderr


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x" * 40 + "\n")
    settings = environment(SECRET_KEY_FILE=str(secret))
    assert settings.text("SECRET_KEY", purpose="signs", least_length=32) == "x" * 40
    settings.finish()


def test_a_secret_file_that_cannot_be_read_is_told_once(tmp_path: Path) -> None:
    settings = environment(SECRET_KEY_FILE=str(tmp_path / "nowhere"))
    settings.text("SECRET_KEY", purpose="signs", least_length=32)
    assert messages(settings) == ["  - SECRET_KEY_FILE cannot be read: No such file or directory."]


@pytest.mark.parametrize(
    ("url", "lack"),
    [
        ("postgres://localhost/mes", "a login name"),
        ("postgres://mes_web@localhost", "a database name"),
        ("postgres://mes_web@localhost:five/mes", "address"),
    ],
)
def test_a_database_address_that_lacks_something_is_told(url: str, lack: str) -> None:
    settings = environment(DATABASE_URL=url)
    settings.database("DATABASE_URL", purpose="the database")
    assert lack in messages(settings)[0]


FORK = """
import os, django
django.setup()
from django.db import connection

def backend():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]

mine = backend()
reader, writer = os.pipe()
child = os.fork()
if child == 0:
    os.write(writer, f"{backend()} {backend()}".encode())
    os._exit(0)
os.waitpid(child, 0)
theirs = os.read(reader, 100).decode().split()
print(mine == backend(), str(mine) not in theirs, len(set(theirs)) == 1)
"""


def test_a_forked_child_speaks_through_connections_of_its_own(test_database: TestDatabase) -> None:
    settings: Mapping[str, str] = {
        "DATABASE_URL": test_database.url("DATABASE_URL"),
        "DJANGO_SETTINGS_MODULE": "mes.settings",
    }
    done = run("-c", FORK, **settings)
    assert (done.stdout.split(), done.returncode) == (["True", "True", "True"], 0), done.stderr
