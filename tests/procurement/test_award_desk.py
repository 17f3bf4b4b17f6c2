"""The award workbench on the officers' desk."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from mes.firms.choices import Role
from procurement.awards.models import AwardPlan, AwardSearch
from procurement.awards.services.searching import SOLVE
from tests.database import as_owner
from tests.factories.park import user_of
from tests.factories.rounds import OpenedRound, Quote, Want, an_opened_round, with_interest
from tests.procurement.work import closed, plan_of, searched, work_off

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def seconds(settings: Any) -> None:
    settings.AWARD_SECONDS = 10


def desk(name: str = "officer") -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user_of(None, Role.ROUND_OFFICER, username=name))
    return client


def act(client: Client, kind: str, row: Any, name: str, **values: str) -> Any:
    return client.post(reverse(f"admin:{kind}_act_on_row", args=[row.pk, name]), values)


def open_page(plan: AwardPlan, client: Client | None = None) -> Any:
    answer = (client or desk()).get(reverse("admin:awards_awardplan_change", args=[plan.pk]))
    assert answer.status_code == 200
    return answer


def test_an_officer_leads_an_award_from_the_search_to_the_signature() -> None:
    found = an_opened_round()
    officer, second = desk(), desk("second")
    assert act(officer, "rounds_round", found.row, "search-award").status_code == 302
    work_off(SOLVE)
    plan = plan_of(found, kind="optimal")
    shown = open_page(plan, officer).content.decode()
    for words in ("award-workbench", "S1: ", "award-fairness", "F01, "):
        assert words in shown
    assert act(officer, "awards_awardplan", plan, "propose").status_code == 302
    closed()  # F06 opts out by its silence
    work_off(SOLVE)
    again = plan_of(found, kind="optimal", turn=1, status="candidate")
    assert act(officer, "awards_awardplan", again, "propose").status_code == 302
    closed(found.again().confirm_closes_at)  # type: ignore[arg-type]
    assert act(officer, "awards_awardplan", again, "consent").status_code == 302
    assert act(officer, "awards_awardplan", again, "sign").status_code == 409
    assert act(second, "awards_awardplan", again, "consent").status_code == 302
    assert act(second, "awards_awardplan", again, "sign").status_code == 302
    assert found.again().status == "awarded"


def test_a_plans_page_says_whether_it_is_fair_and_names_firms_by_their_shares_alone() -> None:
    wants = (Want("F01", 40), *(Want(f"F{number:02}", 8) for number in range(2, 8)))
    plan = plan_of(searched(an_opened_round(wants, (Quote("S1", ((0, 1_010_000), (60, 980_000))),))), kind="optimal")
    report = open_page(plan).context["report"]
    assert (report.compared, report.not_compared, report.dearer_than_alone, report.above_reserve) == (7, 0, 0, 0)
    assert report.dominant == [("PE1", "F01", 1000 * 40 // 88)]
    (bloc,) = report.blocs  # 72 of 88 t, which reach the break too
    assert (bloc.firms, bloc.permille, bloc.gain_cny, bloc.gain_permille) == (5, 1000 * 72 // 88, 0, 0)
    assert report.is_fair
    assert not any("F0" in str(told) for told in (plan.fairness, report.blocs))
    assert not replace(report, not_compared=1).is_fair
    assert not replace(report, blocs=[replace(bloc, gain_cny=Decimal(1))]).is_fair


@pytest.mark.parametrize(
    ("text", "status"),
    [("1 S2 50000\n1 S1 30000\n2 S1 20000", 302), ("1 S2", 422), ("9 S2 1000", 422), ("1 S2 5e9", 422), ("", 422)],
)
def test_an_override_is_read_row_by_row(text: str, status: int) -> None:
    found = searched(an_opened_round())
    answer = act(desk(), "rounds_round", found.row, "override-award", purchases=text, reason="试")
    assert answer.status_code == status
    with as_owner():
        assert AwardSearch.objects.filter(kind="override").count() == (1 if status == 302 else 0)


def test_an_officer_with_an_interest_finds_no_plan(found: OpenedRound) -> None:
    plan = plan_of(found, kind="optimal")
    with_interest("barred", found.firms["F02"])
    client = desk("barred")
    assert client.get(reverse("admin:awards_awardplan_change", args=[plan.pk])).status_code in {302, 404}
    listed = client.get(reverse("admin:awards_awardplan_changelist"))
    assert list(listed.context["cl"].result_list) == []


@pytest.fixture
def found() -> OpenedRound:
    return searched(an_opened_round())


@pytest.mark.parametrize("kind", ["awardplan", "awardsearch", "awardline", "firmshare", "allocation", "awardconsent"])
def test_each_list_opens(found: OpenedRound, kind: str) -> None:
    assert desk().get(reverse(f"admin:awards_{kind}_changelist")).status_code == 200
