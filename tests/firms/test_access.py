"""The access table: who may do what."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest
from django.apps import apps
from django.db.models import Model

from mes.core.actors import Actor, system_actor
from mes.core.errors import NotFound, NotPermitted
from mes.core.ids import new_id
from mes.firms.access import (
    ACCESS,
    PARTIES,
    STAFF_VIEWS,
    Side,
    can,
    may_see_model,
    require,
    required_firm,
    side_of,
)
from mes.firms.choices import ASSOCIATION_ROLES, FIRM_ROLES, SUPPLIER_ROLES, Role
from mes.firms.models import Firm, User
from mes.lots.models import Lot
from orders.outsourcing.models import OutsourceOrder
from tests.architecture.source import sources
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
    sides = (ASSOCIATION_ROLES, FIRM_ROLES, SUPPLIER_ROLES)
    assert sorted(Role) == sorted(role for side in sides for role in side)


def a_row(firm_id: UUID) -> Model:
    return Lot(firm_id=firm_id)


def a_document(*, giver: UUID, doer: UUID) -> Model:
    return OutsourceOrder(giver_id=giver, doer_id=doer)


def acting(role: Role, firm_id: UUID) -> Actor:
    return firm_actor(firm_id, role) if role in FIRM_ROLES else staff_actor(role)


def answer(actor: Actor, verb: str, obj: Model | None) -> str:
    """What `require` says, with which `can` agrees."""
    try:
        require(actor, verb, obj)
    except (NotFound, NotPermitted) as refusal:
        assert not can(actor, verb, obj)
        return type(refusal).__name__
    assert can(actor, verb, obj)
    return "yes"


@pytest.mark.parametrize("verb", sorted(ACCESS))
@pytest.mark.parametrize("role", list(Role))
def test_a_role_may_do_what_the_table_says_to_its_own_and_nothing_else(verb: str, role: Role) -> None:
    firm_id = new_id()
    actor = acting(role, firm_id)
    allowed = "yes" if role in ACCESS[verb] else "NotPermitted"
    of_another = "NotFound" if role in FIRM_ROLES else allowed
    of_nobody = "NotPermitted" if role in FIRM_ROLES else allowed
    assert answer(actor, verb, None) == allowed
    assert answer(actor, verb, a_row(firm_id)) == allowed
    assert answer(actor, verb, Firm(pk=firm_id)) == allowed
    assert answer(actor, verb, a_row(new_id())) == of_another
    assert answer(actor, verb, User(firm=None)) == of_nobody


@pytest.mark.parametrize("verb", sorted(PARTIES))
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("side", [*Side, None])
def test_a_shared_document_is_the_party_s_that_the_verb_belongs_to(verb: str, role: Role, side: Side | None) -> None:
    firm_id = new_id()
    firms = {"giver": new_id(), "doer": new_id()} | ({str(side): firm_id} if side else {})
    actor = acting(role, firm_id)
    if role in FIRM_ROLES and side is None:
        wanted = "NotFound"
    elif role in ACCESS[verb] and side in PARTIES[verb] and role not in ASSOCIATION_ROLES:
        wanted = "yes"
    else:
        wanted = "NotPermitted"
    assert answer(actor, verb, a_document(**firms)) == wanted


@pytest.mark.parametrize("verb", sorted(set(ACCESS) - set(PARTIES)))
def test_a_verb_that_names_no_party_is_done_to_no_shared_document(verb: str) -> None:
    firm_id = new_id()
    actor = firm_actor(firm_id, *Role)
    with pytest.raises(KeyError):
        can(actor, verb, a_document(giver=firm_id, doer=new_id()))


def test_each_verb_of_a_document_names_its_parties_and_is_in_the_table() -> None:
    assert set(PARTIES) <= set(ACCESS)
    assert all(PARTIES.values())
    for model in apps.get_models():
        columns = getattr(model, "tenancy", None) and model.tenancy.firm_columns
        assert columns is None or len(columns) < 2 or columns in {("giver_id", "doer_id"), ("firm_id", "seller_id")}


def test_the_system_does_for_both_parties_and_not_what_one_does_by_hand() -> None:
    document = a_document(giver=new_id(), doer=new_id())
    for verb, sides in PARTIES.items():
        assert can(system_actor(), verb, document) is (sides == set(Side))
    assert side_of(system_actor(), document) is None


def test_who_is_barred_from_one_party_finds_no_document_of_it() -> None:
    giver = new_id()
    barred = staff_actor(*Role)
    barred = replace(barred, sight=replace(barred.sight, barred_firms=frozenset({giver})))
    assert answer(barred, "proposal.accept", a_document(giver=giver, doer=new_id())) == "NotFound"
    assert answer(barred, "user.create", Firm(pk=giver)) == "NotFound"
    assert answer(barred, "user.create", Firm(pk=new_id())) == "yes"


@pytest.mark.parametrize(
    "verb",
    ["sales_order.confirm", "machine_run.approve", "machine_run.confirm", "machine_run.start", "proposal.accept"],
)
def test_the_association_never_confirms_approves_starts_or_accepts_for_a_firm(verb: str) -> None:
    assert verb in FIRMS_OWN


def test_another_firms_object_is_not_found_rather_than_forbidden() -> None:
    actor = firm_actor(new_id(), *FIRM_ROLES)
    with pytest.raises(NotFound):
        require(actor, "sales_order.confirm", a_row(new_id()))


def test_a_role_that_lacks_the_verb_is_forbidden() -> None:
    firm_id = new_id()
    with pytest.raises(NotPermitted):
        require(firm_actor(firm_id, Role.OPERATOR), "sales_order.confirm", a_row(firm_id))
    with pytest.raises(NotPermitted):
        require(replace(staff_actor(), roles=frozenset()), "firm.create")


def test_the_system_may_do_every_verb() -> None:
    for verb in ACCESS:
        require(system_actor(), verb, a_row(new_id()))


def test_who_has_no_firm_makes_nothing_of_a_firms() -> None:
    firm_id = new_id()
    assert required_firm(firm_actor(firm_id, Role.PLANNER), "sales_order.create") == firm_id
    for actor in (system_actor(), staff_actor(), firm_actor(firm_id, Role.OPERATOR)):
        with pytest.raises(NotPermitted):
            required_firm(actor, "sales_order.create")


_DECIDES = (ast.Eq, ast.NotEq, ast.In, ast.NotIn)


def decisions(tree: ast.AST) -> Iterator[int]:
    """Lines at which a firm of the actor's is compared with another value, also under another name."""
    names = {"actor.firm_id", "self.actor.firm_id"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and ast.unparse(node.value) in names:
            names |= {ast.unparse(target) for target in node.targets}
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and any(isinstance(sign, _DECIDES) for sign in node.ops):
            yield from {node.lineno for part in (node.left, *node.comparators) if ast.unparse(part) in names}


def test_no_service_and_no_door_decides_by_hand_whose_an_object_is() -> None:
    found = {f"{source.name}:{line}" for source in sources() for line in decisions(source.tree)}
    assert {place.partition(":")[0] for place in found} == {"mes/firms/access.py"}


@pytest.mark.parametrize(
    "text",
    ["actor.firm_id != order.doer_id", "actor.firm_id in parties", "own = actor.firm_id\nif row.firm_id == own: pass"],
)
def test_a_decision_by_hand_is_found(text: str) -> None:
    assert list(decisions(ast.parse(text)))


def test_an_unknown_verb_is_a_fault_of_ours() -> None:
    with pytest.raises(KeyError):
        can(staff_actor(), "firm.abolish")


def test_the_admin_shows_the_association_lists_and_changes_nothing() -> None:
    procurement = {app.label for app in apps.get_app_configs() if app.name.startswith("procurement.")}
    for model in STAFF_VIEWS:
        is_of_rounds = model.partition(".")[0] in procurement or model == "desk.savings"
        office = Role.ROUND_OFFICER if is_of_rounds else Role.ADMINISTRATOR
        assert may_see_model(frozenset({office}), verb="view", model=model)
        for verb in ("add", "change", "delete"):
            assert not may_see_model(frozenset(Role), verb=verb, model=model)
        assert not may_see_model(FIRM_ROLES, verb="view", model=model)
    assert {model for model in STAFF_VIEWS if "terms" in model} == {"firms.dataterms", "firms.termssignature"}
