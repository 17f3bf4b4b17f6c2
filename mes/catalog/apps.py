from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    name = "mes.catalog"
    label = "catalog"
    verbose_name = _("Catalogue")

    def ready(self) -> None:
        # Imported only now: the modules need the models of all apps.
        from mes.batches.services import register  # noqa: PLC0415
        from mes.catalog.api import bulk, imports  # noqa: PLC0415

        register(bulk.CREATE)
        register(imports.TAKE)
