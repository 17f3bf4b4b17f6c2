"""Refuses to run a process with more rights in the database than its work needs."""

from __future__ import annotations

import psycopg
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_QUESTION = """
    SELECT r.rolsuper, r.rolbypassrls, pg_has_role(session_user, d.datdba, %s),
           EXISTS (SELECT FROM pg_class WHERE relowner = r.oid)
      FROM pg_roles r, pg_database d
     WHERE r.rolname = session_user AND d.datname = current_database()
"""
_FAULTS = ("is a superuser", "bypasses row-level security", "owns the database", "owns tables")


def require_working_login() -> None:
    """Raises ImproperlyConfigured when the process's database login could look over the walls.

    Uses a connection of its own, closed again: the pool must not be opened before a process forks.
    """
    database = settings.DATABASES["default"]
    # Tests alone let the login become the owner, to arrange data; even there it must not be it unasked.
    ownership = "USAGE" if settings.ENVIRONMENT == "test" else "MEMBER"
    try:
        with psycopg.connect(
            dbname=database["NAME"],
            user=database["USER"],
            password=database["PASSWORD"],
            host=database["HOST"],
            port=database["PORT"] or None,
            connect_timeout=10,
        ) as connection:
            answers = connection.execute(_QUESTION, [ownership]).fetchone()
    except psycopg.OperationalError as error:
        raise ImproperlyConfigured(f"The database cannot be reached: {' '.join(str(error).split())}") from error
    if answers is None:
        raise ImproperlyConfigured(f"The rights of the database login {database['USER']} cannot be read.")
    faults = [fault for fault, found in zip(_FAULTS, answers, strict=True) if found]
    if faults:
        raise ImproperlyConfigured(
            f"The database login {database['USER']} {' and '.join(faults)}; this command needs a working login"
            " (mes_web or mes_worker). Only provision, migrate and backup run as owner."
        )
