from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Counted(models.TextChoices):
    """Of what tries to sign in are counted."""

    ACCOUNT = "account", _("account")
    ADDRESS = "address", _("address")
