#!/usr/bin/env python3
"""Django's command line."""

import os
import sys
from importlib import import_module

from django.core.exceptions import ImproperlyConfigured
from django.core.management import ManagementUtility

# Commands that change or look at code only, or that must run as owner.
WITHOUT_WORKING_LOGIN = {
    "migrate",
    "makemigrations",
    "check",
    "collectstatic",
    "help",
    "--help",
    "--version",
    "version",
    "compilemessages",
}

MACHINE_LACKS = 2


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mes.settings")
    utility = ManagementUtility(sys.argv)
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    try:
        import_module("mes.celery")  # jobs are rung through this application
        if command not in WITHOUT_WORKING_LOGIN:
            import_module("mes.core.startup").require_working_login()
        utility.execute()
    except ImproperlyConfigured as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(MACHINE_LACKS)


if __name__ == "__main__":
    main()
