"""Nothing of a firm reaches one of the association's people who has an interest in it, in any table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from django.db import connection, models

from mes.core.actors import DatabaseRole, Sight
from mes.core.tenancy import Office
from mes.core.wall import wall
from mes.core.walls import bar_of, firm_columns, tenancy_of, walled_models
from tests.database import as_owner
from tests.isolation.conftest import Park
from tests.isolation.questions import REFUSED, asked, right_of, role_alone

pytestmark = pytest.mark.django_db

BARRED = [model for model in walled_models() if bar_of(model) is not None]


def read_by_staff() -> list[type[models.Model]]:
    found = []
    for model in BARRED:
        right = right_of(model, DatabaseRole.STAFF)
        if right is not None and "SELECT" in right.privileges:
            found.append(model)
    return found


def seen(model: type[models.Model]) -> dict[UUID, set[UUID]]:
    """The rows that the present role sees, each with the firms that it names."""
    columns = [column for column, _empty in firm_columns(model)]
    names = ", ".join(f'"{column}"' for column in ("id", *columns))
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT {names} FROM "{model._meta.db_table}"')
        return {key: {firm for firm in (key, *firms) if firm is not None} for key, *firms in cursor.fetchall()}


@contextmanager
def staff(sight: Sight) -> Iterator[None]:
    with wall(DatabaseRole.STAFF, sight=sight):
        yield


def test_most_tables_of_the_association_name_a_firm() -> None:
    assert len(read_by_staff()) > 35
    assert {"firms.Firm", "core.AuditRow", "plans.MovedRun"} <= {model._meta.label for model in BARRED}


def test_who_is_barred_sees_all_rows_but_those_that_name_the_firm(park: Park) -> None:
    less = 0
    for model in read_by_staff():
        with staff(Sight()):
            everything = seen(model)
        with staff(Sight(barred_firms=frozenset({park.b}))):
            found = seen(model)
        wanted = {key for key, firms in everything.items() if park.b not in firms}
        assert set(found) == wanted, model
        less += len(everything) > len(wanted)
    assert less > 30  # the others hide such rows from everybody of the association


def test_two_interests_bar_from_both(park: Park) -> None:
    for model in read_by_staff():
        with staff(Sight(barred_firms=frozenset({park.a, park.b}))):
            assert not [firms for firms in seen(model).values() if {park.a, park.b} & firms], model


def test_whose_office_is_not_the_members_affairs_sees_no_row_of_a_firm_but_the_directory(park: Park) -> None:
    open_to_him = {"firms.Firm", "firms.DeclaredInterest"}
    with staff(Sight(sees_members=False, sees_rounds=False)):
        for model in read_by_staff():
            named = [firms - {key} for key, firms in seen(model).items() if firms - {key}]
            assert not named or model._meta.label in open_to_him, model
    with staff(Sight(sees_members=False, sees_rounds=False, barred_firms=frozenset({park.b}))):
        for model in read_by_staff():
            assert not [firms for firms in seen(model).values() if park.b in firms], model


def test_the_round_officer_sees_of_firms_what_is_of_rounds_alone(park: Park) -> None:
    with staff(Sight(sees_members=False)):
        shown = {
            model._meta.label for model in read_by_staff() if any(firms - {key} for key, firms in seen(model).items())
        }
    assert shown - {"firms.Firm", "firms.DeclaredInterest"} == {
        "awards.Allocation", "awards.AwardLine", "awards.FirmShare", "quotations.TenderInvitation",
        "rounds.Commitment", "rounds.LockedCommitment", "rounds.UseAllowance", "suppliers.SupplierQualification",
        "settlement.Invoice", "settlement.InvoiceLine", "settlement.Deposit", "settlement.LedgerEntry",
        "settlement.Posting", "savings.SavingLine",
        "supply.CertificateValue", "supply.Claim", "supply.Concession", "supply.Delivery", "supply.DeliveryLot",
        "supply.FirmOrder", "supply.FrameworkAgreement", "supply.FrameworkBalance", "supply.LotAllocation",
    }  # fmt: skip
    with staff(Sight(sees_rounds=False)):
        for model in read_by_staff():
            if tenancy_of(model).office is Office.ROUND:
                assert not seen(model), model


def test_the_role_without_its_settings_sees_no_firm(park: Park) -> None:
    """What a programmer's slip would leave: a wall that says nothing of interests."""
    with role_alone(DatabaseRole.STAFF):
        for model in read_by_staff():
            assert not [firms for key, firms in seen(model).items() if firms - {key}], model
        assert asked("SELECT count(*) FROM firms_firm") == 0


def test_who_is_barred_changes_deletes_and_adds_nothing_of_the_firm(park: Park) -> None:
    tried = 0
    for model in BARRED:
        right = right_of(model, DatabaseRole.STAFF)
        table, columns = model._meta.db_table, [column for column, _empty in firm_columns(model)]
        for column in columns if right is not None else ():
            with staff(Sight(barred_firms=frozenset({park.b}))):
                if {"SELECT", "UPDATE"} <= set(right.privileges):  # type: ignore[union-attr]
                    tried += 1
                    assert asked(f'UPDATE "{table}" SET "{column}" = "{column}" WHERE "{column}" = %s', [park.b]) == 0
                    moved = asked(f'UPDATE "{table}" SET "{column}" = %s', [park.b]) if column != "id" else 0
                    assert moved == 0 or REFUSED in str(moved), model
                if {"SELECT", "DELETE"} <= set(right.privileges):  # type: ignore[union-attr]
                    assert asked(f'DELETE FROM "{table}" WHERE "{column}" = %s', [park.b]) == 0
    assert tried > 5


def test_an_audit_row_of_the_firm_is_refused_to_who_is_barred(park: Park) -> None:
    statement = (
        "INSERT INTO core_auditrow (id, at, firm_id, channel, verb, object_type, object_id, changes)"
        " VALUES (gen_random_uuid(), now(), %s, 'admin', 'x.y', 'x', gen_random_uuid(), '{}')"
    )
    with staff(Sight(barred_firms=frozenset({park.b}))):
        assert asked(statement, [park.b]) == REFUSED
        assert asked(statement, [park.a]) == 1


def test_the_owner_sees_that_the_rows_are_there(park: Park) -> None:
    """The control: rows of the barred firm that nobody sees would prove nothing."""
    with as_owner():
        for model in read_by_staff():
            assert [firms for firms in seen(model).values() if park.b in firms], model
