from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AwardsConfig(AppConfig):
    name = "procurement.awards"
    label = "awards"
    verbose_name = _("Awards")

    def ready(self) -> None:
        # Imported only now: these modules need the models of all apps.
        from mes.core import jobs, outbox, schedule  # noqa: PLC0415
        from procurement.awards.services import closing, searching, solving  # noqa: PLC0415

        jobs.register(searching.SOLVE, solving.solve, given_up=solving.given_up)
        jobs.register(closing.CLOSE, closing.close_due)
        outbox.subscribe("round.moved", searching.on_moved)
        schedule.register(
            schedule.Schedule(
                searching.SOLVE,
                _("Search the award of a round"),
                occasion=_("when its quotations are opened, after opt-outs, or when an officer asks"),
                by_hand=False,
            )
        )
        schedule.register(
            schedule.Schedule(closing.CLOSE, _("End the time for firms to confirm"), schedule.EveryMinutes(1))
        )
