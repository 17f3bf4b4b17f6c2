from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from mes.core.clock import BusinessNow, DatabaseNow, business_now, database_now
from mes.core.models import Installation
from tests.database import as_owner

pytestmark = pytest.mark.django_db

SAMPLE_DAY = datetime(2026, 3, 1, 16, tzinfo=UTC)


def install(**values: object) -> None:
    with as_owner():
        Installation.objects.all().delete()
        Installation.objects.create(**values)


def test_without_a_row_the_business_clock_is_the_databases() -> None:
    before, business, after = database_now(), business_now(), database_now()
    assert before <= business <= after


def test_a_demo_clock_stands_where_it_was_set() -> None:
    install(kind="demo", business_at=SAMPLE_DAY)
    assert business_now() == business_now() == SAMPLE_DAY
    assert database_now() != SAMPLE_DAY


def test_a_running_demo_clock_runs_on_from_where_it_was_set() -> None:
    started = database_now() - timedelta(hours=2)
    install(kind="demo", business_at=SAMPLE_DAY, started_at=started)
    before, business, after = database_now(), business_now(), database_now()
    assert SAMPLE_DAY + (before - started) <= business <= SAMPLE_DAY + (after - started)


def test_inside_one_transaction_both_clocks_go_on() -> None:
    install(kind="demo", business_at=SAMPLE_DAY, started_at=SAMPLE_DAY)
    assert database_now() < database_now()
    assert business_now() < business_now()


@pytest.mark.parametrize("shift", [{"business_at": SAMPLE_DAY}, {"business_at": SAMPLE_DAY, "started_at": SAMPLE_DAY}])
def test_a_production_clock_cannot_be_shifted(shift: dict[str, datetime]) -> None:
    with pytest.raises(IntegrityError, match="production_has_no_shifted_clock"), transaction.atomic():
        install(kind="production", **shift)


def test_there_is_one_row() -> None:
    install(kind="demo")
    with pytest.raises(IntegrityError), as_owner():
        Installation.objects.create(id=2, kind="demo")


def test_the_clocks_answer_in_queries_too() -> None:
    install(kind="demo", business_at=SAMPLE_DAY)
    with as_owner():
        row = Installation.objects.annotate(business=BusinessNow(), database=DatabaseNow()).get()
    assert row.business == SAMPLE_DAY
    assert row.database.tzinfo is not None


@pytest.mark.parametrize("role", ["mes_firm", "mes_staff", "mes_exchange"])
def test_every_role_reads_the_clock(role: str) -> None:
    install(kind="demo", business_at=SAMPLE_DAY)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('role', %s, true)", [role])
        assert business_now() == SAMPLE_DAY
        cursor.execute("SELECT set_config('role', 'none', true)")
