"""Which addresses may be called: public ones, found once, and then no others.

Whoever gives the address of a machine inside the association's net would make the worker call it. A name is looked up
once, every address that it has must be public, and the connection goes to the one that was judged.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from mes.core.errors import InvalidValue
from mes.hooks.choices import Failure
from mes.hooks.models import MOST_URL

_PORTS = {"https": 443, "http": 80}

# Addresses that lead to an IPv4 address written inside them, or to whatever a translator makes of them.
_DISGUISES = tuple(
    map(IPv6Network, ("::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))
)


class NotReached(Exception):
    """An attempt that got no answer."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(failure)


def check_url(url: str, pointer: str) -> None:
    """Raises InvalidValue unless it is https to a host that may be public; http to this machine for demo and tests."""
    parts = _parts(url)
    if parts is None:
        raise InvalidValue(_("An https address is wanted, without a user and a fragment."), pointer=pointer)
    try:
        literal = ip_address(parts.hostname or "")
    except ValueError:
        return
    if not is_allowed(literal):
        raise InvalidValue(_("The address is not public."), pointer=pointer)


def resolved(url: str) -> str:
    """The address to connect to. Raises NotReached."""
    parts = _parts(url)
    if parts is None or not parts.hostname:
        raise NotReached(Failure.UNKNOWN_HOST)
    try:
        found = socket.getaddrinfo(parts.hostname, port_of(parts), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotReached(Failure.UNKNOWN_HOST) from error
    addresses = [str(place[0]) for *_kinds, place in found]
    if not all(is_allowed(ip_address(address.partition("%")[0])) for address in addresses):
        raise NotReached(Failure.PRIVATE_ADDRESS)
    return addresses[0]


def is_allowed(address: IPv4Address | IPv6Address) -> bool:
    """Whether a webhook may go there."""
    if address.is_loopback:
        return bool(settings.WEBHOOKS_TO_LOOPBACK)
    if isinstance(address, IPv6Address) and any(address in network for network in _DISGUISES):
        return False
    return address.is_global and not address.is_multicast


def port_of(parts: SplitResult) -> int:
    return parts.port or _PORTS[parts.scheme]


def _parts(url: str) -> SplitResult | None:
    if len(url) > MOST_URL or not url.isascii() or any(letter <= " " or letter in "\\\x7f" for letter in url):
        return None
    try:
        parts = urlsplit(url)
        port_of(parts)
    except (ValueError, KeyError):
        return None
    schemes = {"https", "http"} if settings.WEBHOOKS_TO_LOOPBACK else {"https"}
    fits = parts.scheme in schemes and parts.hostname and "@" not in parts.netloc and not parts.fragment
    return parts if fits else None
