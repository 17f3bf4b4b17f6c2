"""Read sessions: who opens one, what it shows, what is written down, and what the firm is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from mes.catalog.models import Product
from mes.core.clock import database_now
from mes.core.errors import InvalidValue, NotAllowedInState, NotFound, NotPermitted
from mes.core.models import OutboxEvent
from mes.core.wall import actor_wall
from mes.firms import services
from mes.firms.authentication import actor_of_user
from mes.firms.choices import Role
from mes.firms.models import ReadSession, SessionRead, User
from tests.core.people import Party, make_officer
from tests.database import as_owner
from tests.isolation.rows import RowMaker

pytestmark = pytest.mark.django_db
SESSIONS = "/api/v1/read-sessions"
REASON = "Complaint 17 about a recipe"


@pytest.fixture
def dispatcher(db: None) -> User:
    return make_officer("dispatcher", Role.DISPATCHER)


@pytest.fixture
def desk(client: Client, dispatcher: User) -> Client:
    client.force_login(dispatcher)
    return client


def opened(party: Party, user: User, *, reason: str = REASON, hours: int = 1) -> ReadSession:
    actor = actor_of_user(User.objects.get(pk=user.pk))
    with actor_wall(actor):
        return services.read_session_open(
            actor=actor, firm_id=party.firm_id, reason=reason, hours=hours, now=database_now()
        )


def product_of(party: Party) -> str:
    with as_owner():
        return str(RowMaker(party.firm_id, party.firm_id).make(Product, name_zh="自有板材"))


def page_of(key: str) -> str:
    return reverse("admin:catalog_product_change", args=[key])


def test_the_desks_act_opens_the_firms_products_until_the_session_ends(
    desk: Client, party: Party, other: Party
) -> None:
    own, others = product_of(party), product_of(other)
    assert "自有板材" not in desk.get(page_of(own), follow=True).content.decode()
    act = reverse("admin:firms_firm_act_on_row", args=[party.firm_id, "open-session"])
    leads = desk.post(act, {"reason": REASON, "hours": "2"})
    with as_owner():
        session = ReadSession.objects.get()
    assert leads["Location"] == reverse("admin:firms_readsession_change", args=[session.pk])
    assert REASON in desk.get(leads["Location"]).content.decode()
    assert "自有板材" in desk.get(page_of(own)).content.decode()
    assert desk.get(page_of(others)).status_code == 404
    with as_owner():
        ReadSession.objects.update(
            opened_at=database_now() - timedelta(hours=2), until_at=database_now() - timedelta(seconds=1)
        )
    assert desk.get(page_of(own)).status_code == 404


def test_each_page_is_written_down_also_one_that_was_refused(desk: Client, dispatcher: User, party: Party) -> None:
    own = product_of(party)
    opened(party, dispatcher)
    foreign = reverse("admin:firms_firm_change", args=[dispatcher.pk])
    for address in (page_of(own), reverse("admin:catalog_product_changelist") + "?q=secret", foreign):
        desk.get(address)
    assert desk.get(reverse("admin:jsi18n")).status_code == 200
    assert desk.get(reverse("admin:core_auditrow_changelist")).status_code == 403
    with as_owner():
        reads = list(SessionRead.objects.order_by("pk").values_list("method", "page", "object_id"))
    assert [(method, page, str(key)) for method, page, key in reads] == [
        ("GET", "/admin/catalog/product/*/change/", own),
        ("GET", "/admin/catalog/product/", "None"),
        ("GET", "/admin/firms/firm/*/change/", "None"),
        ("GET", "/admin/core/auditrow/", "None"),
    ]


def test_without_a_session_nothing_is_written_down(desk: Client, party: Party) -> None:
    desk.get(reverse("admin:catalog_product_changelist"))
    with as_owner():
        assert not SessionRead.objects.exists()


def test_no_firm_learns_the_key_of_anothers_row(desk: Client, dispatcher: User, party: Party, other: Party) -> None:
    own, others = product_of(party), product_of(other)
    for firm in (party, other):
        opened(firm, dispatcher)
    for key in (own, others):
        assert desk.get(page_of(key)).status_code == 200
    for firm, key, foreign in ((party, own, others), (other, others, own)):
        session = Client(headers=firm.headers).get(SESSIONS).json()["results"][0]
        text = Client(headers=firm.headers).get(f"{SESSIONS}/{session['id']}/reads").content.decode()
        assert key in text
        assert foreign not in text


def test_the_firm_is_told_who_by_office_and_why_and_not_the_person(
    desk: Client, dispatcher: User, party: Party, other: Party
) -> None:
    session = opened(party, dispatcher)
    desk.get(reverse("admin:index"))
    answer = Client(headers=party.headers).get(SESSIONS)
    told = answer.json()["results"]
    assert [(row["role"], row["reason"], row["reads"], row["ended_at"]) for row in told] == [
        ("dispatcher", REASON, 1, None)
    ]
    one = Client(headers=party.headers).get(f"{SESSIONS}/{session.pk}")
    assert one.json() == told[0]
    for text in (answer.content.decode(), one.content.decode()):
        assert dispatcher.username not in text.replace('"role":"dispatcher"', "")
        assert str(dispatcher.pk) not in text
    assert Client(headers=other.headers).get(SESSIONS).json()["results"] == []
    assert Client(headers=other.headers).get(f"{SESSIONS}/{session.pk}/reads").status_code == 404
    with as_owner():
        assert OutboxEvent.objects.get(topic="read_session.opened").firm_id == party.firm_id


@pytest.mark.parametrize(
    ("reason", "hours", "pointer"), [("too short", 1, "/reason"), (REASON, 5, "/hours"), (REASON, 0, "/hours")]
)
def test_a_session_needs_a_reason_and_is_short(
    dispatcher: User, party: Party, reason: str, hours: int, pointer: str
) -> None:
    with pytest.raises(InvalidValue) as refused:
        opened(party, dispatcher, reason=reason, hours=hours)
    assert refused.value.pointer == pointer


def test_who_is_barred_opens_none_and_his_session_ends_with_his_declaration(dispatcher: User, party: Party) -> None:
    opened(party, dispatcher)
    actor = actor_of_user(User.objects.get(pk=dispatcher.pk))
    with actor_wall(actor):
        services.interest_declare(actor=actor, user_id=dispatcher.pk, firm_id=party.firm_id, now=database_now())
    with as_owner():
        assert ReadSession.objects.get().ended_at is not None
    with pytest.raises(NotFound):
        opened(party, dispatcher)


def test_the_round_officer_opens_none(party: Party) -> None:
    with pytest.raises(NotPermitted):
        opened(party, make_officer("round", Role.ROUND_OFFICER))


def test_one_at_a_time_for_a_firm_and_ended_by_its_person_or_an_administrator(dispatcher: User, party: Party) -> None:
    session = opened(party, dispatcher)
    with pytest.raises(NotAllowedInState):
        opened(party, dispatcher)
    for user, allowed in ((make_officer("auditor", Role.AUDITOR), False), (make_officer("administrator"), True)):
        actor = actor_of_user(User.objects.get(pk=user.pk))
        with actor_wall(actor):
            if allowed:
                services.read_session_end(actor=actor, read_session_id=session.pk, now=database_now())
            else:
                with pytest.raises(NotPermitted):
                    services.read_session_end(actor=actor, read_session_id=session.pk, now=database_now())
    assert actor_of_user(User.objects.get(pk=dispatcher.pk)).sight.session_firms == frozenset()
    opened(party, dispatcher)
