"""The desk's page of scheduled jobs."""

from __future__ import annotations

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from mes.core.models import BackgroundJob
from mes.firms.choices import Role
from mes.park.admin.scheduled_jobs import ScheduledJobsPage
from production.plans.services.replanning import NIGHTLY
from tests.core.people import make_officer
from tests.database import as_owner

pytestmark = pytest.mark.django_db


def jobs_of(kind: str) -> int:
    with as_owner():
        return BackgroundJob.objects.filter(kind=kind).count()


def told(client: Client, kind: str) -> str:
    """What the page says after the button was pressed."""
    answer = client.post(ScheduledJobsPage.address(), {"kind": kind})
    assert answer["Location"] == ScheduledJobsPage.address()
    return str(list(get_messages(answer.wsgi_request))[-1])


def test_a_dispatcher_runs_one_now_and_no_second_while_it_waits(client: Client) -> None:
    client.force_login(make_officer("dispatcher", Role.DISPATCHER))
    assert "立即运行" in client.get(ScheduledJobsPage.address()).content.decode()
    assert told(client, NIGHTLY) == "任务已排队，工作进程即将处理。"
    assert told(client, NIGHTLY) == "已有一个同类任务在等待。"
    assert jobs_of(NIGHTLY) == 1


def test_an_auditor_sees_the_page_without_buttons_and_may_not_post(client: Client) -> None:
    client.force_login(make_officer("auditor", Role.AUDITOR))
    page = client.get(ScheduledJobsPage.address()).content.decode()
    assert "排产全园区并发布" in page
    assert "立即运行" not in page
    assert told(client, NIGHTLY) == "您的角色无权执行此操作。"
    assert jobs_of(NIGHTLY) == 0
