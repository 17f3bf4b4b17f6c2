from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SalesConfig(AppConfig):
    name = "orders.sales"
    label = "sales"
    verbose_name = _("Sales orders")

    def ready(self) -> None:
        # Imported only now: the modules need the models of all apps.
        from mes.batches.services import register  # noqa: PLC0415
        from orders.sales.api import bulk, imports  # noqa: PLC0415

        register(bulk.CREATE)
        register(imports.TAKE)
