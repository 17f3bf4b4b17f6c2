"""The servers that a command finds, per kind of user: who gets in, where they listen, what they show."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import kombu
import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.embedded.checkout import LOGINS, Checkout


@pytest.fixture(scope="module")
def services(checkout: Checkout) -> Iterator[dict[str, str]]:
    """The environment of a command while the servers run."""
    with checkout.running() as environment:
        yield environment


def test_each_login_is_what_its_address_says(services: dict[str, str]) -> None:
    for variable, login in LOGINS.items():
        with psycopg.connect(services[variable]) as connection:
            found = connection.execute("SELECT session_user, current_database()").fetchone()
        assert found == (login, "mes")


def test_the_broker_answers_celery_and_redis_clients(services: dict[str, str]) -> None:
    with redis.Redis.from_url(services["REDIS_URL"]) as client:
        assert client.ping()
    with kombu.Connection(services["REDIS_URL"]) as broker:
        broker.ensure_connection(max_retries=1)


def test_secrets_are_long_and_the_environment_is_named(services: dict[str, str]) -> None:
    assert services["MES_ENVIRONMENT"] == "demo"
    assert min(len(services["SECRET_KEY"]), len(services["API_KEY_PEPPER"])) >= 50


@pytest.mark.parametrize("user", ["postgres", "mes_owner", "mes_web"])
def test_nobody_enters_the_database_without_the_right_password(
    checkout: Checkout, services: dict[str, str], user: str
) -> None:
    place = urlsplit(services["DATABASE_URL"])
    for host in (place.hostname, str(checkout.socket_folder())):
        with pytest.raises(psycopg.OperationalError, match="no password supplied"):
            psycopg.connect(host=host, port=place.port, user=user, dbname="mes", passfile="/dev/null")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(host=host, port=place.port, user=user, dbname="mes", password="guess")


def test_nobody_uses_the_broker_without_the_password(services: dict[str, str]) -> None:
    place = urlsplit(services["REDIS_URL"])
    stranger = redis.Redis(host=str(place.hostname), port=int(place.port or 0), retry=Retry(NoBackoff(), 0))
    with stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()


def test_servers_listen_on_loopback_and_in_a_private_folder_only(checkout: Checkout, services: dict[str, str]) -> None:
    assert stat.S_IMODE(checkout.socket_folder().stat().st_mode) == 0o700
    with psycopg.connect(services["DATABASE_OWNER_URL"]) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)
    with redis.Redis.from_url(services["REDIS_URL"], decode_responses=True) as client:
        assert client.config_get("bind") == {"bind": "127.0.0.1"}


def test_passwords_stand_on_no_command_line(checkout: Checkout, services: dict[str, str]) -> None:
    lines = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in checkout.processes()]
    for name in (*LOGINS, "REDIS_URL"):
        secret = urlsplit(services[name]).password
        assert secret
        assert not any(secret.encode() in line for line in lines)


def test_text_is_utf8_and_sorted_by_code_point(services: dict[str, str]) -> None:
    with psycopg.connect(services["DATABASE_OWNER_URL"]) as connection:
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        assert connection.execute("SELECT length('铺路板')").fetchone() == (3,)
        assert connection.execute("SELECT 'Z' < 'a'").fetchone() == (True,)
