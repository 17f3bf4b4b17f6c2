"""Three firms: A and B deal with each other, C is the rival who must see nothing of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from django.db import models
from pytest_django import DjangoDbBlocker

from mes.core.walls import tenancy_of, walled_models
from mes.firms.choices import FirmStatus
from mes.firms.models import Firm
from tests.database import TestDatabase, as_owner, close_connections
from tests.isolation.rows import RowMaker


@dataclass(frozen=True)
class Park:
    """`rows` holds the keys of the rows of A and B by table name; A gives and B does what is between them.

    `supplier` sells to rounds and is invited to none.
    """

    a: UUID
    b: UUID
    c: UUID
    supplier: UUID
    rows: dict[str, list[UUID]]

    def of(self, model: type[models.Model]) -> list[UUID]:
        return self.rows[model._meta.db_table]


@pytest.fixture(scope="module")
def park(django_db_setup: None, test_database: TestDatabase, django_db_blocker: DjangoDbBlocker) -> Iterator[Park]:
    """Committed, once per module; taken out again afterwards."""
    with django_db_blocker.unblock():
        yield make_park()
        close_connections()
        test_database.renew()


def make_park() -> Park:
    """The firms and a row of each table, in the present transaction."""
    with as_owner():
        keys = [Firm.objects.create(code=code, name_zh=f"企业{code}").pk for code in "ABC"]
        a, b, c = keys
        supplier = Firm.objects.create(code="S", name_zh="供应商S", status=FirmStatus.SUPPLIER).pk
        rows: dict[str, list[UUID]] = {}
        for model in walled_models():
            if model is Firm:
                rows[model._meta.db_table] = keys
            elif model._meta.label == "core.Installation":
                rows[model._meta.db_table] = []
            elif tenancy_of(model).name == "two_party":
                rows[model._meta.db_table] = [RowMaker(a, b).make(model)]
            else:
                rows[model._meta.db_table] = [RowMaker(a, b).make(model), RowMaker(b, a).make(model)]
    return Park(a, b, c, supplier, rows)
