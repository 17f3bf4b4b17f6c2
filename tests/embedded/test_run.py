"""What ``python -m mes.embedded run`` promises to every kind of user."""

from __future__ import annotations

import json
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.embedded.checkout import LOGINS, ROOT_WITHOUT_NAMESPACE, SHOW_ENVIRONMENT, USERS, Checkout, modes_outside

# Root without namespaces differs in what test_services, test_recovery and test_places see, not here.
pytestmark = pytest.mark.parametrize(
    "checkout", [user for user in USERS if user != ROOT_WITHOUT_NAMESPACE], indirect=True, scope="module"
)


@pytest.fixture(autouse=True)
def nothing_left(checkout: Checkout) -> Iterator[None]:
    """After each test no server runs and no socket folder of one is left."""
    yield
    assert checkout.processes() == []


def test_the_commands_exit_code_is_passed_on(checkout: Checkout) -> None:
    done = checkout.launch("run", "--", "sh", "-c", "echo said; exit 7")
    assert (done.returncode, done.stdout) == (7, "said\n")


def test_a_command_that_does_not_exist_is_told_in_one_line(checkout: Checkout) -> None:
    done = checkout.launch("run", "--", "./no-such-command")
    assert done.returncode == 127
    assert done.stderr.splitlines()[-1] == "./no-such-command: No such file or directory"


def test_a_second_run_gives_the_same_secrets_and_finds_the_data(checkout: Checkout) -> None:
    with checkout.running() as first, psycopg.connect(first["DATABASE_OWNER_URL"]) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept AS SELECT 42 AS answer")
        sockets = checkout.socket_folder()
    assert not sockets.exists()
    with checkout.running() as second, psycopg.connect(second["DATABASE_OWNER_URL"]) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    for name in ("SECRET_KEY", "API_KEY_PEPPER"):
        assert first[name] == second[name]


def test_no_permission_changes_and_what_is_secret_is_private(checkout: Checkout) -> None:
    before = modes_outside(checkout)
    checkout.run_python(SHOW_ENVIRONMENT)
    assert modes_outside(checkout) == before
    for path, mode in {
        checkout.home: 0o700,
        checkout.home / "secrets.json": 0o600,
        checkout.home / "valkey" / "valkey.conf": 0o600,
        checkout.data: 0o700,
    }.items():
        assert stat.S_IMODE(path.stat().st_mode) == mode, path


def test_what_the_command_leaves_running_is_ended(checkout: Checkout) -> None:
    pid = int(checkout.launch("run", "--", "sh", "-c", "setsid sleep 1000 >/dev/null 2>&1 & echo $!").stdout)
    assert not Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_reaches_the_command_and_everything_stops(checkout: Checkout, sign: signal.Signals) -> None:
    code = "import signal, time; signal.signal(signal.SIGINT, signal.SIG_DFL); print('ready', flush=True)"
    process = checkout.start(*checkout.python(f"{code}; time.sleep(1000)"))
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(sign)
    process.communicate(timeout=60)
    assert process.returncode == 128 + sign


def test_the_first_of_two_to_leave_does_not_stop_the_seconds_servers(checkout: Checkout) -> None:
    with checkout.running() as environment:
        assert checkout.launch("run", "--", "true").returncode == 0
        with psycopg.connect(environment["DATABASE_URL"]) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_demo_and_tests_have_servers_of_their_own(checkout: Checkout) -> None:
    with checkout.running() as demo:
        done = checkout.launch("run", "--for", "test", "--", checkout.command[-1], "-c", SHOW_ENVIRONMENT)
    tests = json.loads(done.stdout)
    assert (demo["MES_ENVIRONMENT"], tests["MES_ENVIRONMENT"]) == ("demo", "test")
    for name in (*LOGINS, "REDIS_URL", "SECRET_KEY"):
        assert demo[name] != tests[name]


def test_addresses_of_all_three_logins_are_passed_on_as_they_are(checkout: Checkout) -> None:
    given = {name: f"postgresql://{login}@elsewhere/mes" for name, login in LOGINS.items()}
    given["REDIS_URL"] = "redis://elsewhere/0"
    environment = checkout.run_python(SHOW_ENVIRONMENT, **given)
    assert {name: environment[name] for name in given} == given
