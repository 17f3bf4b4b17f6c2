"""Only public addresses are called, each the one that was judged."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import override_settings

from mes.core.errors import InvalidValue
from mes.hooks.choices import Failure
from mes.hooks.services.addresses import NotReached, check_url, is_allowed, resolved
from mes.hooks.services.posting import post
from tests.hooks.receiver import DRIP, DROP, HANG, Receiver

PRIVATE = (
    "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1",
    "192.0.2.1", "198.18.0.1", "240.0.0.1", "fc00::1", "fe80::1", "ff02::1", "::", "2001:db8::1", "::ffff:10.0.0.1",
    "::ffff:8.8.8.8", "::10.0.0.1", "64:ff9b::a00:1", "64:ff9b::808:808", "64:ff9b:1::a00:1", "2002:a00:1::",
    "2001:0:a00:1::",
)  # fmt: skip
PUBLIC = ("8.8.8.8", "1.1.1.1", "2606:4700:4700::1111")
BAD_URLS = (
    "", "example.com", "http://example.com/", "ftp://example.com/", "https://", "https:///x", "https://u:p@example.com/",
    "https://example.com/#x", "https://example.com:99999/", "https://exa mple.com/", "https://example.com/\n",
    "https://例子.com/", "https://10.0.0.1/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://127.0.0.1/",
    "https://example.com\\@10.0.0.1/", "https://" + "x" * 500,
)  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_refused(address: str) -> None:
    assert not is_allowed(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_not(address: str) -> None:
    assert is_allowed(ip_address(address))


@pytest.mark.parametrize("url", BAD_URLS)
def test_a_bad_address_is_refused_with_its_pointer(url: str) -> None:
    with override_settings(WEBHOOKS_TO_LOOPBACK=False), pytest.raises(InvalidValue) as refused:
        check_url(url, "/url")
    assert refused.value.pointer == "/url"


def test_a_good_one_is_taken() -> None:
    with override_settings(WEBHOOKS_TO_LOOPBACK=False):
        check_url("https://erp.example.com:8443/hooks?from=park", "/url")


def names(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """A resolver that answers each question about a name with the next of `answers`; it notes the names."""
    asked: list[str] = []
    system = socket.getaddrinfo

    def resolver(host: str, port: Any, *args: Any, **kwargs: Any) -> Any:
        if host.endswith(".example"):
            asked.append(host)
            return [entry for address in answers[len(asked) - 1] for entry in system(address, port, *args, **kwargs)]
        return system(host, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    return asked


def test_one_private_address_among_public_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    names(monkeypatch, ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(NotReached) as refused:
        resolved("https://erp.example/")
    assert refused.value.failure == Failure.PRIVATE_ADDRESS


@pytest.mark.parametrize("host", ["0x7f.1", "2130706433", "127.1", "localhost"])
def test_other_ways_to_write_this_machine_are_seen_through(host: str) -> None:
    with override_settings(WEBHOOKS_TO_LOOPBACK=False), pytest.raises(NotReached) as refused:
        resolved(f"https://{host}/")
    assert refused.value.failure == Failure.PRIVATE_ADDRESS


def test_a_name_is_looked_up_once_and_the_call_goes_to_what_was_judged(
    monkeypatch: pytest.MonkeyPatch, receiver: Receiver
) -> None:
    """A second look would lead elsewhere, as it does for those who rebind names."""
    asked = names(monkeypatch, ["127.0.0.1"], ["10.0.0.1"])
    port = urlsplit(receiver.url).port
    assert post(f"http://erp.example:{port}/hooks", body=b"{}", headers={}) == 204
    assert asked == ["erp.example"]
    assert receiver.calls[0][0]["host"] == f"erp.example:{port}"


@pytest.mark.parametrize("way", [HANG, DRIP])
def test_a_slow_receiver_is_cut_off(way: str, receiver: Receiver) -> None:
    """Also one that drips a byte now and then, which no socket's timeout ends."""
    receiver.answers = [way]
    with pytest.raises(NotReached) as late:
        post(receiver.url, body=b"{}", headers={}, patience_s=0.5)
    assert late.value.failure == Failure.TIMEOUT


def test_one_that_hangs_up_was_not_reached(receiver: Receiver) -> None:
    receiver.answers = [DROP]
    with pytest.raises(NotReached) as refused:
        post(receiver.url, body=b"{}", headers={})
    assert refused.value.failure == Failure.UNREACHABLE


def test_https_wants_a_certificate(receiver: Receiver) -> None:
    with pytest.raises(NotReached) as refused:
        post(receiver.url.replace("http:", "https:"), body=b"{}", headers={})
    assert refused.value.failure == Failure.CERTIFICATE
