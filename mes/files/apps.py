from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FilesConfig(AppConfig):
    name = "mes.files"
    label = "files"
    verbose_name = _("Files")

    def ready(self) -> None:
        # Imported only now: the modules need the models of all apps.
        from mes.files.services import jobs  # noqa: PLC0415

        jobs.register()
