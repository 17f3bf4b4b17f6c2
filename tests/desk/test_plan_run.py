"""The page of a plan run: what it is worth, which orders are late and why, what it moves; and its progress."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from mes.core.actors import DatabaseRole
from mes.core.clock import DatabaseNow
from mes.core.wall import wall
from mes.firms.models import User
from production.plans.models import PlanRun
from production.plans.selectors.comparison import comparison, plan_before, rules_tried
from production.plans.services.computing import GIVEN_UP
from tests.plans.live_plan import a_plan_run
from tests.plans.small_park import SmallPark

pytestmark = pytest.mark.django_db


def _signed_in(client: Client, name: str = "dispatcher") -> Client:
    client.force_login(User.objects.get(username=name))
    client.cookies["django_language"] = "en"
    return client


def _run(state: str) -> PlanRun:
    with wall(DatabaseRole.STAFF):
        return PlanRun.objects.filter(state=state).latest("created_at")


def _page(client: Client, run: PlanRun, name: str = "change") -> str:
    answer = client.get(reverse(f"admin:plans_planrun_{name}", args=[run.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_compares_a_candidate_with_the_live_plan_and_says_why_lines_are_late(
    park: SmallPark, client: Client
) -> None:
    page = _page(_signed_in(client), _run("candidate"))
    for words in (
        "Lateness, weighted, h", "Cost, index", "Plan before", "Late orders, and why", "its firm does not give it away",
        "Moved against the live plan", "Rules tried", "order lines placed",
    ):  # fmt: skip
        assert words in page, words
    changes = ("h later", "h earlier", "another machine", "placed at another member", "not in the plan any more")
    assert any(words in page for words in changes)
    assert "plan_run.js" not in page


def test_the_comparison_has_the_tiers_in_their_order_and_no_money(park: SmallPark) -> None:
    run = _run("candidate")
    with wall(DatabaseRole.STAFF):
        before = plan_before(run)
        rows = comparison(run, before)
    assert before is not None
    assert before.state == "published"
    assert [str(row.name) for row in rows[:3]] == ["Agreed dates broken", "Lateness, weighted, h", "Cost, index"]
    assert rows[2].before == ""
    assert before.tiers["tardiness"] != run.tiers["tardiness"]
    assert rows[1].tone == ("good" if run.tiers["tardiness"] < before.tiers["tardiness"] else "bad")
    assert sum(tried.is_best for tried in rules_tried(run)) == 1


def test_a_run_that_works_is_followed_and_one_that_ended_is_not(park: SmallPark, client: Client) -> None:
    tiers = {"broken": 0, "tardiness": 90, "cost_index": 100, "changeover_min": 60, "moved": 0, "makespan_min": 1}
    entry = {"rule": "edd", "orders_placed": 50, "is_cut": False, "ms": 1234, "tiers": tiers}
    working = a_plan_run(state="running", orders_total=200, orders_placed=50, rule="edd", rule_log=[entry], tiers=tiers)
    page = _page(_signed_in(client), working)
    assert "plan_run.js" in page
    progress = _page(client, working, "progress")
    assert 'value="25"' in progress
    assert "50 of 200 order lines placed" in progress
    assert "data-over" not in progress
    assert "1.2" in progress
    assert "data-over" in _page(client, _run("candidate"), "progress")


def test_bad_data_that_was_found_is_told_in_words(park: SmallPark, client: Client) -> None:
    clash = {"machine": "A:P-1", "lot": "x", "other": "y", "from_min": 600, "until_min": 1440}
    notes = [
        {"code": "due_before_release", "data": {"line": "A:SO-9:1", "release_min": 2880, "due_min": 1440}},
        {"code": "no_hours", "data": {"calendar": "c", "machines": "A:P-1 A:P-2"}},
        {"code": "fixed_runs_overlap", "data": clash},
        {"code": "pieces_do_not_split", "data": {"line": "A:SO-8:1", "pieces": 9, "least_lot_pieces": 5}},
    ]
    run = a_plan_run(state="running", notes=notes)
    progress = _page(_signed_in(client), run, "progress")
    for words in (
        "A SO-9 1: due before work may begin (due ",
        "A P-1, A P-2: no working hours",
        "least lot, pieces: 5",
    ):
        assert words in progress, words
    client.cookies["django_language"] = "zh-hans"
    told = _page(client, run, "progress")
    for words in ("数据有误", "A P-1：冻结的作业重叠", "最小批量（件）：5", "没有工作时间"):
        assert words in told, words


def test_progress_is_for_those_who_may_see_plans(park: SmallPark, client: Client) -> None:
    address = reverse("admin:plans_planrun_progress", args=[_run("candidate").pk])
    assert client.get(address).status_code == 302
    assert _signed_in(client, "round-officer").get(address).status_code == 403
    client.force_login(User.objects.get(username="planner@A"))
    assert client.get(address).status_code != 200
    missing = reverse("admin:plans_planrun_progress", args=["00000000-0000-0000-0000-000000000000"])
    assert _signed_in(client).get(missing).status_code == 404


def test_who_has_the_park_planned_is_led_to_the_runs_page(park: SmallPark, client: Client) -> None:
    answer = _signed_in(client).post(reverse("admin:plans_planrun_act_on_list", args=["start"]))
    run = _run("queued")
    assert (answer.status_code, answer["Location"]) == (302, reverse("admin:plans_planrun_change", args=[run.pk]))


def test_a_run_that_failed_says_so_in_words_and_shows_no_findings(park: SmallPark, client: Client) -> None:
    tiers = {"broken": 0, "tardiness": 90, "cost_index": 100, "changeover_min": 60, "moved": 0, "makespan_min": 1}
    client.cookies["django_language"] = "zh-hans"
    client.force_login(User.objects.get(username="dispatcher"))
    page = _page(client, a_plan_run(state="failed", error=GIVEN_UP, tiers=tiers))
    assert "多次尝试后放弃了计算。" in page
    assert "延误订单及原因" not in page
    assert "计划评价" not in page


def test_a_candidate_that_a_publication_has_overtaken_warns(park: SmallPark, client: Client) -> None:
    candidate = _run("candidate")
    words = "A newer plan was published after this candidate was made."
    assert words not in _page(_signed_in(client), candidate)
    a_plan_run(finished_at=DatabaseNow())
    assert words in _page(client, candidate)


def test_a_firms_own_plan_is_compared_with_none_and_not_discarded_here(park: SmallPark, client: Client) -> None:
    alone = a_plan_run(state="candidate", scope="firm_alone", firm=park.firms["A"])
    with wall(DatabaseRole.STAFF):
        assert plan_before(alone) is None
    assert "act/discard" not in _page(_signed_in(client), alone)


def test_who_has_an_interest_is_shown_no_total_of_the_park(park: SmallPark, client: Client) -> None:
    """Beside all other firms' rows it would be that firm's."""
    run = _run("published")
    totals = ("Rules tried", "Lateness, weighted, h", "order lines placed", "Lines published")
    lists = [reverse(f"admin:plans_{name}_changelist") for name in ("planrun", "publication")]
    for name, has_totals in (("dispatcher", True), ("barred", False)):
        reader = _signed_in(client, name)
        pages = [_page(reader, run), _page(reader, run, "progress"), *(reader.get(at).content.decode() for at in lists)]
        assert {words for words in totals if any(words in page for page in pages)} == (
            {*totals} if has_totals else set()
        )
