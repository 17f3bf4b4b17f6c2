from __future__ import annotations

from typing import ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from mes.core.forking import forget_connections_after_fork


class CoreConfig(AppConfig):
    name = "mes.core"
    label = "core"
    verbose_name = _("System")
    _hooked: ClassVar[bool] = False

    def ready(self) -> None:
        if not CoreConfig._hooked:
            CoreConfig._hooked = True
            forget_connections_after_fork()
            # Imported only now: the module needs the app's models.
            from mes.core import changes, seals  # noqa: PLC0415

            changes.register()
            seals.register()
