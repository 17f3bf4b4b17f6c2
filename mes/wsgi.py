"""The web's entry point."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mes.settings")

application = get_wsgi_application()

from mes.celery import app as celery_app  # noqa: E402 - the web sends tasks through this application
from mes.core.startup import require_working_login  # noqa: E402

require_working_login()

__all__ = ["application", "celery_app"]
