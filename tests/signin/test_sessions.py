"""When a session ends, and what production's settings say to browsers."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mes.core.clock import database_now
from mes.firms.choices import Role
from tests.architecture.source import CHECKOUT
from tests.core.people import make_officer

DESK = "admin:index"


@pytest.fixture
def desk(db: None, client: Client) -> Client:
    client.force_login(make_officer("dispatcher", Role.DISPATCHER))
    assert client.get(reverse(DESK)).status_code == 200
    return client


def begun(desk: Client, ago: timedelta) -> None:
    session = desk.session
    session["began_at"] = (database_now() - ago).isoformat()
    session.save()


def test_a_request_puts_the_end_of_an_idle_session_off_and_others_of_the_minute_write_nothing(
    desk: Client, settings: Any
) -> None:
    assert settings.SESSION_COOKIE_AGE == 30 * 60
    with CaptureQueriesContext(connection) as queries:
        assert "sessionid" not in desk.get(reverse(DESK)).cookies
    assert not [query for query in queries if query["sql"].startswith("UPDATE")]
    session = desk.session
    session["seen_at"] = (database_now() - timedelta(minutes=1)).isoformat()
    session.save()
    Session.objects.update(expire_date=database_now() + timedelta(minutes=1))
    cookie = desk.get(reverse(DESK)).cookies["sessionid"]
    assert cookie["max-age"] == settings.SESSION_COOKIE_AGE
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert Session.objects.get().expire_date > database_now() + timedelta(minutes=29)


def test_an_idle_session_has_ended(desk: Client) -> None:
    session = desk.session
    session.set_expiry(database_now() - timedelta(minutes=1))
    session.save()
    assert desk.get(reverse(DESK)).status_code == 302


def test_a_busy_session_ends_after_twelve_hours(desk: Client) -> None:
    begun(desk, timedelta(hours=11, minutes=59))
    assert desk.get(reverse(DESK)).status_code == 200
    begun(desk, timedelta(hours=12, minutes=1))
    assert desk.get(reverse(DESK)).status_code == 302
    assert "_auth_user_id" not in desk.session


def test_django_finds_nothing_to_say_about_productions_settings() -> None:
    production = {"MES_ENVIRONMENT": "production", "BEHIND_TLS_PROXY": "true"}
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=CHECKOUT,
        env=os.environ | production,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_production_speaks_https_alone_and_its_own_health_is_asked_beside_it() -> None:
    asked = (
        "import django; django.setup(); from django.test import Client;"
        "c = Client(); a = c.get('/admin/', HTTP_HOST='localhost'); print(a.status_code, a['Location']);"
        "print(c.get('/livez', HTTP_HOST='localhost').status_code);"
        "a = c.get('/livez', HTTP_HOST='localhost', HTTP_X_FORWARDED_PROTO='https');"
        "print(a['Strict-Transport-Security'], a['Referrer-Policy'])"
    )
    production = {"MES_ENVIRONMENT": "production", "BEHIND_TLS_PROXY": "true", "DJANGO_SETTINGS_MODULE": "mes.settings"}
    done = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=CHECKOUT,
        env=os.environ | production,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [
        "301 https://localhost/admin/",
        "200",
        "max-age=31536000; includeSubDomains same-origin",
    ]
