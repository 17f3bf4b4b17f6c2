"""The web as it is served: gunicorn with the project's configuration, on the database of the session."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from http import HTTPStatus
from pathlib import Path

import psycopg
import pytest

from mes.core import healthy
from tests.database import CHECKOUT, TestDatabase
from tests.web_server import PATIENCE_S, answer, collect_files, serving


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that collectstatic has filled."""
    folder = tmp_path_factory.mktemp("static")
    collect_files(folder)
    return folder


def test_it_serves_pages_and_collected_files_and_ends_when_told(test_database: TestDatabase, collected: Path) -> None:
    with serving(test_database, STATIC_ROOT=str(collected), WEB_PROCESSES="1") as (process, url):
        status, body, _headers = answer(f"{url}/readyz")
        assert (status, json.loads(body)["ready"]) == (HTTPStatus.OK, True)
        page = answer(f"{url}/admin/login/")[1]
        sheet = next(path for path in re.findall(r'href="(/static/[^"]+\.css)"', page))
        status, _body, headers = answer(url + sheet)
        assert status == HTTPStatus.OK
        assert "immutable" in headers["Cache-Control"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0


def test_without_collected_files_each_is_found_in_its_package(test_database: TestDatabase) -> None:
    with serving(test_database, WEB_PROCESSES="1") as (_process, url):
        page = answer(f"{url}/admin/login/")[1]
        sheet = next(path for path in re.findall(r'href="(/static/[^"]+\.css)"', page))
        assert answer(url + sheet)[0] == HTTPStatus.OK
        assert answer(f"{url}/static/../manage.py")[0] == HTTPStatus.NOT_FOUND


def test_what_a_web_process_has_loaded_is_left_to_it_by_the_collector() -> None:
    """In a process of its own, as gunicorn calls it: this one's collector stays as it is."""
    said = (
        "import gc, runpy; conf = runpy.run_path('docker/gunicorn.conf.py'); conf['post_worker_init'](None);"
        " print(gc.get_freeze_count() > 0, gc.isenabled(), gc.get_threshold() == conf['FEWER_COLLECTIONS'])"
    )
    done = subprocess.run([sys.executable, "-c", said], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True", "True"]


def test_the_health_check_asks_as_a_host_that_is_served(test_database: TestDatabase) -> None:
    with serving(test_database, WEB_PROCESSES="1", ALLOWED_HOSTS=".mes.park.example, 127.0.0.1") as (_process, url):
        own = {"WEB_BIND": url.removeprefix("http://")}
        assert healthy.web({**own, "ALLOWED_HOSTS": ".mes.park.example, 127.0.0.1"}) == ""
        assert healthy.web({**own, "ALLOWED_HOSTS": "other.example"}) == "/readyz answers 400"


def test_the_parent_of_the_web_processes_never_connects(test_database: TestDatabase) -> None:
    """A connection that was opened before the fork would be one socket in several processes."""
    with psycopg.connect(test_database.url("DATABASE_OWNER_URL")) as owner:
        port = owner.info.port
    with serving(test_database, WEB_PROCESSES="2", WEB_THREADS="1") as (process, url):
        assert answer(f"{url}/readyz")[0] == HTTPStatus.OK
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        assert len(children) == 2
        connections = sockets_to(port)
        assert not connections & sockets_of(process.pid)
        assert any(connections & sockets_of(int(child)) for child in children)


def sockets_of(pid: int) -> set[str]:
    """Inodes of the sockets that a process holds."""
    links = [str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()]
    return {link[8:-1] for link in links if link.startswith("socket:[")}


def sockets_to(port: int) -> set[str]:
    """Inodes of this machine's TCP connections that lead to a port."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {row[9] for row in rows if int(row[2].rpartition(":")[2], 16) == port}
