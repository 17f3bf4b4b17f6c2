"""A job that calls what does not come back for long keeps its lease by a thread of its own."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from django.db import Error, connection

from mes.core.actors import DatabaseRole
from mes.core.errors import LeaseLost
from mes.core.jobs import LEASE_S, Lease
from mes.core.wall import wall

logger = logging.getLogger(__name__)

EVERY_S = LEASE_S / 4


@contextmanager
def kept_alive(lease: Lease, *, every_s: float = EVERY_S) -> Iterator[None]:
    """Renews the lease beside the block, outside of any transaction of it. A lost lease is told by the commit."""
    over = Event()
    thread = Thread(target=_renew, args=(lease, over, every_s), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _renew(lease: Lease, over: Event, every_s: float) -> None:
    try:
        while not over.wait(every_s):
            try:
                with wall(DatabaseRole.PLANNER):
                    lease.renew()
            except LeaseLost:
                return
            except Error:
                logger.exception("The lease of job %s was not renewed", lease.job_id)
    finally:
        connection.close()
