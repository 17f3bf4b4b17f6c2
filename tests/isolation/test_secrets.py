"""What not even the association and the planner read, and what a login reads before anybody has signed in."""

from __future__ import annotations

import pytest
from django.db import connection

from mes.core.actors import DatabaseRole
from mes.core.wall import wall
from mes.core.walls import LIBRARY_TABLES, walled_models
from tests.isolation.conftest import Park
from tests.isolation.questions import DENIED, asked, count_of, role_alone

pytestmark = pytest.mark.django_db

# Written out by hand, beside the classes: who may never read these, whatever a class is changed to.
SECRETS = {
    "sales_salesorderterms": {"mes_staff", "mes_planner", "mes_exchange"},
    "sales_salesorderlineterms": {"mes_staff", "mes_planner", "mes_exchange"},
    "sales_lineexclusion": {"mes_staff"},
    "sales_salesorderlineceiling": {"mes_staff"},
    "machines_capacityofferterms": {"mes_staff"},
    "plans_proposalterms": {"mes_staff"},
    "outsourcing_outsourceorderterms": {"mes_staff", "mes_planner"},
    "plans_autoapproval": {"mes_staff", "mes_exchange"},
    "plans_planartefact": {"mes_firm", "mes_staff", "mes_exchange"},
    "plans_scenarioartefact": {"mes_firm", "mes_staff", "mes_exchange"},
    "firms_apikey": {"mes_staff", "mes_planner", "mes_exchange"},
    "core_outboxevent": {"mes_firm", "mes_exchange"},
    "core_numberseries": {"mes_staff"},
}
WEB_READS = {
    "core_installation",
    "django_migrations",
    "django_session",
    "firms_firm",
    "firms_membership",
    "firms_user",
    # What one of the association's people may see is read before the wall is built of it (selectors.sight_of).
    "firms_declaredinterest",
    "firms_readsession",
}
WORKER_READS = {"core_installation", "django_migrations"}


@pytest.mark.parametrize("table", sorted(SECRETS))
def test_customers_prices_fees_and_artefacts_are_closed_to(table: str, park: Park) -> None:
    for role in SECRETS[table] - {"mes_planner"}:
        with role_alone(role):
            assert count_of(table) == DENIED, role
    if "mes_planner" in SECRETS[table]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT has_any_column_privilege('mes_planner', %s, 'SELECT')", [table])
            assert cursor.fetchone() == (False,)


def test_the_association_sees_which_events_wait_and_never_what_they_say() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'core_outboxevent'::regclass AND attnum > 0"
            " AND NOT has_column_privilege('mes_staff', attrelid, attnum, 'SELECT')"
        )
        assert cursor.fetchall() == [("payload",)]


def test_no_column_for_a_customer_or_a_selling_price_stands_outside_the_private_terms() -> None:
    places = {
        model._meta.db_table
        for model in walled_models()
        if model.__module__.split(".")[0] != "procurement"  # what resin costs is of no sale
        for field in model._meta.concrete_fields
        if "customer" in field.column or field.column.startswith(("price", "selling", "cost"))
    }
    assert places == {"sales_salesorderterms", "sales_salesorderlineterms"}


def test_the_association_reads_orders_and_machines_of_all_firms(park: Park) -> None:
    with wall(DatabaseRole.STAFF):
        for table in ("sales_salesorder", "machines_machine"):
            assert count_of(table) not in {0, DENIED}
            assert asked(f'UPDATE "{table}" SET id = id') == DENIED


def test_the_web_login_without_a_role_reads_the_doors_tables_alone(park: Park) -> None:
    tables = {model._meta.db_table for model in walled_models()} | set(LIBRARY_TABLES)
    assert {table for table in tables if count_of(table) != DENIED} == WEB_READS


def test_the_web_login_without_a_role_writes_sessions_and_sign_in_columns_alone(park: Park) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0"
            " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND NOT a.attisdropped"
            " AND (has_column_privilege('mes_web', c.oid, a.attnum, 'UPDATE')"
            "  OR has_column_privilege('mes_web', c.oid, a.attnum, 'INSERT')"
            "  OR has_table_privilege('mes_web', c.oid, 'DELETE'))"
        )
        found = {(table, column) for table, column in cursor.fetchall() if table != "django_session"}
    assert found == {("firms_user", "last_login"), ("firms_user", "password")}


def test_the_worker_login_without_a_role_reads_the_clock_and_the_migrations_alone(park: Park) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
            " AND (has_any_column_privilege('mes_worker', oid, 'SELECT')"
            "  OR has_any_column_privilege('mes_worker', oid, 'UPDATE'))"
        )
        assert {table for (table,) in cursor.fetchall()} == WORKER_READS


def test_no_working_role_writes_the_installation_row(park: Park) -> None:
    for role in ("mes_firm", "mes_staff", "mes_exchange"):
        with role_alone(role):
            assert asked("UPDATE core_installation SET kind = kind") == DENIED
            assert asked("DELETE FROM core_installation") == DENIED
            assert asked("INSERT INTO core_installation (id, kind) VALUES (1, 'demo')") == DENIED


def test_audit_events_and_jobs_are_neither_changed_nor_deleted_by_people(park: Park) -> None:
    for role, firm in ((DatabaseRole.FIRM, park.a), (DatabaseRole.STAFF, None)):
        with wall(role, firm):
            for table in ("core_outboxevent", "core_backgroundjob", "core_auditrow"):
                assert asked(f'DELETE FROM "{table}"') == DENIED
                assert asked(f'UPDATE "{table}" SET id = id') == DENIED


def test_what_is_only_added_to_is_changed_by_no_role_but_the_machinery(park: Park) -> None:
    with connection.cursor() as cursor:
        for table in ("core_auditrow", "sales_linecompletion", "floor_productionreport", "machines_stockmovement"):
            cursor.execute(
                "SELECT bool_or(has_any_column_privilege(role, %s, 'UPDATE')"
                " OR has_table_privilege(role, %s, 'DELETE'))"
                " FROM unnest(ARRAY['mes_firm', 'mes_staff', 'mes_planner', 'mes_exchange', 'mes_web']) AS role",
                [table, table],
            )
            assert cursor.fetchone() == (False,), table
