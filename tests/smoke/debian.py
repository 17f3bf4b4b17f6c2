"""The topology of an installation on Debian's PostgreSQL and Redis. `python -m tests.smoke.debian` ends with one line.

Roles and database by an administrator, tables by their owner, the sample park, then the web, two workers and a beat,
each with its own login; programs of three firms call the web. Everything it starts it stops.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping

from mes.core import healthy
from mes.embedded.errors import MachineLacks, ServiceFailed
from mes.embedded.ports import LOOPBACK, free_port
from mes.embedded.processes import adopt_orphans, end_children, wait_until
from mes.embedded.provision import ROLE_PASSWORDS, role_url
from mes.embedded.services import CHECKOUT, DATABASE, LOGIN_URLS
from tests.drills.processes import Process, beat_command, web_command, worker_command
from tests.smoke.servers import Servers, debian_servers
from tests.smoke.story import tell

FOLDER = CHECKOUT / "var" / "smoke"
EMPTY = "mes_empty"  # a database as a new installation has it: tables and no row
STEP_TIMEOUT_S = 300
READY_TIMEOUT_S = 60.0
OK, FAILED, LACKS = 0, 1, 2


def main() -> int:
    adopt_orphans()
    shutil.rmtree(FOLDER, ignore_errors=True)
    (FOLDER / "work").mkdir(parents=True, mode=0o700)
    passwords = {name: secrets.token_urlsafe(24) for name in (*ROLE_PASSWORDS, "POSTGRES", "REDIS")}
    try:
        with debian_servers(
            FOLDER, postgres_password=passwords["POSTGRES"], redis_password=passwords["REDIS"]
        ) as servers:
            figures = _smoke(servers, passwords)
    except MachineLacks as lack:
        sys.stderr.write(f"{lack}\n")
        return LACKS
    except (ServiceFailed, AssertionError, subprocess.SubprocessError) as failed:
        sys.stdout.write(f"SMOKE FAILED servers=debian: {failed} (logs: {FOLDER})\n")
        return FAILED
    finally:
        end_children(keep=(), patience_s=5)
    said = " ".join(f"{name}={value}" for name, value in figures.items())
    versions = f"postgres={servers.postgres_version} redis={servers.redis_version}"
    sys.stdout.write(f"SMOKE OK servers=debian {versions} {said}\n")
    return OK


def _smoke(servers: Servers, passwords: Mapping[str, str]) -> dict[str, int | float]:
    environment = _environment(servers, passwords)
    began_s = time.monotonic()
    _step(["-m", "mes.embedded", "provision"], environment | {"DATABASE_URL": servers.admin_url})
    provision_s = time.monotonic() - began_s
    _step(["-m", "mes.embedded", "provision", "--database", EMPTY], environment | {"DATABASE_URL": servers.admin_url})
    began_s = time.monotonic()
    owner = environment["DATABASE_OWNER_URL"].removesuffix(DATABASE) + EMPTY
    _step(["manage.py", "migrate", "--verbosity", "0"], environment | {"DATABASE_URL": owner})
    migrate_s = time.monotonic() - began_s
    port = free_port()
    url = f"http://{LOOPBACK}:{port}"
    # Migrated as owner, seeded as the web, planned and published by a worker.
    _step(["manage.py", "demo_prepare", "--folder", str(FOLDER), "--url", url], environment)
    keys = dict(line.split("=", 1) for line in (FOLDER / "keys.env").read_text().split())
    processes, ready_s = _start(environment, port)
    try:
        figures = tell(f"{url}/api/v1", {name: value.strip("'") for name, value in keys.items()})
        assert all(process.is_alive() for process in processes), "a process has ended"
    finally:
        for process in processes:
            process.kill()
    seconds = {"provision_s": provision_s, "migrate_s": migrate_s, "ready_s": ready_s}
    return {**{name: round(value, 1) for name, value in seconds.items()}, **figures}


def _environment(servers: Servers, passwords: Mapping[str, str]) -> dict[str, str]:
    """Of the administrator's commands; no variable that leads to other servers is taken along."""
    logins = {
        name: role_url(
            servers.admin_url,
            role=f"mes_{login}",
            password=passwords[f"MES_{login.upper()}_PASSWORD"],
            database=DATABASE,
        )
        for name, login in LOGIN_URLS.items()
    }
    own = {name: passwords[name] for name in ROLE_PASSWORDS}
    keys = {name: secrets.token_urlsafe(36) for name in ("SECRET_KEY", "API_KEY_PEPPER")}
    more = {"MES_ENVIRONMENT": "demo", "REDIS_URL": servers.redis_url, "PLAN_GATHER_S": "5", "STATIC_ROOT": ""}
    return {**os.environ, **own, **keys, **more, **logins}


def _step(arguments: list[str], environment: Mapping[str, str]) -> None:
    """One command to its end. Raises SubprocessError when it fails or takes too long."""
    given = dict(environment)
    if "provision" in arguments:
        given.pop("DATABASE_OWNER_URL")  # the administrator provisions, not the owner
    subprocess.run(
        [sys.executable, *arguments],
        cwd=CHECKOUT,
        env=given,
        stdin=subprocess.DEVNULL,
        timeout=STEP_TIMEOUT_S,
        check=True,
    )


def _start(environment: Mapping[str, str], port: int) -> tuple[list[Process], float]:
    """Web as mes_web, two workers and beat as mes_worker, none with another login's address; seconds to all well."""
    common = {name: value for name, value in environment.items() if name not in (*LOGIN_URLS, *ROLE_PASSWORDS)}
    web = common | {"DATABASE_URL": environment["DATABASE_URL"], "WEB_BIND": f"{LOOPBACK}:{port}"}
    worker = common | {"DATABASE_URL": environment["DATABASE_WORKER_URL"]}
    commands = {name: worker_command(name=name, concurrency=1) for name in ("worker-1", "worker-2")}
    commands["beat"] = beat_command()
    work = FOLDER / "work"
    beating = {name: {"HEARTBEAT_FILE": str(work / f"{name}.heartbeat")} for name in commands}
    processes = [Process("web", web_command(), web, work)]
    processes += [Process(name, command, worker | beating[name], work) for name, command in commands.items()]
    began_s = time.monotonic()
    for process in processes:
        process.start()

    def faults() -> list[str]:
        hearts = [healthy.heartbeat(sign, within_s=healthy.BEAT_WITHIN_S) for sign in beating.values()]
        return [fault for fault in (healthy.web(web), *hearts) if fault]

    if not wait_until(lambda: not faults(), timeout_s=READY_TIMEOUT_S):
        for process in processes:
            process.kill()
        raise AssertionError(f"not all well within {READY_TIMEOUT_S:.0f} s: {', '.join(faults())}")
    return processes, time.monotonic() - began_s


if __name__ == "__main__":
    sys.exit(main())
