"""A membership's life: applied, admitted with a signature, suspended, resumed. Sandboxes stand outside of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from mes.core.actors import DatabaseRole
from mes.core.clock import database_now
from mes.core.errors import InvalidValue, NotAllowedInState, NotFound, NotPermitted
from mes.core.ids import new_id
from mes.core.models import AuditRow
from mes.core.states import diagram
from mes.core.wall import wall
from mes.firms import services
from mes.firms.choices import FIRM_NEXT, FirmStatus, Role
from mes.firms.models import DataTerms, Firm, TermsSignature
from mes.firms.selectors import firm_ids_of_codes
from tests.architecture.source import CHECKOUT
from tests.core.people import Party, a_signature, make_officer, staff_actor

pytestmark = pytest.mark.django_db


def applicant(code: str = "F01") -> Firm:
    return services.firm_create(actor=staff_actor(), code=code, name_zh="甲厂")


def admit(firm: Firm, **changes: object) -> Firm:
    signature = replace(a_signature(), **changes)  # type: ignore[arg-type]
    return services.firm_admit(actor=staff_actor(), firm_id=firm.pk, signature=signature, now=database_now())


def test_an_applicant_becomes_a_member_with_the_version_that_it_signed() -> None:
    with wall(DatabaseRole.STAFF):
        firm = applicant()
        assert firm.status == FirmStatus.APPLIED
        assert admit(firm).status == FirmStatus.MEMBER
        signed = TermsSignature.objects.select_related("terms").get(firm=firm)
        assert (signed.terms.version, signed.signed_by, signed.signed_on) == ("2026-1", "王总", date(2026, 1, 5))
        with pytest.raises(NotAllowedInState):
            admit(firm)
    with wall(DatabaseRole.FIRM, firm.pk):
        told = AuditRow.objects.get(verb="firm.admit")
        assert told.changes == {"status": ["applied", "member"], "terms": [None, str(signed.terms_id)]}


@pytest.mark.parametrize(
    ("field", "value", "pointer"),
    [
        ("terms_id", new_id(), "/terms"), ("signed_by", " ", "/signed_by"), ("signed_by", "x" * 81, "/signed_by"),
        ("signed_on", date(2099, 1, 1), "/signed_on"), ("signed_on", date(1900, 1, 1), "/terms"),
    ],
)  # fmt: skip
def test_without_a_signature_that_can_be_nobody_is_admitted(field: str, value: object, pointer: str) -> None:
    with wall(DatabaseRole.STAFF):
        firm = applicant()
        with pytest.raises(InvalidValue) as refused:
            admit(firm, **{field: value})
        assert refused.value.pointer == pointer


def test_a_declined_applicant_stays_out() -> None:
    with wall(DatabaseRole.STAFF):
        firm = applicant()
        assert services.firm_decline(actor=staff_actor(), firm_id=firm.pk).status == FirmStatus.DECLINED
        with pytest.raises(NotAllowedInState):
            admit(firm)
        with pytest.raises(NotAllowedInState):
            services.firm_resume(actor=staff_actor(), firm_id=applicant("F02").pk)


def test_a_suspended_firms_keys_and_people_rest_and_come_back(client: Client, party: Party) -> None:
    def may_call() -> bool:
        return bool(client.get("/api/v1/me", headers=party.headers).status_code == 200)

    assert may_call()
    with wall(DatabaseRole.STAFF):
        services.firm_suspend(actor=staff_actor(), firm_id=party.firm_id)
    assert not may_call()
    with wall(DatabaseRole.STAFF):
        with pytest.raises(NotAllowedInState):
            services.firm_suspend(actor=staff_actor(), firm_id=party.firm_id)
        services.firm_resume(actor=staff_actor(), firm_id=party.firm_id)
    assert may_call()


def test_a_member_signs_a_later_version_once(party: Party) -> None:
    with wall(DatabaseRole.STAFF):
        later = a_signature("2027-1")
        services.data_terms_sign(actor=staff_actor(), firm_id=party.firm_id, signature=later, now=database_now())
        with pytest.raises(InvalidValue):
            services.data_terms_sign(actor=staff_actor(), firm_id=party.firm_id, signature=later, now=database_now())
        assert TermsSignature.objects.filter(firm=party.firm).count() == 2
        with pytest.raises(InvalidValue):
            services.data_terms_publish(actor=staff_actor(), version="2027-1", text="x")
        with pytest.raises(NotAllowedInState):
            services.data_terms_sign(actor=staff_actor(), firm_id=applicant().pk, signature=later, now=database_now())


def test_a_firm_sees_its_own_signatures_alone(party: Party, other: Party) -> None:
    with wall(DatabaseRole.FIRM, party.firm_id):
        assert [row.firm_id for row in TermsSignature.objects.all()] == [party.firm_id]
        assert DataTerms.objects.count() == 1


def test_the_membership_is_the_administrators_affair(party: Party) -> None:
    now, row = database_now(), party.firm_id
    with wall(DatabaseRole.STAFF):
        signature = a_signature()
        for actor in (staff_actor(Role.DISPATCHER), staff_actor(Role.AUDITOR)):
            with pytest.raises(NotPermitted):
                services.firm_admit(actor=actor, firm_id=row, signature=signature, now=now)
            for service in (services.firm_decline, services.firm_suspend, services.firm_resume):
                with pytest.raises(NotPermitted):
                    service(actor=actor, firm_id=row)
        with pytest.raises(NotFound):
            services.firm_suspend(actor=staff_actor(), firm_id=new_id())
    with wall(DatabaseRole.FIRM, row), pytest.raises(NotPermitted):
        services.firm_resume(actor=party.actor, firm_id=row)


def test_a_sandbox_is_never_a_member_and_no_member_meets_it(party: Party) -> None:
    with wall(DatabaseRole.STAFF):
        firm = services.firm_create(actor=staff_actor(), code="SBX", name_zh="沙箱", sandbox=True)
        assert firm.status == FirmStatus.SANDBOX
        for service in (services.firm_suspend, services.firm_resume, services.firm_decline):
            with pytest.raises(NotAllowedInState):
                service(actor=staff_actor(), firm_id=firm.pk)
        with pytest.raises(NotAllowedInState):
            admit(firm)
        applicant("F09")
    with wall(DatabaseRole.FIRM, party.firm_id):
        assert firm_ids_of_codes(["SBX", "F09", "A"]).keys() == {"A"}


def test_the_administrator_leads_a_firm_through_it_on_the_desk(client: Client) -> None:
    client.force_login(make_officer("administrator", Role.ADMINISTRATOR))
    page = reverse("admin:firms_dataterms_act_on_list", args=["publish"])
    assert client.post(page, {"version": "2026-1", "text": "数据条款"}).status_code == 302
    added = {"code": "F77", "name_zh": "新企业", "gate_east_m": "0", "gate_north_m": "0"}
    client.post(reverse("admin:firms_firm_act_on_list", args=["add"]), added)
    with wall(DatabaseRole.STAFF):
        firm, terms = Firm.objects.get(code="F77"), DataTerms.objects.get()

    def act(name: str, **values: object) -> tuple[int, str]:
        answer = client.post(reverse("admin:firms_firm_act_on_row", args=[firm.pk, name]), values)
        firm.refresh_from_db()
        return answer.status_code, firm.status

    day = str(database_now().date() - timedelta(days=1))
    assert act("admit", terms=terms.pk, signed_by="王总", signed_on="2099-01-01") == (422, "applied")
    assert act("admit", terms=terms.pk, signed_by="王总", signed_on=day) == (302, "member")
    assert act("suspend") == (302, "suspended")
    assert act("admit", terms=terms.pk, signed_by="王总", signed_on=day)[0] == 409
    assert act("resume") == (302, "member")
    assert act("leave") == (422, "member")
    assert act("leave", export_offered="on") == (302, "left")
    assert act("resume") == (409, "left")
    shown = client.get(reverse("admin:firms_firm_change", args=[firm.pk])).context["actions_detail"]
    assert [button["path"].split("/")[-2] for button in shown if "leave" in button["path"]] == []


def test_the_readme_shows_the_states() -> None:
    assert diagram(FIRM_NEXT) in (CHECKOUT / "mes/firms/README.md").read_text(encoding="utf-8")
