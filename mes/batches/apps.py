from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BatchesConfig(AppConfig):
    name = "mes.batches"
    label = "batches"
    verbose_name = _("Batches")

    def ready(self) -> None:
        # Imported only now: the modules need the models of all apps.
        from mes.batches.services import jobs  # noqa: PLC0415

        jobs.register()
