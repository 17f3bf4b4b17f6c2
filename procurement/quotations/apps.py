from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QuotationsConfig(AppConfig):
    name = "procurement.quotations"
    label = "quotations"
    verbose_name = _("Quotations")

    def ready(self) -> None:
        # Imported only now: these modules need the models of all apps.
        from mes.core import jobs, schedule  # noqa: PLC0415
        from procurement.quotations.services import clock  # noqa: PLC0415

        jobs.register(clock.REMIND, clock.remind)
        schedule.register(
            schedule.Schedule(clock.REMIND, _("Remind of requests that wait to be opened"), schedule.DailyAt(8))
        )
