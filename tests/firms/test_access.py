"""The access table: who may do what."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mes.core.actors import system_actor
from mes.core.errors import NotFound, NotPermitted
from mes.core.ids import new_id
from mes.firms.access import ACCESS, STAFF_VIEWS, can, may_see_model, require
from mes.firms.choices import ASSOCIATION_ROLES, FIRM_ROLES, Role
from tests.core.people import firm_actor, staff_actor

# What only a firm decides of its own affairs: the association's people may never do it for a firm.
FIRMS_OWN = {verb for verb, roles in ACCESS.items() if roles <= FIRM_ROLES}


def test_every_verb_names_object_and_act_and_known_roles() -> None:
    for verb, roles in ACCESS.items():
        noun, _dot, act = verb.partition(".")
        assert noun
        assert act
        assert roles
        assert roles <= set(Role)


def test_every_role_is_of_one_side() -> None:
    assert set(Role) == ASSOCIATION_ROLES | FIRM_ROLES
    assert not ASSOCIATION_ROLES & FIRM_ROLES


@pytest.mark.parametrize("verb", sorted(ACCESS))
@pytest.mark.parametrize("role", list(Role))
def test_a_role_may_do_what_the_table_says_and_nothing_else(verb: str, role: Role) -> None:
    firm_id = new_id()
    actor = firm_actor(firm_id, role) if role in FIRM_ROLES else staff_actor(role)
    assert can(actor, verb, firm_id=firm_id) is (role in ACCESS[verb])


@pytest.mark.parametrize(
    "verb",
    ["sales_order.confirm", "machine_run.approve", "machine_run.confirm", "machine_run.start", "proposal.accept"],
)
def test_the_association_never_confirms_approves_starts_or_accepts_for_a_firm(verb: str) -> None:
    assert verb in FIRMS_OWN


def test_another_firms_object_is_not_found_rather_than_forbidden() -> None:
    actor = firm_actor(new_id(), *FIRM_ROLES)
    with pytest.raises(NotFound):
        require(actor, "sales_order.confirm", firm_id=new_id())
    assert not can(actor, "sales_order.confirm", firm_id=new_id())


def test_a_role_that_lacks_the_verb_is_forbidden() -> None:
    firm_id = new_id()
    with pytest.raises(NotPermitted):
        require(firm_actor(firm_id, Role.OPERATOR), "sales_order.confirm", firm_id=firm_id)
    with pytest.raises(NotPermitted):
        require(replace(staff_actor(), roles=frozenset()), "firm.create")


def test_the_system_may_do_every_verb() -> None:
    for verb in ACCESS:
        require(system_actor(), verb, firm_id=new_id())


def test_an_unknown_verb_is_a_fault_of_ours() -> None:
    with pytest.raises(KeyError):
        can(staff_actor(), "firm.abolish")


def test_the_admin_shows_the_association_lists_and_changes_nothing() -> None:
    for model in STAFF_VIEWS:
        assert may_see_model(frozenset({Role.ADMINISTRATOR}), verb="view", model=model)
        for verb in ("add", "change", "delete"):
            assert not may_see_model(frozenset(Role), verb=verb, model=model)
        assert not may_see_model(FIRM_ROLES, verb="view", model=model)
    assert {model for model in STAFF_VIEWS if "terms" in model} == {"firms.dataterms", "firms.termssignature"}
