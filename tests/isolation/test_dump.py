"""A copy of the database lets nobody in: it holds none of the secrets that were given out, in no simple disguise."""

from __future__ import annotations

import base64
import hashlib
import subprocess
from collections.abc import Iterator

import pytest
from django.test import Client

from mes.core.actors import DatabaseRole
from mes.core.clock import database_now
from mes.core.wall import wall
from mes.embedded.binaries import postgres_folder
from mes.firms import services
from mes.firms.choices import Role
from mes.hooks import services as hooks
from tests.core.people import PASSWORD, make_officer, make_party, staff_actor
from tests.database import TestDatabase

pytestmark = pytest.mark.django_db(transaction=True)


def dumped(database: TestDatabase) -> str:
    """Everything, as a backup holds it."""
    command = [
        str(postgres_folder() / "bin" / "pg_dump"),
        "--no-sync",
        f"--dbname={database.url('DATABASE_OWNER_URL')}",
    ]
    return subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout


def disguises(secret: str) -> Iterator[str]:
    """The secret as it is, and as anybody would try it: coded, or hashed without a key."""
    raw = secret.encode()
    yield secret
    yield from (base64.b64encode(raw).decode().rstrip("="), base64.urlsafe_b64encode(raw).decode().rstrip("="))
    yield from (raw.hex(), raw.hex().upper())
    for name in ("md5", "sha1", "sha256", "sha512"):
        digest = hashlib.new(name, raw).digest()
        yield from (digest.hex(), base64.b64encode(digest).decode().rstrip("="))


def given_out() -> dict[str, str]:
    """One secret of each kind that the system gives to somebody. A new kind is added here."""
    party, officer = make_party("A"), make_officer()
    with wall(DatabaseRole.STAFF):
        invited = services.user_create(actor=staff_actor(), username="invited", firm=None, roles=[Role.AUDITOR])
        code = services.account_code_issue(actor=staff_actor(), user_id=invited.pk, now=database_now()).code
    with wall(DatabaseRole.FIRM, party.firm.pk):
        endpoint = hooks.webhook_endpoint_add(actor=party.actor, url="https://erp.example.com/hooks")
    client = Client()
    client.force_login(officer)
    secrets = {"password": PASSWORD, "API key": party.key, "session": client.cookies["sessionid"].value}
    secrets |= {"webhook secret": hooks.secret_of(endpoint).removeprefix("whsec_").rstrip("=")}
    secrets |= {"code": code, "code without its dashes": code.replace("-", "")}
    assert Client(headers={"Authorization": f"Bearer {party.key}"}).get("/api/v1/me").status_code == 200
    assert client.get("/admin/").status_code == 200
    return secrets


def test_a_dump_holds_no_secret(test_database: TestDatabase) -> None:
    secrets = given_out()
    dump = dumped(test_database)
    assert "firms_apikey" in dump
    assert party_is_in(dump)
    for kind, secret in secrets.items():
        found = [disguise for disguise in disguises(secret) if disguise in dump]
        assert found == [], kind


def party_is_in(dump: str) -> bool:
    """The control: the rows themselves are there."""
    return all(text in dump for text in ("officer", "A企业", "argon2", "mes_"))
