"""A pytest plugin, loaded before Django reads its settings: each of several test processes rings a broker of its own.

They share one server; its databases are numbered.
"""

from __future__ import annotations

import os
from urllib.parse import urlsplit, urlunsplit


def _own_broker() -> None:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    parts = urlsplit(os.environ["REDIS_URL"])
    os.environ["REDIS_URL"] = urlunsplit(parts._replace(path=f"/{int(worker) + 1}"))


if "REDIS_URL" in os.environ:
    _own_broker()
