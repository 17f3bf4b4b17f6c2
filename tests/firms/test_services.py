"""Firms, people and keys are made by services, each by the side that may."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from mes.core.actors import DatabaseRole
from mes.core.clock import database_now
from mes.core.errors import InvalidValue, NotFound, NotPermitted
from mes.core.models import AuditRow
from mes.core.wall import wall
from mes.firms import services
from mes.firms.choices import FIRM_ROLES, Role
from mes.firms.models import ApiKey, Firm, Membership, User
from tests.core.people import Party, firm_actor, make_officer, staff_actor
from tests.database import as_owner

pytestmark = pytest.mark.django_db


def test_the_administrator_records_a_firm() -> None:
    with wall(DatabaseRole.STAFF):
        firm = services.firm_create(actor=staff_actor(), code="F01", name_zh="甲厂", gate_m=(120, 340))
        assert (firm.code, firm.gate_east_m, firm.gate_north_m) == ("F01", 120, 340)


@pytest.mark.parametrize("role", [Role.DISPATCHER, Role.AUDITOR, Role.ROUND_OFFICER])
def test_no_other_officer_makes_a_firm(role: Role) -> None:
    with wall(DatabaseRole.STAFF), pytest.raises(NotPermitted):
        services.firm_create(actor=staff_actor(role), code="F01", name_zh="甲厂")


def test_a_code_is_given_once(party: Party) -> None:
    with wall(DatabaseRole.STAFF), pytest.raises(InvalidValue) as raised:
        services.firm_create(actor=staff_actor(), code=party.firm.code, name_zh="乙厂")
    assert raised.value.pointer == "/code"


def test_an_owner_makes_people_of_his_own_firm(party: Party, other: Party) -> None:
    with wall(DatabaseRole.FIRM, party.firm_id):
        user = services.user_create(actor=party.actor, username="buyer", firm=party.firm, roles=[Role.BUYER])
        assert user.roles == {Role.BUYER}
        assert not user.is_staff
        assert not user.has_usable_password()
        with pytest.raises(NotFound):
            services.user_create(actor=party.actor, username="spy", firm=other.firm, roles=[Role.OWNER])


def test_an_owner_makes_no_people_of_the_association(party: Party) -> None:
    with wall(DatabaseRole.FIRM, party.firm_id), pytest.raises(NotPermitted):
        services.user_create(actor=party.actor, username="mole", firm=None, roles=[Role.ADMINISTRATOR])


def test_roles_of_the_other_side_are_refused(party: Party) -> None:
    with wall(DatabaseRole.STAFF):
        for firm, role in ((party.firm, Role.DISPATCHER), (None, Role.PLANNER)):
            with pytest.raises(InvalidValue) as raised:
                services.user_create(actor=staff_actor(), username="x", firm=firm, roles=[role])
            assert raised.value.pointer == "/roles"
        assert not User.objects.filter(username="x").exists()


def refusal_of_name(party: Party, username: str) -> str:
    with wall(DatabaseRole.FIRM, party.firm_id):
        with pytest.raises(InvalidValue) as raised:
            services.user_create(actor=party.actor, username=username, firm=party.firm, roles=[Role.BUYER])
        assert raised.value.pointer == "/username"
        assert User.objects.count() == 1
    return str(raised.value)


def test_a_name_of_a_firm_ends_with_its_code_so_that_taken_tells_nothing_of_another_firm(
    party: Party, other: Party
) -> None:
    assert {refusal_of_name(party, name) for name in ("owner", "owner@A")} == {"用户名已被占用。"}
    theirs = {refusal_of_name(party, name) for name in (other.user.username, "nobody@B", "a@A@A", "a@", "a@a")}
    assert theirs == {"企业人员的用户名为 name@企业代码，协会人员的用户名不含 @。"}
    for name in ("", "@A", "x" * 59, "new comer"):
        refusal_of_name(party, name)
    with wall(DatabaseRole.FIRM, party.firm_id):
        for name in ("chen", "buyer@A"):
            made = services.user_create(actor=party.actor, username=name, firm=party.firm, roles=[Role.BUYER])
            assert made.username == f"{name.removesuffix('@A')}@A"


def test_a_name_of_the_association_has_no_at(party: Party) -> None:
    for name in ("chen@A", "chen@"):
        with wall(DatabaseRole.STAFF), pytest.raises(InvalidValue):
            services.user_create(actor=staff_actor(), username=name, firm=None, roles=[Role.AUDITOR])


def test_the_database_too_keeps_roles_on_their_side(party: Party) -> None:
    with wall(DatabaseRole.STAFF), pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=party.user, firm=party.firm, role=Role.DISPATCHER)


def test_a_membership_in_a_firm_gives_nothing_to_a_person_of_another(party: Party, other: Party) -> None:
    with wall(DatabaseRole.FIRM, party.firm_id), pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user_id=other.user.pk, firm=party.firm, role=Role.OPERATOR)


def test_a_membership_of_the_association_gives_a_firms_person_nothing(party: Party) -> None:
    with wall(DatabaseRole.STAFF):
        Membership.objects.create(user=party.user, firm=None, role=Role.AUDITOR)
        assert User.objects.get(pk=party.user.pk).roles == {Role.OWNER, Role.PLANNER}


def test_a_key_is_shown_once_and_only_its_digest_is_kept(party: Party) -> None:
    with as_owner():
        row = ApiKey.objects.get(firm_id=party.firm_id)
    assert party.key.startswith(row.prefix)
    assert len(row.prefix) <= 12
    assert len(party.key) > 40
    assert party.key not in {str(value) for value in vars(row).values()}
    assert len(row.digest) == 64


def test_keys_are_issued_by_the_owner_for_people_of_his_firm(party: Party, other: Party) -> None:
    officer = make_officer()
    with wall(DatabaseRole.FIRM, party.firm_id):
        with pytest.raises(NotFound):
            services.api_key_issue(actor=party.actor, user=other.user, label="x")
        with pytest.raises(InvalidValue):
            services.api_key_issue(actor=party.actor, user=officer, label="x")
        with pytest.raises(NotPermitted):
            services.api_key_issue(actor=firm_actor(party.firm_id, Role.PLANNER), user=party.user, label="x")


def test_keys_are_revoked_by_the_owner_of_their_firm_and_stay_so(party: Party, other: Party) -> None:
    with wall(DatabaseRole.FIRM, party.firm_id):
        row = ApiKey.objects.get()
        now = database_now()
        assert services.api_key_revoke(actor=party.actor, api_key_id=row.pk, now=now).revoked_at == now
        again = services.api_key_revoke(actor=party.actor, api_key_id=row.pk, now=now + timedelta(hours=1))
        assert again.revoked_at == now
        with pytest.raises(NotPermitted):
            services.api_key_revoke(actor=firm_actor(party.firm_id, Role.PLANNER), api_key_id=row.pk, now=now)
    with wall(DatabaseRole.FIRM, other.firm_id), pytest.raises(NotFound):
        services.api_key_revoke(actor=other.actor, api_key_id=row.pk, now=now)


def test_what_was_done_is_in_the_audit_of_the_firm_without_any_secret(party: Party) -> None:
    with wall(DatabaseRole.FIRM, party.firm_id):
        rows = {row.verb: row for row in AuditRow.objects.all()}
    assert rows["user.create"].changes == {"roles": [None, ["owner", "planner"]]}
    assert rows["api_key.issue"].changes["prefix"] == [None, party.key[: len("mes_") + 6]]
    assert all(party.key not in str(row.changes) for row in rows.values())
    assert Firm.objects.filter(pk=party.firm_id).exists()
    assert set(FIRM_ROLES) > party.user.roles
