"""A copy of the database lets nobody in: it holds none of the secrets that were given out, in no simple disguise."""

from __future__ import annotations

import base64
import hashlib
import subprocess
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.test import Client
from pyotp import TOTP

from mes.core.actors import DatabaseRole
from mes.core.clock import database_now
from mes.core.wall import wall
from mes.embedded.binaries import postgres_folder
from mes.firms import services
from mes.firms.choices import Role
from mes.firms.models import ApiKey, User
from mes.hooks import services as hooks
from mes.signin import one_time
from mes.signin.services import second_factor_confirm
from tests.core.people import PASSWORD, Party, make_officer, make_party, staff_actor
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
    client, of_firm = Client(), Client()
    client.force_login(officer)
    of_firm.force_login(party.user)
    secrets = {"password": PASSWORD, "API key": party.key, "session": client.cookies["sessionid"].value}
    secrets |= {"session of a firm": of_firm.cookies["sessionid"].value}
    secrets |= {"code": code, "code without its dashes": code.replace("-", "")}
    secrets |= _of_second_factor(officer) | _of_doors(party)
    assert Client(headers={"Authorization": f"Bearer {party.key}"}).get("/api/v1/me").status_code == 200
    assert (client.get("/admin/").status_code, of_firm.get("/account/").status_code) == (200, 200)
    return secrets


def _of_second_factor(officer: User) -> dict[str, str]:
    """The authenticator's secret, before and after it is confirmed, and the recovery codes."""
    secret = one_time.secret_of(officer.pk, 1)
    actor = staff_actor(user_id=officer.pk)
    with wall(DatabaseRole.STAFF):
        codes = second_factor_confirm(actor=actor, code=TOTP(secret).now(), version=1, now=database_now())
    raw = base64.b32decode(secret)
    found = {"second factor": secret, "second factor, bytes": raw.hex(), "second factor, base64": _base64(raw)}
    return found | {f"recovery code {number}": one for number, one in enumerate(codes)}


def _of_doors(party: Party) -> dict[str, str]:
    """What the API gives in answers, each called under an Idempotency-Key, whose answers are kept."""

    def given(name: str, address: str, body: object = None) -> str:
        headers = party.headers | {"Idempotency-Key": f"once-{address}"}
        answer = Client(headers=headers).post(f"/api/v1/{address}", body, content_type="application/json")
        assert answer.status_code in {200, 201}, answer.content
        secret: str = answer.json()[name]
        return secret

    key = given("key", "api-keys", {"label": "second"})
    with wall(DatabaseRole.FIRM, party.firm_id):
        keys = {row.label: row.pk for row in ApiKey.objects.all()}
        endpoint = hooks.webhook_endpoint_add(actor=party.actor, url="https://erp.example.com/hooks")
    first = hooks.secret_of(endpoint)
    found = {
        "key by door": key,
        "key in place of another": given("key", f"api-keys/{keys['second']}/rotate"),
        "webhook by door": given("secret", "webhook-endpoints", {"url": "https://erp.example.com/others"}),
        "webhook, rotated": given("secret", f"webhook-endpoints/{endpoint.pk}/rotate"),
        "webhook, before": first,
    }
    bare = {f"{kind}, bare": value.removeprefix("whsec_").rstrip("=") for kind, value in found.items()}
    return found | bare | {"code by door": given("code", f"people/{_somebody(party)}/code")}


def _somebody(party: Party) -> UUID:
    with wall(DatabaseRole.STAFF):
        roles = [Role.PLANNER]
        return services.user_create(actor=staff_actor(), username="planner", firm=party.firm, roles=roles).pk


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode().rstrip("=")


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
