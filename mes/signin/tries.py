"""Counts tries to sign in, each before anything is checked, on a connection of its own.

The request's own transaction is taken back when it fails, and a count with it. So a try is counted and committed
apart, by one statement for the address and one for the account, and a try that could not be counted is not checked.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any
from uuid import UUID

import psycopg
from django.conf import settings
from django.db import OperationalError, connection

from mes.signin.choices import Counted

WITHIN = timedelta(minutes=15)
MOST_OF_ACCOUNT = 10
MOST_OF_ADDRESS = 100
"""An office behind one address has many people; the account's own limit is the narrow one."""

_IPV6_PREFIX = 64
_NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class Try:
    """One try to sign in: the user name as it was given, and the address it comes from."""

    username: str
    address: str | None
    user_id: UUID | None = None

    def count(self) -> bool:
        """Counts the try; whether it may be checked. The address is asked first, so that one that is locked out
        uses up no account's tries. Raises OperationalError when it cannot be counted.
        """
        with _apart() as own:
            of_address = (_of_address(self.address), Counted.ADDRESS, None, MOST_OF_ADDRESS, WITHIN)
            of_account = (self.key, Counted.ACCOUNT, self.user_id, MOST_OF_ACCOUNT, WITHIN)
            return _let_through(own, of_address) and _let_through(own, of_account)

    def refund(self) -> None:
        """The try was right: it does not count."""
        with _apart() as own:
            for key in (_of_address(self.address), self.key):
                own.execute("SELECT sign_in_refund(%s)", [key])

    @property
    def key(self) -> str:
        return _digest(Counted.ACCOUNT, self.username)


def _let_through(own: psycopg.Connection[Any], values: tuple[Any, ...]) -> bool:
    row = own.execute("SELECT sign_in_try(%s, %s, %s, %s, %s)", values).fetchone()
    return row is not None and row[0] is True


def _of_address(address: str | None) -> str:
    """IPv6 is given out by networks: one machine has as many addresses as it likes."""
    if address is None:
        return _digest(Counted.ADDRESS, _NOWHERE)
    if isinstance(ip_address(address), IPv6Address):
        address = str(ip_network(f"{address}/{_IPV6_PREFIX}", strict=False))
    return _digest(Counted.ADDRESS, address)


def _digest(kind: str, text: str) -> str:
    words = f"sign-in/{kind}/{text}".encode("utf-8", "surrogatepass")
    return hmac.new(settings.API_KEY_PEPPER.encode(), words, hashlib.sha256).hexdigest()


@contextmanager
def _apart() -> Iterator[psycopg.Connection[Any]]:
    """A connection beside the request's, which commits each statement. Not from the pool: a request that waits there
    for a second connection while it holds its first could wait for ever.
    """
    database = connection.settings_dict
    try:
        with psycopg.connect(
            dbname=database["NAME"],
            user=database["USER"],
            password=database["PASSWORD"],
            host=database["HOST"],
            port=database["PORT"] or None,
            connect_timeout=3,
            autocommit=True,
        ) as own:
            yield own
    except psycopg.OperationalError as error:
        raise OperationalError("A try to sign in could not be counted.") from error
