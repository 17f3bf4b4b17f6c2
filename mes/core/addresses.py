"""The address that a request comes from."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The caller's IP address; None where it cannot be told (a Unix socket, a proxy that says none).

    Behind the proxy it is the last entry of X-Forwarded-For, which the proxy itself has written; those before it are
    the caller's own words. Elsewhere the header is not read.
    """
    told = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_TLS_PROXY:
        told = request.headers.get("X-Forwarded-For", "").rpartition(",")[2]
    try:
        address = ip_address(told.strip())
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)
