from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HooksConfig(AppConfig):
    name = "mes.hooks"
    label = "hooks"
    verbose_name = _("Webhooks")

    def ready(self) -> None:
        # Imported only now: the module needs the models of all apps.
        from mes.hooks.services.registry import register  # noqa: PLC0415

        register()
