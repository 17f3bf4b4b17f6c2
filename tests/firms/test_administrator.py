"""`manage.py administrator`: how the first person of an installation comes in."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from mes.firms.choices import Role
from tests.core.people import Party, make_officer

pytestmark = pytest.mark.django_db
PASSWORD = "another-horse-8-battery"


def code_from_command(username: str) -> str:
    said = StringIO()
    call_command("administrator", username, stdout=said)
    return said.getvalue().split()[1]


def test_the_first_administrator_comes_in_by_a_code_and_again_by_another(client: Client) -> None:
    for _ in range(2):
        sent = {"code": code_from_command("root"), "password": PASSWORD, "again": PASSWORD}
        assert client.post("/account/welcome", sent).status_code == 302
        answer = client.post("/account/sign-in", {"username": "root", "password": PASSWORD})
        assert answer["Location"] == "/admin/"
        assert client.get("/admin/firms/user/").status_code == 200


def test_nobody_else_gets_a_code_from_the_command(party: Party) -> None:
    make_officer("auditor", Role.AUDITOR)
    for name in ("auditor", party.user.username, "new@A", ""):
        with pytest.raises(CommandError):
            code_from_command(name)
