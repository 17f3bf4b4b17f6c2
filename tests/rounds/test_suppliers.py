"""Suppliers are tenants of their own kind: their people, what they may, and how they become qualified."""

from __future__ import annotations

import pytest

from mes.core.actors import Actor, Channel, DatabaseRole
from mes.core.clock import database_now
from mes.core.errors import InvalidValue, NotAllowedInState, NotFound, NotPermitted
from mes.core.states import diagram
from mes.core.wall import actor_wall, wall
from mes.firms.access import ACCESS
from mes.firms.authentication import actor_of_user
from mes.firms.choices import SUPPLIER_ROLES, FirmStatus, Role
from mes.firms.errors import LastHead
from mes.firms.models import Firm, User
from mes.firms.selectors import firm_ids_of_codes
from mes.firms.services import supplier_create, user_change, user_create
from procurement.rounds.models import Round
from procurement.rounds.selectors import rounds_page
from procurement.suppliers.choices import NEXT, QualificationStatus
from procurement.suppliers.models import SupplierQualification
from procurement.suppliers.selectors import qualifications_page, qualified_suppliers
from procurement.suppliers.services import qualification_decide, qualification_propose
from tests.architecture.source import CHECKOUT
from tests.database import as_owner
from tests.factories import MONDAY, a_firm, an_administrator, an_owner, user_of
from tests.rounds.work import a_buyer, a_supplier, an_officer

# What a supplier's people may do; all else is a member's.
OF_SUPPLIERS = {
    "of_people": {"user.create", "user.change", "user.invite"},
    "of_programs": {"api_key.issue", "api_key.revoke", "api_key.rotate", "api_key.change", "webhook.edit"},
    "of_files": {"file.store", "file.drop"},
    "of_rounds": {"qualification.propose"},
    "of_deliveries": {
        "resin_delivery.announce",
        "resin_delivery.cancel",
        "resin_delivery.dispute",
        "resin_lot.certify",
    },
    "of_invoices": {"invoice.record", "invoice.void"},
    "of_requests": {"quotation.put", "quotation.seal", "quotation.unseal", "quotation.withdraw"},
}


def made(code: str = "S01") -> User:
    administrator = an_administrator()
    with actor_wall(administrator):
        issued = supplier_create(
            actor=administrator, code=code, name_zh="树脂供应", username="wang", now=database_now()
        )
        return User.objects.select_related("firm").get(pk=issued.row.user_id)


def head_of(firm: Firm) -> Actor:
    return actor_of_user(user_of(firm, Role.SUPPLIER), channel=Channel.API)


def test_the_readme_draws_the_states_of_a_qualification() -> None:
    assert diagram(NEXT) in (CHECKOUT / "procurement" / "README.md").read_text(encoding="utf-8")


def test_a_suppliers_verbs_are_few() -> None:
    found = {verb for verb, roles in ACCESS.items() if roles & SUPPLIER_ROLES}
    assert found == set().union(*OF_SUPPLIERS.values())


def test_a_supplier_is_made_with_its_head(db: None) -> None:
    head = made()
    assert head.firm is not None
    assert (head.username, head.roles, head.firm.status) == ("wang@S01", {Role.SUPPLIER}, FirmStatus.SUPPLIER)
    assert head.may_enter


def test_who_is_no_administrator_makes_none(db: None) -> None:
    officer = an_officer()
    with actor_wall(officer), pytest.raises(NotPermitted):
        supplier_create(actor=officer, code="S01", name_zh="x", username="wang", now=database_now())


def test_a_suppliers_people_have_a_suppliers_roles_and_a_members_never(db: None) -> None:
    head, member = made(), a_firm("F01")
    assert head.firm is not None
    actor = actor_of_user(head, channel=Channel.API)
    with actor_wall(actor):
        seller = user_create(actor=actor, firm=head.firm, username="li", roles=[Role.SELLER])
        for role in (Role.OWNER, Role.BUYER, Role.PLANNER, Role.ADMINISTRATOR):
            with pytest.raises(InvalidValue):
                user_create(actor=actor, firm=head.firm, username=f"x{role}", roles=[role])
            with pytest.raises(InvalidValue):
                user_change(actor=actor, user_id=seller.pk, roles=[role])
        assert user_change(actor=actor, user_id=seller.pk, roles=[Role.SELLER, Role.SUPPLIER]).roles == SUPPLIER_ROLES
    owner = an_owner(member)
    with actor_wall(owner):
        for role in SUPPLIER_ROLES:
            with pytest.raises(InvalidValue):
                user_create(actor=owner, firm=member, username=f"x{role}", roles=[Role(role)])


