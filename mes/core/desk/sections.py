from django.db import models
from django.utils.translation import gettext_lazy as _


class Section(models.TextChoices):
    """The groups of the sidebar, in their order."""

    TODAY = "today", _("Today")
    PLAN = "plan", _("Plan")
    ORDERS = "orders", _("Orders")
    MEMBERS = "members", _("Members")
    ROUNDS = "rounds", _("Pooled buying")
    MACHINES = "machines", _("Machines and hours")
    CATALOGUE = "catalogue", _("Catalogue")
    SYSTEM = "system", _("System")
