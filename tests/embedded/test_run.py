"""What ``python -m mes.embedded run`` promises to every kind of user."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import kombu
import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.embedded.checkout import SHOW_ENVIRONMENT, Checkout, modes_outside

LOGINS = {"DATABASE_URL": "mes_web", "DATABASE_WORKER_URL": "mes_worker", "DATABASE_OWNER_URL": "mes_owner"}


def test_the_commands_exit_code_is_passed_on(checkout: Checkout) -> None:
    done = checkout.launch("run", "--", "sh", "-c", "echo said; exit 7")
    assert (done.returncode, done.stdout) == (7, "said\n")


def test_a_command_that_does_not_exist_is_told_in_one_line(checkout: Checkout) -> None:
    done = checkout.launch("run", "--", "./no-such-command")
    assert done.returncode == 127
    assert done.stderr.splitlines()[-1] == "./no-such-command: No such file or directory"


def test_commands_get_addresses_and_secrets_and_each_login_is_what_it_says(checkout: Checkout) -> None:
    with checkout.running() as environment:
        for variable, login in LOGINS.items():
            with psycopg.connect(environment[variable]) as connection:
                found = connection.execute("SELECT session_user, current_database()").fetchone()
            assert found == (login, "mes")
        with redis.Redis.from_url(environment["REDIS_URL"], decode_responses=True) as client:
            assert client.ping()
        with kombu.Connection(environment["REDIS_URL"]) as broker:
            broker.ensure_connection(max_retries=1)
    assert environment["MES_ENVIRONMENT"] == "demo"
    assert min(len(environment["SECRET_KEY"]), len(environment["API_KEY_PEPPER"])) >= 50


def test_a_second_run_gives_the_same_secrets_and_finds_the_data(checkout: Checkout) -> None:
    with checkout.running() as first, psycopg.connect(first["DATABASE_OWNER_URL"]) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept AS SELECT 42 AS answer")
    with checkout.running() as second, psycopg.connect(second["DATABASE_OWNER_URL"]) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    for name in ("SECRET_KEY", "API_KEY_PEPPER"):
        assert first[name] == second[name]


def test_nobody_connects_without_the_right_password(checkout: Checkout) -> None:
    with checkout.running() as environment:
        place = urlsplit(environment["DATABASE_URL"])
        for host in (place.hostname, str(checkout.socket_folder())):
            for user in ("postgres", "mes_web"):
                with pytest.raises(psycopg.OperationalError, match="password"):
                    psycopg.connect(host=host, port=place.port, user=user, dbname="mes", passfile="/dev/null")
                with pytest.raises(psycopg.OperationalError, match="password"):
                    psycopg.connect(host=host, port=place.port, user=user, dbname="mes", password="guess")
        broker = urlsplit(environment["REDIS_URL"])
        stranger = redis.Redis(host=str(broker.hostname), port=int(broker.port or 0), retry=Retry(NoBackoff(), 0))
        with stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()


def test_servers_listen_on_loopback_and_in_a_private_folder_only(checkout: Checkout) -> None:
    with checkout.running() as environment:
        sockets = checkout.socket_folder()
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        with psycopg.connect(environment["DATABASE_OWNER_URL"]) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)
        with redis.Redis.from_url(environment["REDIS_URL"], decode_responses=True) as client:
            assert client.config_get("bind") == {"bind": "127.0.0.1"}
    assert not sockets.exists()


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


def test_passwords_stand_on_no_command_line(checkout: Checkout) -> None:
    with checkout.running() as environment:
        secret = urlsplit(environment["REDIS_URL"]).password
        lines = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in checkout.processes()]
    assert secret
    assert not any(secret.encode() in line for line in lines)


def test_text_is_utf8_whatever_the_locale_of_the_caller(checkout: Checkout) -> None:
    with checkout.running() as environment, psycopg.connect(environment["DATABASE_OWNER_URL"]) as connection:
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        assert connection.execute("SELECT length('铺路板')").fetchone() == (3,)


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


def test_servers_killed_in_the_middle_come_back_with_their_data(checkout: Checkout) -> None:
    with checkout.running() as environment:
        with psycopg.connect(environment["DATABASE_OWNER_URL"], autocommit=True) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS survived AS SELECT 1 AS answer")
        with redis.Redis.from_url(environment["REDIS_URL"], decode_responses=True) as client:
            client.set("survived", "1")
        for pid in (checkout.postmaster(), *(pid for pid in checkout.processes() if "valkey" in _name(pid))):
            os.kill(pid, signal.SIGKILL)
    with checkout.running() as environment:
        with psycopg.connect(environment["DATABASE_OWNER_URL"]) as connection:
            assert connection.execute("SELECT answer FROM survived").fetchone() == (1,)
        with redis.Redis.from_url(environment["REDIS_URL"], decode_responses=True) as client:
            assert client.get("survived") == "1"


def test_a_killed_launcher_leaves_servers_that_the_next_run_uses_and_stops(checkout: Checkout) -> None:
    _kill_launcher_and_command(checkout)
    postmaster = checkout.postmaster()
    with checkout.running():
        assert checkout.postmaster() == postmaster


def test_stop_ends_the_servers_of_a_killed_launcher(checkout: Checkout) -> None:
    _kill_launcher_and_command(checkout)
    assert checkout.processes() != []
    assert checkout.launch("stop").returncode == 0


def test_a_pid_file_whose_number_another_process_has_is_healed(checkout: Checkout) -> None:
    with checkout.running():
        lines = (checkout.data / "postmaster.pid").read_text().splitlines()
    other = subprocess.Popen([*checkout.command, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    try:
        (checkout.data / "postmaster.pid").write_text("\n".join([str(other.pid), *lines[1:]]) + "\n")
        assert checkout.launch("run", "--", "true").returncode == 0
    finally:
        other.communicate()


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


def test_the_wheels_python_code_is_not_imported() -> None:
    code = "import sys, mes.embedded.cli; print([m for m in sys.modules if m.startswith(('embedded_', 'valkey'))])"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def _kill_launcher_and_command(checkout: Checkout) -> None:
    """Begin a run and end it in a way that lets it stop nothing."""
    code = "import os, time; print(os.getpid(), flush=True); time.sleep(1000)"
    process = checkout.start(*checkout.python(code))
    assert process.stdout is not None
    command = int(process.stdout.readline())
    process.kill()
    os.kill(command, signal.SIGKILL)
    process.communicate()


def _name(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text()
