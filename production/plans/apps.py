from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlansConfig(AppConfig):
    name = "production.plans"
    label = "plans"
    verbose_name = _("Plans")

    def ready(self) -> None:
        # Imported only now: these modules need the models of all apps.
        from mes.core import jobs, outbox, schedule  # noqa: PLC0415
        from production.plans.services import computing, replanning, runs  # noqa: PLC0415

        jobs.register(runs.COMPUTE, computing.compute, given_up=computing.given_up)
        jobs.register(runs.PUBLISH, computing.publish)
        jobs.register(replanning.NIGHTLY, replanning.start)
        jobs.register(replanning.AGAIN, replanning.start)
        for topic in replanning.TOPICS:
            outbox.subscribe(topic, replanning.on_change)
        schedule.register(schedule.Schedule(kind=replanning.NIGHTLY, period_of=schedule.daily_at(1)))
