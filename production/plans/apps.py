from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlansConfig(AppConfig):
    name = "production.plans"
    label = "plans"
    verbose_name = _("Plans")

    def ready(self) -> None:
        # Imported only now: the modules need the models of all apps.
        from production.plans.services.registry import register  # noqa: PLC0415

        register()
