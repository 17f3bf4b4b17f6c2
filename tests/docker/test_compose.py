"""docker/compose.yaml names only what the code knows, and runs each process as the role that it may have."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import get_commands
from django.urls import resolve

from mes.core import healthy
from mes.embedded.provision import ROLE_PASSWORDS, TEMPLATE
from mes.settings.environment import Environment
from mes.settings.example import COMPOSE as FOR_COMPOSE
from mes.settings.example import WEB, example
from tests.docker.stack import COMPOSE, DOCKER, OURS, SERVICES, environment_of, interpolated

ROLES = {"migrate": "mes_owner", "web": "mes_web", "worker": "mes_worker", "beat": "mes_worker"}
SETTINGS = {variable.name for variable in settings.ENVIRONMENT_VARIABLES}


def without_file(name: str) -> str:
    return name.removesuffix("_FILE") if name != "HEARTBEAT_FILE" else name


@pytest.mark.parametrize(("service", "role"), ROLES.items())
def test_each_process_has_its_own_login_and_no_password_in_the_open(service: str, role: str) -> None:
    address = urlsplit(environment_of(service)["DATABASE_URL"])
    assert (address.username, address.password, address.hostname) == (role, None, "postgres")
    assert environment_of(service)["DATABASE_PASSWORD_FILE"] == f"/run/secrets/{role}_password"
    assert "LOGIN NOINHERIT NOSUPERUSER NOCREATEDB" in TEMPLATE.read_text() or role == "mes_owner"
    assert f"ALTER ROLE {role} LOGIN" in TEMPLATE.read_text()


def test_the_owner_serves_nobody() -> None:
    assert ROLES.keys() | {"provision"} == set(OURS)
    for service in ("web", "worker", "beat"):
        assert "mes_owner_password" not in SERVICES[service]["secrets"]
        assert "postgres_password" not in SERVICES[service]["secrets"]


@pytest.mark.parametrize("service", [name for name in OURS if name != "provision"])
def test_each_variable_is_one_that_the_settings_or_the_web_server_read(service: str) -> None:
    known = SETTINGS | {variable.name for variable in WEB}
    assert {without_file(name) for name in environment_of(service)} <= known


def test_provisioning_gets_an_administrators_address_and_every_login_s_password_by_file() -> None:
    address = urlsplit(environment_of("provision")["DATABASE_URL"])
    assert (address.username, address.password, address.hostname) == ("postgres", None, "postgres")
    files = {f"{name}_FILE" for name in ("DATABASE_PASSWORD", *ROLE_PASSWORDS)}
    assert environment_of("provision").keys() == {"MES_ENVIRONMENT", "DATABASE_URL"} | files


@pytest.mark.parametrize("service", ROLES)
def test_the_settings_are_complete_with_what_compose_gives(service: str, tmp_path: Path) -> None:
    """Read as the container would read them: its variables, its secrets' files, nothing else."""
    secret = tmp_path / "secret"
    secret.write_text("x" * 64)
    given = {
        name: str(secret) if value.startswith("/run/secrets/") else value
        for name, value in environment_of(service).items()
    }
    environment = Environment(given)
    for variable in settings.ENVIRONMENT_VARIABLES:
        environment.text(variable.name, purpose=variable.purpose, default=variable.default)
    environment.finish()


def test_each_secret_that_is_named_is_given_and_made() -> None:
    made = (DOCKER / "make-secrets").read_text(encoding="utf-8")
    for service in SERVICES.values():
        named = {
            value.removeprefix("/run/secrets/")
            for value in service.get("environment", {}).values()
            if str(value).startswith("/run/secrets/")
        }
        assert named <= set(service.get("secrets", []))
        assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])
    for name, source in COMPOSE["secrets"].items():
        assert source == {"file": f"${{SECRETS:-./secrets}}/{name}"}
        assert re.search(rf"\b{name}\b", made)


