"""One call of a receiver: to an address that was judged, within 15 s, without following anything."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from http.client import HTTPException
from socket import SHUT_RDWR
from threading import Timer
from urllib.parse import SplitResult, urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.exceptions import TimeoutError as SlowError

from mes.hooks.choices import Failure
from mes.hooks.services.addresses import NotReached, port_of, resolved

PATIENCE_S = 15.0
_CONNECT_S = 5.0


def post(url: str, *, body: bytes, headers: Mapping[str, str], patience_s: float = PATIENCE_S) -> int:
    """The receiver's status; the rest of its answer is not read. Raises NotReached.

    A socket's own timeout begins anew with each byte, so a watchdog cuts the connection when the time is up.
    """
    parts = urlsplit(url)
    connection = _connection(parts, resolved(url), min(_CONNECT_S, patience_s))
    is_over = False

    def cut() -> None:
        nonlocal is_over
        is_over = True
        sock = connection.sock
        if sock is not None:
            try:
                sock.shutdown(SHUT_RDWR)
            except OSError:
                return

    watchdog = Timer(patience_s, cut)
    watchdog.daemon = True
    watchdog.start()
    try:
        connection.connect()
        connection.sock.settimeout(patience_s)
        connection.request("POST", _target(parts), body=body, headers={"Host": parts.netloc, **headers})
        return connection.getresponse().status
    except ssl.SSLError as error:
        raise NotReached(Failure.TIMEOUT if is_over else Failure.CERTIFICATE) from error
    except (HTTPError, HTTPException, OSError) as error:
        is_slow = isinstance(error, TimeoutError | SlowError) and not isinstance(error, NewConnectionError)
        late = is_over or is_slow
        raise NotReached(Failure.TIMEOUT if late else Failure.UNREACHABLE) from error
    finally:
        watchdog.cancel()
        connection.close()


def _connection(parts: SplitResult, address: str, connect_s: float) -> HTTPConnection:
    if parts.scheme == "http":
        return HTTPConnection(address, port_of(parts), timeout=connect_s)
    return HTTPSConnection(
        address,
        port_of(parts),
        timeout=connect_s,
        ssl_context=ssl.create_default_context(),
        server_hostname=parts.hostname,
    )


def _target(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
