"""Nothing of a firm reaches one of the association's people who has an interest in it, in any table."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import connection, models

from mes.core.actors import DatabaseRole, Sight
from mes.core.wall import wall
from mes.core.walls import bar_of, firm_columns, tenancy_of, walled_models
from mes.firms.models import Firm
from tests.isolation.conftest import Park
from tests.isolation.questions import asked, right_of, role_alone

pytestmark = pytest.mark.django_db

BARRED = [model for model in walled_models() if bar_of(model) is not None]
READ = [model for model in BARRED if "SELECT" in (right_of(model, DatabaseRole.STAFF) or right_of(Firm, "mes_staff")).privileges]  # type: ignore[union-attr]


def table_of(model: type[models.Model]) -> dict[UUID, set[UUID]]:
    """The firms that each row names, as the present role sees them."""
    columns = [column for column, _empty in firm_columns(model)]
    names = ", ".join(f'"{column}"' for column in ("id", *columns))
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT {names} FROM "{model._meta.db_table}"')
        return {key: {firm for firm in firms if firm is not None} for key, *firms in cursor.fetchall()}
