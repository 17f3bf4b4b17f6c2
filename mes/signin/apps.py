from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SignInConfig(AppConfig):
    name = "mes.signin"
    label = "signin"
    verbose_name = _("Signing in")

    def ready(self) -> None:
        # Imported only now: the module needs the models of all apps.
        from mes.signin.services import register  # noqa: PLC0415

        register()
