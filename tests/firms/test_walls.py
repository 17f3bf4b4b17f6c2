"""Declared interests: who declares and ends them, and what they do to the person's next request."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from mes.core.actors import Actor, DatabaseRole
from mes.core.clock import database_now
from mes.core.errors import InvalidValue, NotAllowedInState, NotFound, NotPermitted
from mes.core.wall import actor_wall, wall
from mes.firms import services
from mes.firms.access import can
from mes.firms.authentication import actor_of_user
from mes.firms.choices import Role
from mes.firms.models import DeclaredInterest, Firm, User
from tests.core.people import Party, make_officer, staff_actor

pytestmark = pytest.mark.django_db


def acting(user: User) -> Actor:
    """As a request finds him, from the database."""
    return actor_of_user(User.objects.get(pk=user.pk))


def declared(party: Party, user: User, actor: Actor | None = None) -> DeclaredInterest:
    actor = actor or acting(user)
    with actor_wall(actor):
        return services.interest_declare(actor=actor, user_id=user.pk, firm_id=party.firm_id, now=database_now())


def test_who_declares_an_interest_finds_nothing_of_the_firm_from_then_on(party: Party, other: Party) -> None:
    officer = make_officer("dispatcher", Role.DISPATCHER)
    declared(party, officer)
    actor = acting(officer)
    assert actor.barred_firms == {party.firm_id}
    with actor_wall(actor):
        assert list(Firm.objects.values_list("code", flat=True)) == ["B"]
        assert not User.objects.filter(firm_id=party.firm_id).exists()
        assert not DeclaredInterest.objects.exists()


def test_the_access_table_bars_too(party: Party, other: Party) -> None:
    barred = staff_actor()
    barred = replace(barred, sight=replace(barred.sight, barred_firms=frozenset({party.firm_id})))
    assert not can(barred, "user.create", party.firm)
    assert can(barred, "user.create", other.firm)
    with wall(DatabaseRole.STAFF), pytest.raises(NotFound):
        services.user_create(actor=barred, username="x@A", firm=party.firm, roles=[Role.OWNER])


def test_an_administrator_declares_for_others_and_nobody_else_does(party: Party) -> None:
    officer, dispatcher = make_officer("auditor", Role.AUDITOR), make_officer("dispatcher", Role.DISPATCHER)
    with pytest.raises(NotPermitted):
        declared(party, officer, acting(dispatcher))
    row = declared(party, officer, acting(make_officer("administrator")))
    assert (row.user_id, row.declared_by_id) == (officer.pk, User.objects.get(username="administrator").pk)
    assert acting(officer).barred_firms == {party.firm_id}


def test_only_another_administrator_ends_an_interest(party: Party) -> None:
    first, second = make_officer("first"), make_officer("second")
    row = declared(party, first)
    for user, refused in ((first, NotFound), (make_officer("dispatcher", Role.DISPATCHER), NotPermitted)):
        actor = acting(user)
        with actor_wall(actor), pytest.raises(refused):
            services.interest_end(actor=actor, interest_id=row.pk, now=database_now())
    blind = replace(acting(first), sight=acting(second).sight)  # were his own bar forgotten
    with actor_wall(blind), pytest.raises(NotPermitted):
        services.interest_end(actor=blind, interest_id=row.pk, now=database_now())
    with actor_wall(acting(second)):
        services.interest_end(actor=acting(second), interest_id=row.pk, now=database_now())
    assert acting(first).barred_firms == frozenset()


def test_it_is_declared_once_at_a_time_and_of_the_associations_people_alone(party: Party) -> None:
    administrator = make_officer("administrator")
    officer = make_officer("auditor", Role.AUDITOR)
    declared(party, officer, acting(administrator))
    with pytest.raises(NotAllowedInState):
        declared(party, officer, acting(administrator))
    with pytest.raises(InvalidValue):
        declared(party, party.user, acting(administrator))
    with actor_wall(acting(administrator)), pytest.raises(NotFound):
        services.interest_declare(
            actor=acting(administrator), user_id=officer.pk, firm_id=officer.pk, now=database_now()
        )


def test_a_round_officer_declares_his_own_on_the_desk(client: Client, party: Party) -> None:
    client.force_login(make_officer("round", Role.ROUND_OFFICER))
    address = reverse("admin:firms_declaredinterest_act_on_list", args=["declare"])
    assert client.get(address).status_code == 200
    answer = client.post(address, {"firm": str(party.firm_id)})
    assert answer.status_code == 302
    assert acting(User.objects.get(username="round")).barred_firms == {party.firm_id}
    assert not client.get(reverse("admin:firms_firm_changelist")).context["cl"].result_list


def test_an_administrator_declares_and_ends_on_the_desk(client: Client, party: Party) -> None:
    officer = make_officer("auditor", Role.AUDITOR)
    client.force_login(make_officer("administrator"))
    declare = reverse("admin:firms_user_act_on_row", args=[officer.pk, "declare-interest"])
    assert client.post(declare, {"firm": str(party.firm_id)}).status_code == 302
    row = DeclaredInterest.objects.get()
    assert "auditor" in client.get(reverse("admin:firms_declaredinterest_changelist")).content.decode()
    end = reverse("admin:firms_declaredinterest_act_on_row", args=[row.pk, "end"])
    assert client.post(end, {}).status_code == 302
    assert acting(officer).barred_firms == frozenset()
