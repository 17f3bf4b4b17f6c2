"""A person can be made anonymous while what the person did stays, and the chain of seals still verifies."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from mes.core.actors import DatabaseRole
from mes.core.errors import NotAllowedInState, NotFound, NotPermitted
from mes.core.ids import new_id
from mes.core.models import AuditRow
from mes.core.seals_verify import verify
from mes.core.wall import wall
from mes.firms.choices import Role
from mes.firms.models import ApiKey, User
from mes.firms.services import user_anonymise
from tests.core.chain import Owner, seal_until
from tests.core.people import Party, make_officer, make_party, staff_actor

NAME, LABEL = "Chen Wei", "laptop of Chen Wei"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def party(transactional_db: None, owner: Owner) -> Party:
    party = make_party("A")
    owner.execute("UPDATE firms_user SET full_name = %s WHERE id = %s", [NAME, party.user.pk])
    owner.execute("UPDATE firms_apikey SET label = %s", [LABEL])
    return party


def _end(owner: Owner, party: Party) -> None:
    owner.execute("UPDATE firms_user SET is_active = false WHERE id = %s", [party.user.pk])


@pytest.mark.usefixtures("worker_login")
def test_the_name_goes_and_the_chain_still_verifies(party: Party, owner: Owner) -> None:
    with wall(DatabaseRole.PLANNER):
        keys = list(AuditRow.objects.filter(actor_user_id__isnull=False).values_list("pk", flat=True))
    seal_until(keys)
    before = owner.execute("SELECT password FROM firms_user WHERE id = %s", [party.user.pk]).fetchone()
    _end(owner, party)
    with wall(DatabaseRole.STAFF):
        gone = user_anonymise(actor=staff_actor(Role.ADMINISTRATOR), user_id=party.user.pk)
    assert gone.username.startswith("gone-")
    assert not gone.has_usable_password()
    row = owner.execute("SELECT username, full_name, password FROM firms_user WHERE id = %s", [gone.pk]).fetchone()
    assert row is not None
    assert before is not None
    assert row[:2] == (gone.username, "")
    assert row[2] != before[0]
    dump = "".join(
        str(owner.execute(f"SELECT coalesce(string_agg(t::text, ''), '') FROM {table} t").fetchone())
        for table in ("core_auditrow", "core_outboxevent", "firms_user", "firms_apikey", "firms_membership")
    )
    assert not any(word in dump for word in (NAME, LABEL, party.user.username))
    seal_until([key for (key,) in owner.execute("SELECT id FROM core_auditrow WHERE verb = 'user.anonymise'")])  # type: ignore[misc]
    assert verify().findings == []


def test_sessions_end_and_keys_are_revoked(owner: Owner) -> None:
    officer = make_officer("leaver", Role.DISPATCHER)
    client = Client()
    client.force_login(officer)
    assert client.get(reverse("admin:index")).status_code == 200
    owner.execute("UPDATE firms_user SET is_active = false WHERE id = %s", [officer.pk])
    with wall(DatabaseRole.STAFF):
        user_anonymise(actor=staff_actor(Role.ADMINISTRATOR), user_id=officer.pk)
    owner.execute("UPDATE firms_user SET is_active = true WHERE id = %s", [officer.pk])  # were it opened again
    assert client.get(reverse("admin:index")).status_code == 302


def test_the_keys_of_a_person_who_is_gone_open_nothing(party: Party, owner: Owner) -> None:
    _end(owner, party)
    with wall(DatabaseRole.STAFF):
        user_anonymise(actor=staff_actor(Role.ADMINISTRATOR), user_id=party.user.pk)
    owner.execute("UPDATE firms_user SET is_active = true WHERE id = %s", [party.user.pk])
    with wall(DatabaseRole.FIRM, party.firm_id):
        assert not ApiKey.objects.filter(revoked_at=None).exists()
    answer = Client().get("/api/v1/me", headers={"Authorization": f"Bearer {party.key}"})
    assert answer.status_code == 401


def test_only_an_administrator_does_it_once_to_an_account_that_has_ended(party: Party, owner: Owner) -> None:
    administrator = staff_actor(Role.ADMINISTRATOR)
    with wall(DatabaseRole.STAFF):
        with pytest.raises(NotAllowedInState):
            user_anonymise(actor=administrator, user_id=party.user.pk)
        with pytest.raises(NotFound):
            user_anonymise(actor=administrator, user_id=new_id())
    _end(owner, party)
    with wall(DatabaseRole.STAFF), pytest.raises(NotPermitted):
        user_anonymise(actor=staff_actor(Role.DISPATCHER), user_id=party.user.pk)
    with wall(DatabaseRole.FIRM, party.firm_id), pytest.raises(NotPermitted):
        user_anonymise(actor=party.actor, user_id=party.user.pk)
    with wall(DatabaseRole.STAFF):
        user_anonymise(actor=administrator, user_id=party.user.pk)
        with pytest.raises(NotAllowedInState):
            user_anonymise(actor=administrator, user_id=party.user.pk)
        assert User.objects.filter(username__startswith="gone-").count() == 1