def test_secrets_are_made_once_and_closed_to_others(tmp_path: Path) -> None:
    script = tmp_path / "make-secrets"
    script.write_bytes((DOCKER / "make-secrets").read_bytes())
    subprocess.run(["sh", script], check=True, timeout=20)
    first = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    subprocess.run(["sh", script], check=True, timeout=20)
    assert first == {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert first.keys() == COMPOSE["secrets"].keys()
    assert len(set(first.values())) == len(first)
    assert all(len(value) == 64 for value in first.values())
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700


def test_the_broker_takes_its_password_from_the_file_and_is_itself_told_to_stop(tmp_path: Path) -> None:
    (tmp_path / "redis_password").write_text("a-password")
    server = tmp_path / "redis-server"
    server.write_text('#!/bin/sh\necho "$$ $*"\ncat\n')
    server.chmod(0o755)
    (command,) = SERVICES["redis"]["command"]
    script = command.replace("$$", "$").replace("/run/secrets", str(tmp_path))
    with subprocess.Popen(
        [*SERVICES["redis"]["entrypoint"], script],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        said = process.communicate(timeout=30)[0].splitlines()
    assert said[0] == f"{process.pid} -"
    assert set(said[1:]) == {'requirepass "a-password"', "dir /data", "appendonly yes", 'save ""'}


def test_each_command_is_there() -> None:
    assert SERVICES["provision"]["command"] == ["python", "-m", "mes.embedded", "provision"]
    _python, manage, command, _noinput = SERVICES["migrate"]["command"]
    assert (DOCKER.parent / manage).is_file()
    assert command in get_commands()
    gunicorn, _config, path = SERVICES["web"]["command"]
    assert find_spec(gunicorn) is not None
    assert (DOCKER.parent / path).is_file()
    for service in ("worker", "beat"):
        celery, app, verb, *_options = SERVICES[service]["command"]
        assert (celery, verb) == ("celery", service)
        assert import_module(app.removeprefix("--app=")).app.main == "mes"


@pytest.mark.parametrize("service", ["web", "worker", "beat"])
def test_each_process_is_asked_how_it_is(service: str) -> None:
    _cmd, python, flag, module, what = SERVICES[service]["healthcheck"]["test"]
    assert (python, flag, module) == ("python", "-m", healthy.__name__)
    assert what == ("web" if service == "web" else "heartbeat")
    assert resolve(healthy.READY_PATH)
    if what == "heartbeat":
        assert environment_of(service)["HEARTBEAT_FILE"].startswith("/tmp/")


def test_migration_ends_before_anybody_serves() -> None:
    assert SERVICES["provision"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert SERVICES["migrate"]["depends_on"] == {"provision": {"condition": "service_completed_successfully"}}
    for service in ("web", "worker", "beat"):
        assert SERVICES[service]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    for service in ("provision", "migrate"):
        assert SERVICES[service]["restart"] == "no"


def test_only_the_web_is_published_and_on_loopback() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"web": ["127.0.0.1:${WEB_PORT:-8000}:8000"]}
    assert environment_of("web")["WEB_BIND"].endswith(":8000")


@pytest.mark.parametrize("service", OURS)
def test_no_container_of_ours_gains_rights(service: str) -> None:
    assert SERVICES[service]["cap_drop"] == ["ALL"]
    assert SERVICES[service]["security_opt"] == ["no-new-privileges:true"]
    assert SERVICES[service]["read_only"] is True
    assert "privileged" not in SERVICES[service]


def test_what_compose_asks_of_the_example_is_in_it() -> None:
    assert interpolated() == {variable.name for variable in FOR_COMPOSE}


def test_the_example_is_what_the_settings_say() -> None:
    """Mended by `python -m mes.settings.example > docker/.env.example`."""
    assert (DOCKER / ".env.example").read_text(encoding="utf-8") == example(settings.ENVIRONMENT_VARIABLES)


def test_provisioning_reads_all_that_compose_gives_it(tmp_path: Path) -> None:
    """As far as a server that is not there: it has then read each secret, and made none of its own."""
    secret = tmp_path / "secret"
    secret.write_text("x" * 64)
    given = {
        name: str(secret) if name.endswith("_FILE") else value for name, value in environment_of("provision").items()
    }
    given["DATABASE_URL"] = "postgres://postgres@127.0.0.1:1/postgres"
    told = subprocess.run(
        [sys.executable, *SERVICES["provision"]["command"][1:]],
        cwd=DOCKER.parent,
        env={"PATH": os.environ["PATH"], **given},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert told.returncode == 2
    assert told.stderr.startswith("no connection to the database server 127.0.0.1:1")


def test_a_plan_takes_the_cores_that_the_web_leaves() -> None:
    usual = 1024
    assert 0 < SERVICES["worker"]["cpu_shares"] < usual
    assert all("cpu_shares" not in SERVICES[name] for name in ("web", "postgres", "redis", "beat"))
