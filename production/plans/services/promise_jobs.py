"""The scheduled job of promises."""

from __future__ import annotations

from mes.core.actors import system_actor
from mes.core.jobs import Lease
from production.plans.services.promises import promises_expire

EXPIRE = "promises.expire"


def expire(lease: Lease) -> None:
    """Writes down whose time is up."""
    with lease.committing():
        promises_expire(actor=system_actor())
