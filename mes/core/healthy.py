"""Is this container's process well? `python -m mes.core.healthy web|heartbeat`: exit 0, or 1 and one line.

Plain Python that asks neither broker nor database, so that it answers at once. It reads the same variables as the
process: WEB_BIND and ALLOWED_HOSTS, or HEARTBEAT_FILE.
"""

from __future__ import annotations

import argparse
import http.client
import os
import sys
import time
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path

READY_PATH = "/readyz"
ANSWER_WITHIN_S = 5.0
BEAT_WITHIN_S = 30.0


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m mes.core.healthy", description=__doc__)
    parser.add_argument("what", choices=("web", "heartbeat"))
    parser.add_argument("--within", type=float, default=BEAT_WITHIN_S, metavar="S", help="how old a heartbeat may be")
    parsed = parser.parse_args(arguments)
    fault = web(environment) if parsed.what == "web" else heartbeat(environment, within_s=parsed.within)
    sys.stdout.write(f"{fault or 'well'}\n")
    return 1 if fault else 0


def web(environment: Mapping[str, str]) -> str:
    """What is wrong with the web on this machine, or nothing."""
    port = (environment.get("WEB_BIND") or ":8000").rpartition(":")[2]
    host = (environment.get("ALLOWED_HOSTS") or "localhost").partition(",")[0].strip()
    known = "localhost" if host == "*" else host.removeprefix(".")
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=ANSWER_WITHIN_S)
    try:
        connection.request("GET", READY_PATH, headers={"Host": known})
        status = connection.getresponse().status
    except OSError as error:
        return f"the web does not answer: {error}"
    finally:
        connection.close()
    return "" if status == HTTPStatus.OK else f"{READY_PATH} answers {status}"


def heartbeat(environment: Mapping[str, str], *, within_s: float) -> str:
    """What is wrong with the worker or beat that touches HEARTBEAT_FILE, or nothing."""
    path = environment.get("HEARTBEAT_FILE")
    if not path:
        return "HEARTBEAT_FILE is not set"
    try:
        age_s = time.time() - Path(path).stat().st_mtime  # noqa: TID251 - against a file's time
    except OSError:
        return f"no heartbeat yet in {path}"
    return "" if age_s <= within_s else f"the last heartbeat is {age_s:.0f} s old"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
