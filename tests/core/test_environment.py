"""What the settings read from the environment, beyond plain values: passwords beside addresses, what a proxy needs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from mes.settings.environment import Environment, Variable

CHECKOUT = Path(__file__).parents[2]


def mistakes(environment: Environment) -> list[str]:
    with pytest.raises(ImproperlyConfigured) as raised:
        environment.finish()
    return str(raised.value).splitlines()[1:]


def test_a_password_may_stand_beside_its_address(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("a/b:c@d e%41\n")
    environment = Environment(
        {
            "DATABASE_URL": "postgres://mes_web@db:5432/mes",
            "DATABASE_PASSWORD_FILE": str(secret),
            "REDIS_URL": "redis://broker:6379/0",
            "REDIS_PASSWORD_FILE": str(secret),
        }
    )
    database = environment.database("DATABASE_URL", purpose="login")
    assert (database["USER"], database["PASSWORD"], database["HOST"]) == ("mes_web", "a/b:c@d e%41", "db")
    broker = environment.address("REDIS_URL", purpose="broker")
    assert broker == "redis://:a%2Fb%3Ac%40d%20e%2541@broker:6379/0"
    environment.finish()


def test_a_password_in_the_address_goes_first() -> None:
    environment = Environment(
        {
            "DATABASE_URL": "postgres://mes_web:inside@db/mes",
            "DATABASE_PASSWORD": "beside",
            "REDIS_URL": "redis://:inside@broker/0",
            "REDIS_PASSWORD": "beside",
        }
    )
    assert environment.database("DATABASE_URL", purpose="login")["PASSWORD"] == "inside"
    broker = environment.address("REDIS_URL", purpose="broker")
    assert broker == "redis://:inside@broker/0"


@pytest.mark.parametrize("origin", ["mes.park.example", "ftp://mes.park.example", "https://", "https://a.example/desk"])
def test_an_origin_is_a_scheme_and_a_host(origin: str) -> None:
    environment = Environment({"CSRF_TRUSTED_ORIGINS": f"https://mes.park.example, {origin}"})
    environment.origins("CSRF_TRUSTED_ORIGINS", purpose="where forms come from")
    assert mistakes(environment)[0].startswith("  - CSRF_TRUSTED_ORIGINS ")


def test_origins_may_be_several_or_none() -> None:
    several = Environment({"O": "https://mes.park.example,http://127.0.0.1:8000"})
    assert several.origins("O", purpose="") == ["https://mes.park.example", "http://127.0.0.1:8000"]
    assert Environment({}).origins("O", purpose="") == []


@pytest.mark.parametrize(("value", "meant"), [("true", True), ("false", False), ("", False)])
def test_a_switch_is_true_or_false(value: str, meant: bool) -> None:
    environment = Environment({"S": value})
    assert environment.switch("S", purpose="something") is meant
    environment.finish()


def test_a_switch_takes_no_other_word() -> None:
    environment = Environment({"S": "yes"})
    environment.switch("S", purpose="something")
    assert mistakes(environment) == ["  - S is not one of true, false: something."]


def test_each_variable_is_declared_once_in_the_order_of_reading() -> None:
    environment = Environment({})
    environment.text("A", purpose="first")
    environment.whole_number("B", purpose="second", default=3)
    environment.choice("C", purpose="third", choices=("x", "y"), default="x")
    assert environment.declared == [
        Variable("A", "first", None),
        Variable("B", "second", "3"),
        Variable("C", "third, one of x, y", "x"),
    ]


PROXY = "from django.conf import settings as s; print(s.SECURE_PROXY_SSL_HEADER, s.CSRF_TRUSTED_ORIGINS)"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "None []"),
        (
            {"BEHIND_TLS_PROXY": "true", "CSRF_TRUSTED_ORIGINS": "https://mes.park.example"},
            "('HTTP_X_FORWARDED_PROTO', 'https') ['https://mes.park.example']",
        ),
    ],
)
def test_a_proxy_is_trusted_only_when_the_environment_says_so(given: dict[str, str], said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROXY],
        cwd=CHECKOUT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "mes.settings"} | given,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.strip() == said
