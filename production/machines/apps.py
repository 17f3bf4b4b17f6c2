from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MachinesConfig(AppConfig):
    name = "production.machines"
    label = "machines"
    verbose_name = _("Machines")

    def ready(self) -> None:
        # Imported only now: the modules need the models of all apps.
        from mes.batches.services import register  # noqa: PLC0415
        from procurement.rounds.services import verified_use  # noqa: PLC0415
        from production.machines.api import imports  # noqa: PLC0415
        from production.machines.selectors.stock import used_kg  # noqa: PLC0415

        register(imports.TAKE)
        verified_use.register(used_kg)
