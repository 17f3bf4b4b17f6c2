from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class BatchState(models.TextChoices):
    """`refused`: it was all or nothing, and something was refused. `failed`: it was not worked off."""

    QUEUED = "queued", _("queued")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    REFUSED = "refused", pgettext_lazy("batch", "refused")
    FAILED = "failed", _("failed")


OPEN_STATES = frozenset({BatchState.QUEUED, BatchState.RUNNING})
