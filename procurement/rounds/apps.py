from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RoundsConfig(AppConfig):
    name = "procurement.rounds"
    label = "rounds"
    verbose_name = _("Rounds")

    def ready(self) -> None:
        # Imported only now: these modules need the models of all apps.
        from mes.core import jobs, schedule  # noqa: PLC0415
        from procurement.rounds.services import clock  # noqa: PLC0415

        jobs.register(clock.MOVE, clock.move_due)
        schedule.register(schedule.Schedule(clock.MOVE, _("Move rounds whose time has come"), schedule.EveryMinutes(1)))
