from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FirmsConfig(AppConfig):
    name = "mes.firms"
    label = "firms"
    verbose_name = _("Firms and people")
