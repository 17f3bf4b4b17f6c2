"""`python -m tests.core.tables.child FOLDER`: reads each file of a folder in a process of its own, within limits.

Prints a line of JSON for each: what became of it, the greatest memory that it took and its seconds on a core.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from mes.core.tables import TableRefused, read_table
from tests.core.tables.making import DECLARATION

MOST_ADDRESS_SPACE = 1_000_000_000
MOST_SECONDS = 20
ROWS_TOLD = 3


def outcome(raw: bytes) -> dict[str, Any]:
    try:
        table = read_table(raw, DECLARATION, ZoneInfo("Asia/Shanghai"))
    except TableRefused as refused:
        return {"faults": [[fault.cell, fault.code] for fault in refused.faults]}
    rows = [{name: plain(value) for name, value in row.values.items()} for row in table.rows[:ROWS_TOLD]]
    return {"faults": None, "rows": rows, "count": len(table.rows)}


def plain(value: Any) -> Any:
    if isinstance(value, int):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else f"{value:f}" if hasattr(value, "as_tuple") else value


def read(path: Path) -> dict[str, Any]:
    """The outcome of one file, from a child that is killed when it takes too much."""
    reader, writer = os.pipe()
    sys.stdout.flush()  # or the child would write it again
    child = os.fork()
    if child == 0:
        os.close(reader)
        resource.setrlimit(resource.RLIMIT_AS, (MOST_ADDRESS_SPACE, MOST_ADDRESS_SPACE))
        resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
        try:
            text = json.dumps(outcome(path.read_bytes()))
        except BaseException as error:  # told to the test
            text = json.dumps({"raised": repr(error)[:300]})
        with os.fdopen(writer, "w") as stream:
            stream.write(text)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as stream:
        text = stream.read()
    _child, status, usage = os.wait4(child, 0)
    found: dict[str, Any] = json.loads(text) if text else {"raised": f"ended with {status}"}
    return found | {"rss_mb": usage.ru_maxrss / 1024, "cpu_s": usage.ru_utime + usage.ru_stime}


def main(folder: str) -> None:
    settings.configure(USE_I18N=False)
    for path in sorted(Path(folder).iterdir()):
        sys.stdout.write(json.dumps({"file": path.name} | read(path)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
