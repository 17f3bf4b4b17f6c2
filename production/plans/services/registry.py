"""What the app's jobs are called, who rings them, and what the scheduled-jobs page says of each."""

from django.utils.translation import gettext_lazy as _

from mes.core import jobs, outbox, schedule
from production.plans.services import (
    computing,
    pieces,
    promise_jobs,
    replanning,
    rescuing,
    runs,
    scenario_jobs,
    scenarios,
    trial_jobs,
    trials,
)

SCHEDULES = (
    schedule.Schedule(replanning.NIGHTLY, _("Plan the park and publish"), schedule.DailyAt(1)),
    schedule.Schedule(replanning.AGAIN, _("Plan the park again and publish"), occasion=_("a minute after a change")),
    schedule.Schedule(promise_jobs.EXPIRE, _("End reservations whose time is up"), schedule.EveryMinutes(5)),
    schedule.Schedule(
        runs.COMPUTE,
        _("Compute a plan, of the park or of one firm"),
        occasion=_("when a run is started"),
        by_hand=False,
    ),
    schedule.Schedule(
        pieces.IMPROVE,
        _("Improve a piece of a plan"),
        occasion=_("while a large plan is computed"),
        by_hand=False,
    ),
    schedule.Schedule(
        rescuing.RESCUES,
        _("Look for ways to bring late lines in time"),
        occasion=_("when a plan has late lines"),
        by_hand=False,
    ),
    schedule.Schedule(
        scenarios.SCENARIO,
        _("Compute a scenario beside its snapshot"),
        occasion=_("when a scenario is started"),
        by_hand=False,
    ),
    schedule.Schedule(
        trials.CALCULATE,
        _("Calculate what a member's planner tries"),
        occasion=_("when a member asks"),
        by_hand=False,
    ),
    schedule.Schedule(runs.PUBLISH, _("Publish a candidate"), occasion=_("when a dispatcher says so"), by_hand=False),
)


def register() -> None:
    """Once for each process."""
    jobs.register(runs.COMPUTE, computing.compute, given_up=computing.given_up)
    jobs.register(pieces.IMPROVE, pieces.improve)
    jobs.register(runs.PUBLISH, computing.publish)
    jobs.register(rescuing.RESCUES, rescuing.find)
    jobs.register(scenarios.SCENARIO, scenario_jobs.compute, given_up=scenario_jobs.given_up)
    jobs.register(replanning.NIGHTLY, replanning.start)
    jobs.register(replanning.AGAIN, replanning.start_again)
    jobs.register(trials.CALCULATE, trial_jobs.calculate, given_up=trial_jobs.given_up)
    jobs.register(promise_jobs.EXPIRE, promise_jobs.expire)
    for topic in replanning.TOPICS:
        outbox.subscribe(topic, replanning.on_change)
    for entry in SCHEDULES:
        schedule.register(entry)
