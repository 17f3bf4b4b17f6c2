"""`make serve` as a user has it: READY, the card, the second start, and every way to stop it."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

from mes.demo.seed.index import PARK_ZONE
from mes.embedded.ports import LOOPBACK
from tests.flows.served import Clone, wait_for

REFUSED, LACKS = 1, 2
CLOCKS = "SELECT business_now(), clock_timestamp()"


def test_the_clone_has_the_kernels_that_were_compiled_here(clone: Clone) -> None:
    done = clone.run([sys.executable, "-m", "production.planning", "compile"])
    assert json.loads(done.stdout)["compiled"] == 0


def test_it_prints_ready_and_a_card_that_lets_one_in_and_ends_by_sigterm(clone: Clone) -> None:
    with clone.serving() as served:
        assert served.is_well()
        assert served.get("/admin/login/")[0] == 200
        codes = [json.loads(served.get("/api/v1/me", key)[1])["firm"]["code"] for key in served.firm_keys()]
        assert codes == [words[0] for words in served.card("key")]
        assert [words[0] for words in served.card("login")] == ["admin", "dispatcher"]
        curl = next(line for line in served.said().splitlines() if line.startswith("try "))[4:]
        said = subprocess.run(["sh", "-c", curl], capture_output=True, text=True, check=True, timeout=60).stdout
        assert json.loads(said)["firm"]["code"] == codes[0]
        assert modes(clone) == {"kept.json": 0o600, "keys.env": 0o600, "card.txt": 0o600, ".": 0o700}
        assert addresses_of_listeners(clone) == {LOOPBACK}

        second = clone.run(clone.launcher("serve"))
        assert second.returncode == REFUSED
        told = f"this checkout is served already: {served.url} by process {served.process.pid}; make stop ends it"
        assert second.stderr.splitlines() == [told]
        served.process.send_signal(signal.SIGTERM)
        assert served.ends() == 0
        assert clone.is_gone()


def test_a_second_start_finds_data_keys_and_port_and_ends_by_sigint_in_a_shells_background(clone: Clone) -> None:
    """In the background of a shell SIGINT is ignored by inheritance. The whole group gets it here."""
    before = (clone.private / "kept.json").read_text()
    make = " ".join(f"'{word}'" for word in clone.make("serve"))
    with clone.serving(["sh", "-c", f"{make} & wait"]) as served:
        assert "park planned" not in served.said()
        assert (clone.private / "kept.json").read_text() == before
        assert served.url.endswith(f":{(clone.private / 'port').read_text().strip()}")
        os.killpg(served.process.pid, signal.SIGINT)
        served.ends()
        assert clone.is_gone()


def test_the_clock_stands_while_nothing_runs_and_stop_works_from_elsewhere(clone: Clone) -> None:
    with clone.serving() as served:
        begun, begun_really = clone.ask(CLOCKS)
        assert clone.run(clone.make("stop")).returncode == 0
        assert served.ends() == 0
    with clone.serving() as served:
        later, later_really = clone.ask(CLOCKS)
        assert begun < later
        assert later - begun < later_really - begun_really
        shown = " ".join(served.card("park")[0])
        assert f"it is {later.astimezone(PARK_ZONE):%Y-%m-%d %H:}" in shown


def test_a_port_that_is_taken_or_none_is_said_in_one_line(clone: Clone) -> None:
    with socket.create_server((LOOPBACK, 0)) as somebody:
        port = somebody.getsockname()[1]
        done = clone.run(clone.make("serve", f"SERVE_PORT={port}"))
    assert done.returncode == LACKS
    assert done.stderr.splitlines()[0] == f"port {port} cannot be served: Address already in use"
    done = clone.run(clone.launcher("serve", "--port", "80000"))
    assert done.returncode == LACKS
    assert "a port from 1 to 65535 is wanted" in done.stderr


def test_it_ends_with_the_make_that_started_it(clone: Clone) -> None:
    with clone.serving(clone.make("serve")) as served:
        served.process.kill()
        assert clone.is_gone()


def test_tables_of_another_version_are_told(clone: Clone) -> None:
    path = clone.private / "kept.json"
    before = path.read_text()
    kept = json.loads(before)
    path.write_text(json.dumps(kept | {"migrations": dict.fromkeys(kept["migrations"], "another")}))
    done = clone.run(clone.launcher("serve"))
    path.write_text(before)
    assert done.returncode == REFUSED
    assert done.stderr.splitlines()[-1].endswith("make serve SERVE_ARGS=--reset makes them anew")


def test_a_demo_runs_beside_it_and_reset_makes_data_and_keys_anew(clone: Clone) -> None:
    with clone.serving() as served:
        old = served.firm_keys()
        demo = clone.start(clone.launcher("run", "--", sys.executable, "manage.py", "demo", "--exit"), into="demo.txt")
        wait_for(demo, "park seeded")
        demo.process.send_signal(signal.SIGINT)
        assert demo.ends() == 128 + signal.SIGINT, demo.said()
        assert served.is_well()
    with clone.serving(clone.make("serve", "SERVE_ARGS=--reset")) as served:
        assert "park planned" in served.said()
        assert [served.get("/api/v1/me", key)[0] for key in (*old, *served.firm_keys())] == [401, 401, 200, 200]


def modes(clone: Clone) -> dict[str, int]:
    names = ("kept.json", "keys.env", "card.txt", ".")
    return {name: stat.S_IMODE((clone.private / name).stat().st_mode) for name in names}


def addresses_of_listeners(clone: Clone) -> set[str]:
    """Where processes of the clone listen."""
    links = [link.readlink() for pid in clone.processes() for link in Path(f"/proc/{pid}/fd").iterdir()]
    inodes = {str(link)[8:-1] for link in links if str(link).startswith("socket:[")}
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    places = {row[1].split(":")[0] for row in rows if row[3] == "0A" and row[9] in inodes}
    return {".".join(str(byte) for byte in reversed(bytes.fromhex(place))) for place in places}
