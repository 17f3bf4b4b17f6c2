"""The Celery application."""

from __future__ import annotations

import os
import sys
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_init
from django.core.exceptions import ImproperlyConfigured

from mes.core import heartbeat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mes.settings")

app = Celery("mes")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["consumer"].add(heartbeat.Pulse)


@worker_init.connect
def _stand_back(**_kwargs: Any) -> None:
    """A plan takes every core it gets for half a minute; whoever waits for a page goes first."""
    from django.conf import settings  # noqa: PLC0415 - read by Celery first

    os.nice(settings.WORKER_NICENESS)


@worker_init.connect
@beat_init.connect
def _before_work(**_kwargs: Any) -> None:
    from mes.core.startup import require_working_login  # noqa: PLC0415 - the settings must be read first

    try:
        require_working_login()
        heartbeat.prepare()
    except ImproperlyConfigured as error:
        sys.exit(str(error))  # Celery logs and forgets what a signal's receiver raises; it lets this through
