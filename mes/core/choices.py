from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class InstallationKind(models.TextChoices):
    PRODUCTION = "production", _("production")
    DEMO = "demo", _("demo")
    TEST = "test", _("test")


class JobState(models.TextChoices):
    QUEUED = "queued", _("queued")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


class Outcome(StrEnum):
    """What became of an object that was put under a name of its firm's."""

    MADE = "made"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
