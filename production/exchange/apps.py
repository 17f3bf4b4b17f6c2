from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExchangeConfig(AppConfig):
    name = "production.exchange"
    label = "exchange"
    verbose_name = _("Placement")

    def ready(self) -> None:
        # Imported only now: these modules need the models of all apps.
        from mes.core import jobs, outbox, schedule  # noqa: PLC0415
        from production.exchange.services import jobs as work  # noqa: PLC0415

        jobs.register(work.SETTLE, work.settle)
        jobs.register(work.EXPIRE, work.expire)
        outbox.subscribe("plan.published", work.on_published)
        outbox.subscribe("sales_order.cancelled", work.on_cancelled)
        schedule.register(
            schedule.Schedule(work.EXPIRE, _("End proposals that nobody answered in time"), schedule.EveryMinutes(5))
        )
        schedule.register(
            schedule.Schedule(
                work.SETTLE,
                _("Sign what both sides agreed to beforehand"),
                occasion=_("after a publication"),
                by_hand=False,
            )
        )
