"""Scenarios on the desk: the form, its refusals at their fields, the comparison of one and of all of a snapshot."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from mes.core.actors import DatabaseRole
from mes.core.wall import wall
from mes.firms.models import User
from production.plans.models import MachineRun, Scenario
from tests.plans.small_park import SmallPark

pytestmark = pytest.mark.django_db
FORM = "/admin/new-scenario/"


@pytest.fixture
def desk(park: SmallPark, client: Client) -> Client:
    client.force_login(User.objects.get(username="dispatcher"))
    client.cookies["django_language"] = "en"
    return client


def scenario(state: str) -> Scenario:
    with wall(DatabaseRole.STAFF):
        return Scenario.objects.filter(state=state).earliest("created_at")


def page(client: Client, model: str, key: object, name: str = "change") -> str:
    answer = client.get(reverse(f"admin:plans_{model}_{name}", args=[key]))
    assert answer.status_code == 200
    return answer.content.decode()


def sent(*rows: dict[str, Any], **head: Any) -> dict[str, Any]:
    """What a browser sends."""
    form = {"name": "x", "like": "", "o-TOTAL_FORMS": len(rows), "o-INITIAL_FORMS": 0} | head
    for number, row in enumerate(rows):
        form |= {f"o-{number}-{name}": value for name, value in row.items()}
    return form


def test_one_scenario_stands_beside_its_snapshot_with_the_lines_that_change(desk: Client) -> None:
    shown = page(desk, "scenario", scenario("computed").pk)
    for words in (
        "Lateness, weighted, h", "Load in four weeks, %: ", "difference", "A P-1: no work (from ", "SO-4-1+1",
        "desk-bad", "an order line more, like C SO-4 1 (pieces: 30; due ", "Order lines that change", "Drop",
        "One more on this snapshot",
    ):  # fmt: skip
        assert words in shown, words
    assert "plan_run.js" not in shown
    assert "ublish" not in shown.partition('id="plan-run"')[2].partition("<footer")[0]


def test_scenarios_of_one_snapshot_stand_next_to_each_other_and_one_that_waits_is_followed(desk: Client) -> None:
    row = scenario("computed")
    shown = page(desk, "scenariobase", row.base_id)
    assert shown.count("difference") == 3
    assert "plan_run.js" in shown
    progress = page(desk, "scenariobase", row.base_id, "progress")
    assert "data-over" not in progress
    assert "data-over" in page(desk, "scenario", row.pk, "progress")
    assert "A SAW: open 1.5 h a day more" in progress


def test_a_scenario_that_failed_says_by_which_change(desk: Client) -> None:
    assert "offer B OF-2 withdrawn: There is no such thing in the plan." in page(
        desk, "scenario", scenario("failed").pk
    )


def test_the_form_starts_a_scenario_and_leads_to_its_page(desk: Client) -> None:
    like = scenario("computed")
    with wall(DatabaseRole.STAFF):
        runs = MachineRun.objects.count()
    assert f'value="{like.pk}" selected' in desk.get(f"{FORM}?like={like.pk}").content.decode()
    hours = {
        "kind": "hours_more", "firm": "A", "machine_class": "SAW", "from_at": "2026-07-07T00:00",
        "until_at": "2026-07-09T00:00", "minutes_per_day": "2.5", "pieces": "7",
    }  # fmt: skip
    more = {"kind": "line_change", "line": "A:SO-1:1", "priority": "3", "consent": "never"}
    answer = desk.post(FORM, sent(hours, more, name="Nights", like=like.pk))
    with wall(DatabaseRole.STAFF):
        made = Scenario.objects.get(name="Nights")
        assert MachineRun.objects.count() == runs
    assert answer["Location"] == reverse("admin:plans_scenario_change", args=[made.pk])
    assert (made.base_id, made.state) == (like.base_id, "queued")
    assert made.overrides == [
        {
            "kind": "hours_more",
            "firm": "A",
            "machine_class": "SAW",
            "from_min": 1440,
            "until_min": 4320,
            "day_min": 150,
        },
        {"kind": "line_change", "line": "A:SO-1:1", "priority": 3, "consent": "never"},
    ]


@pytest.mark.parametrize(
    ("row", "field", "words"),
    [
        ({"kind": "machine_more", "machine": "A:P-7"}, "machine", "There is no such thing in the plan."),
        ({"kind": "no_work", "machine": "A:P-1", "firm": "A"}, "machine", "Name a machine alone"),
        ({"kind": "no_work", "firm": "A", "until_at": "soon"}, "until_at", "valid date"),
        ({"kind": "line_more", "line": "A:SO-1:1", "due_at": "2026-07-09T00:00"}, "pieces", "This field is needed."),
        ({"kind": "offer_change", "offer": "B:OF-1", "share_percent": "101"}, "share_percent", "from 1 to 100"),
        ({"kind": "line_change", "line": "A:SO-9:1", "consent": "ask"}, "consent", "the firm&#x27;s own"),
        ({"kind": "move_it"}, "kind", "not one of the available choices"),
    ],
)
def test_a_refusal_stands_at_its_field(desk: Client, row: dict[str, Any], field: str, words: str) -> None:
    good = {"kind": "line_less", "line": "A:SO-2:1"}
    answer = desk.post(FORM, sent(good, row))
    shown = answer.content.decode()
    assert answer.status_code == 422
    place = shown.partition(f'name="o-1-{field}"')[2].partition('data-field="')[0]
    assert words in place, place


@pytest.mark.parametrize("head", [{"name": ""}, {"name": "x" * 81}, {"like": "1"}])
def test_a_bad_name_or_snapshot_is_refused(desk: Client, head: dict[str, Any]) -> None:
    assert desk.post(FORM, sent({"kind": "line_less", "line": "A:SO-2:1"}, **head)).status_code == 422


def test_a_form_that_was_tampered_with_is_refused(desk: Client) -> None:
    assert desk.post(FORM, {"name": "x"}).status_code == 422
    assert desk.post(FORM, sent(name="x")).status_code == 422


def test_the_auditor_reads_and_starts_nothing(park: SmallPark, client: Client) -> None:
    client.force_login(User.objects.get(username="auditor"))
    assert client.get(FORM).status_code == 403
    assert client.post(FORM, sent({"kind": "line_less", "line": "A:SO-2:1"})).status_code == 403
    listed = client.get(reverse("admin:plans_scenario_changelist")).content.decode()
    assert FORM not in listed


def test_dropped_it_leaves_its_snapshots_page(desk: Client) -> None:
    with wall(DatabaseRole.STAFF):
        row = Scenario.objects.filter(state="queued").latest("created_at")
    answer = desk.post(reverse("admin:plans_scenario_act_on_row", args=[row.pk, "discard"]), {})
    assert answer["Location"] == reverse("admin:plans_scenario_change", args=[row.pk])
    assert str(row.pk) not in page(desk, "scenariobase", row.base_id)
    assert "/act/discard/" not in page(desk, "scenario", row.pk)