def test_a_supplier_keeps_a_head(db: None) -> None:
    head = made()
    actor = actor_of_user(head, channel=Channel.API)
    with actor_wall(actor), pytest.raises(LastHead):
        user_change(actor=actor, user_id=head.pk, roles=[Role.SELLER])


def test_members_do_not_find_a_supplier_among_themselves(db: None) -> None:
    made()
    member = a_firm("F01")
    with wall(DatabaseRole.FIRM, member.pk):
        assert firm_ids_of_codes(["F01", "S01"]) == {"F01": member.pk}


def test_a_supplier_meets_no_round(db: None, opened: Round) -> None:
    supplier = a_supplier("S09")
    with wall(DatabaseRole.FIRM, supplier.pk):
        assert not Round.objects.exists()


def test_a_qualification_is_proposed_and_decided(db: None, opened: Round) -> None:
    supplier, member, officer = a_firm("S09", status=FirmStatus.SUPPLIER), a_firm("F01"), an_officer()
    head = head_of(supplier)
    with actor_wall(head):
        row = qualification_propose(actor=head, material_code="R1", now=MONDAY)
        with pytest.raises(NotAllowedInState):
            qualification_propose(actor=head, material_code="R1", now=MONDAY)
        with pytest.raises(InvalidValue):
            qualification_propose(actor=head, material_code="NOWHERE", now=MONDAY)
        with pytest.raises(NotFound):
            qualification_propose(actor=head, material_code="R1", evidence_id=row.pk, now=MONDAY)
    with wall(DatabaseRole.FIRM, member.pk):
        assert not SupplierQualification.objects.exists()
    with actor_wall(officer):
        for status in (QualificationStatus.SUSPENDED, QualificationStatus.PROPOSED):
            with pytest.raises(NotAllowedInState):
                qualification_decide(actor=officer, qualification_id=row.pk, status=status, reason="x")
        with pytest.raises(InvalidValue):
            qualification_decide(
                actor=officer, qualification_id=row.pk, status=QualificationStatus.QUALIFIED, reason=""
            )
        qualification_decide(
            actor=officer, qualification_id=row.pk, status=QualificationStatus.QUALIFIED, reason="样品合格"
        )
    with wall(DatabaseRole.FIRM, member.pk):
        assert qualified_suppliers(material_id=row.material_id) == {"S09": supplier.pk}
    with actor_wall(officer):
        qualification_decide(
            actor=officer, qualification_id=row.pk, status=QualificationStatus.SUSPENDED, reason="批次不合格"
        )
    with wall(DatabaseRole.FIRM, member.pk):
        assert qualified_suppliers(material_id=row.material_id) == {}
    with actor_wall(head):
        (seen,) = qualifications_page(actor=head, limit=10)
        assert seen.status == QualificationStatus.SUSPENDED


def test_a_member_proposes_nothing_and_decides_nothing(db: None, opened: Round) -> None:
    owner = an_owner(a_firm("F01"))
    with actor_wall(owner), pytest.raises(NotPermitted):
        qualification_propose(actor=owner, material_code="R1", now=MONDAY)


def test_without_the_databases_wall_a_supplier_is_shown_no_round_and_no_other_supplier(
    opened: Round, firms: list[Firm]
) -> None:
    """The second wall: what the selectors ask for."""
    own, rival = a_supplier("S01"), a_supplier("S02")
    shown = {}
    for reader in (head_of(own), a_buyer(firms[0])):
        with as_owner():
            rounds = {row.pk for row in rounds_page(actor=reader, limit=9)}
            shown[reader.firm_id] = rounds, {row.supplier_id for row in qualifications_page(actor=reader, limit=9)}
    assert shown == {own.pk: (set(), {own.pk}), firms[0].pk: ({opened.pk}, {own.pk, rival.pk})}
