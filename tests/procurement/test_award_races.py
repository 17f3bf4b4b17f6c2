"""At once: an answer and the close, two signatures, two searches; and a worker that dies in the middle."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from mes.core import jobs
from mes.core.actors import DatabaseRole, system_actor
from mes.core.clock import DatabaseNow, business_now
from mes.core.errors import DomainError, LeaseLost
from mes.core.models import BackgroundJob
from mes.core.wall import actor_wall, wall
from procurement.awards import services
from procurement.awards.models import AwardConsent, AwardPlan, AwardSearch, FirmShare
from procurement.awards.services import solving
from procurement.awards.services.alive import kept_alive
from procurement.awards.services.searching import SOLVE, on_moved
from tests.core.work import at_once, let_the_lease_run_out
from tests.database import as_owner
from tests.factories.logins import as_worker
from tests.factories.rounds import OpenedRound, Quote, Want, an_officer, an_opened_round
from tests.procurement.work import AFTER, act, closed, plan_of, proposed, searched, share_of, work_off
from tests.rounds.work import the_time_is

pytestmark = pytest.mark.django_db(transaction=True)

FEW = [Want("F01", 10), Want("F02", 10)]


@pytest.fixture(autouse=True)
def seconds(settings: Any) -> None:
    settings.AWARD_SECONDS = 10


def a_round() -> OpenedRound:
    return searched(an_opened_round(FEW, [Quote("S1"), Quote("S2")]))


def test_an_answer_and_the_close_at_once_leave_no_answer_out() -> None:
    found = a_round()
    proposed(found)
    share, buyer = share_of(found, "F01"), found.buyer("F01")
    the_time_is(AFTER)

    def turn(number: int) -> bool:
        if number == 0:
            with wall(DatabaseRole.PLANNER):
                return services.award_confirmations_close(actor=system_actor(), round_id=found.pk, now=business_now())
        try:
            with actor_wall(buyer):
                services.share_opt_out(actor=buyer, share_id=share.pk, now=business_now())
        except DomainError:
            return False
        return True

    with as_worker():
        closed_, answered = at_once(2, turn)
    assert closed_
    assert not answered
    after = share_of(found, "F01")
    assert (after.answer, after.by_silence) == ("confirmed", True)


def test_of_two_who_sign_at_once_one_does() -> None:
    found = a_round()
    plan = proposed(found)
    closed()
    officers = [an_officer("officer"), an_officer("second")]
    for officer in officers:
        act(officer, services.award_consent, plan_id=plan.pk)

    def turn(number: int) -> bool:
        try:
            with actor_wall(officers[number]):
                services.award_sign(actor=officers[number], plan_id=plan.pk, now=business_now())
        except DomainError:
            return False
        return True

    assert sorted(at_once(2, turn)) == [False, True]
    assert found.again().status == "awarded"


def test_one_officer_who_agrees_twice_at_once_counts_once() -> None:
    found = a_round()
    plan = proposed(found)
    closed()
    officer = an_officer()

    def turn(_number: int) -> bool:
        try:
            with actor_wall(officer):
                services.award_consent(actor=officer, plan_id=plan.pk, now=business_now())
        except DomainError:
            return False
        return True

    assert sorted(at_once(2, turn)) == [False, True]
    with as_owner():
        assert AwardConsent.objects.count() == 1


def test_a_search_whose_worker_dies_before_its_commit_is_taken_again() -> None:
    found = an_opened_round(FEW, [Quote("S1")])
    with as_worker():
        on_moved({"round_id": str(found.pk), "status": "opened"})
        with wall(DatabaseRole.PLANNER):
            job_id = BackgroundJob.objects.get(kind=SOLVE).pk
        assert jobs.take(job_id) is not None  # and is never heard of again
        assert not jobs.run(job_id)
        let_the_lease_run_out(job_id)
        assert jobs.run(job_id)
    with as_owner():
        assert AwardSearch.objects.get().status == "done"
        assert AwardPlan.objects.filter(kind="optimal").count() == 1


def test_a_search_that_takes_long_keeps_its_lease() -> None:
    found = an_opened_round(FEW, [Quote("S1")])
    with as_worker():
        on_moved({"round_id": str(found.pk), "status": "opened"})
        with wall(DatabaseRole.PLANNER):
            job_id = BackgroundJob.objects.get(kind=SOLVE).pk
        lease = jobs.take(job_id)
        assert lease is not None
        let_the_lease_run_out(job_id)
        with kept_alive(lease, every_s=0.01):
            renewed = any(_is_held(job_id) for _try in range(1000))
        assert renewed
        assert jobs.take(job_id) is None


def _is_held(job_id: UUID) -> bool:
    with wall(DatabaseRole.PLANNER):
        return BackgroundJob.objects.filter(pk=job_id, lease_until__gt=DatabaseNow()).exists()


def test_a_worker_that_was_taken_over_stores_nothing() -> None:
    found = an_opened_round(FEW, [Quote("S1")])
    with as_worker():
        on_moved({"round_id": str(found.pk), "status": "opened"})
        with wall(DatabaseRole.PLANNER):
            job_id = BackgroundJob.objects.get(kind=SOLVE).pk
        late = jobs.take(job_id)
        assert late is not None
        let_the_lease_run_out(job_id)
        assert jobs.run(job_id)
        with pytest.raises(LeaseLost):
            solving.solve(late)
    with as_owner():
        assert AwardPlan.objects.filter(kind="optimal").count() == 1


def test_the_notice_of_a_proposal_is_told_though_the_worker_dies_after_the_commit() -> None:
    """The event stands in the transaction of its cause; whoever delivers next, tells it."""
    found = a_round()
    proposed(found)
    with as_owner():
        from mes.core.models import OutboxEvent

        told = OutboxEvent.objects.filter(topic="resin_share.proposed")
        assert set(told.values_list("firm_id", flat=True)) == {found.firms[code].pk for code in ("F01", "F02")}
        assert FirmShare.objects.filter(status="proposed").count() == 2


def test_a_second_search_waits_until_the_first_is_over() -> None:
    found = a_round()
    act(an_officer(), services.award_search_start, round_id=found.pk)
    with pytest.raises(DomainError):
        act(an_officer(), services.award_search_start, round_id=found.pk)
    work_off(SOLVE)
    with as_owner():
        assert AwardPlan.objects.filter(status="candidate", kind="optimal").count() == 1
    assert plan_of(found, kind="optimal", status="candidate").turn == 0
