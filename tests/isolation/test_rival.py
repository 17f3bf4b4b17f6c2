"""Firm C, a rival of A and B: the database alone keeps it out, whatever the application forgets."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db import ProgrammingError, models, transaction

from mes.core.actors import DatabaseRole
from mes.core.ids import new_id
from mes.core.wall import wall
from mes.core.walls import owner_keys, seen_references, tenancy_of, walled_models
from procurement.quotations.models import TenderInvitation
from tests.database import as_owner
from tests.isolation.conftest import Park
from tests.isolation.questions import DENIED, asked, count_of, firm_scoped, right_of, role_alone
from tests.isolation.rows import INSTEAD, RowMaker

FOR_ALL = {"public"}
OPEN_SYSTEM = {"core.Installation"}
# What every member reads of a round that is announced; nothing in it is a firm's.
OF_ALL_MEMBERS = {
    "rounds.Round",
    "rounds.RoundLine",
    "rounds.RoundMove",
    "rounds.LineProgress",
    "savings.RoundSaving",
    "benchmarks.Benchmark",
}
# What an own row refers to is seen with a row beside: who quotes was invited.
SEEN_WITH = {"quotations.Tender": "id", "quotations.TenderLine": "tender_id"}


def closed_to_others() -> list[type[models.Model]]:
    """Every model of which a firm may not read all rows."""
    return [
        model
        for model in walled_models()
        if tenancy_of(model).name not in FOR_ALL and model._meta.label not in OPEN_SYSTEM
    ]


def closed_to_members() -> list[type[models.Model]]:
    """Of these a member reads no row that is not his."""
    return [model for model in closed_to_others() if model._meta.label not in OF_ALL_MEMBERS]


def let_see(firm_id: UUID, model: type[models.Model], values: dict[str, Any]) -> None:
    """Invites the firm to what its row is about, as the owner."""
    for field in model._meta.concrete_fields:
        parent = field.related_model
        if isinstance(parent, type) and parent._meta.label in SEEN_WITH and field.column in values:
            rows = parent._base_manager.values_list(SEEN_WITH[parent._meta.label], flat=True)
            RowMaker(firm_id, firm_id).make(TenderInvitation, tender_id=rows.get(pk=values[field.column]))


def insert(model: type[models.Model], values: dict[str, Any]) -> int | str:
    columns = ", ".join(f'"{column}"' for column in values)
    marks = ", ".join(["%s"] * len(values))
    return asked(f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({marks})', list(values.values()))


def test_most_tables_are_firm_scoped() -> None:
    labels = {model._meta.label for model in firm_scoped()}
    assert {"sales.SalesOrder", "machines.Machine", "catalog.Product", "outsourcing.OutsourceOrder"} <= labels
    assert len(labels) > 25


def test_the_firms_role_without_a_firm_reads_no_row_of_any_private_table(park: Park) -> None:
    with role_alone("mes_firm"):
        answers = {model._meta.db_table: count_of(model._meta.db_table) for model in closed_to_others()}
    open_tables = {model._meta.db_table for model in walled_models() if tenancy_of(model).name == "own_or_standard"}
    assert {table: answer for table, answer in answers.items() if answer not in {0, DENIED}} == {}
    assert open_tables <= set(answers)


def test_an_owner_reads_his_rows(park: Park) -> None:
    """The control: without it, empty answers elsewhere would prove nothing."""
    with wall(DatabaseRole.FIRM, park.a):
        for model in firm_scoped():
            right = right_of(model, DatabaseRole.FIRM)
            if model._meta.label in SEEN_WITH:
                continue
            if right is not None and "SELECT" in right.privileges:
                answer = asked(f'SELECT count(*) FROM "{model._meta.db_table}" WHERE id = ANY(%s)', [park.of(model)])
                assert answer == (len(park.of(model)) if model._meta.label in OF_ALL_MEMBERS else 1), model


def test_a_rival_reads_nothing_by_sql(park: Park) -> None:
    with wall(DatabaseRole.FIRM, park.c):
        answers = {model._meta.db_table: count_of(model._meta.db_table) for model in closed_to_members()}
        told = asked("SELECT count(*) FROM core_change WHERE firm_id = %s AND kind = 'round'", [park.c])
    assert answers.pop("core_change") == told
    assert {table: answer for table, answer in answers.items() if answer not in {0, DENIED}} == {}


def test_a_rival_reads_nothing_by_the_orm_without_any_filter(park: Park) -> None:
    seen: dict[str, list[object]] = {}
    with wall(DatabaseRole.FIRM, park.c):
        for model in closed_to_members():
            with suppress(ProgrammingError), transaction.atomic():
                if found := list(model._base_manager.values_list("pk", flat=True)):
                    seen[model._meta.label] = found
    assert seen.keys() <= {"core.Change"}  # it is told of rounds (see above)


def test_a_rival_cannot_insert_rows_in_anothers_name(park: Park) -> None:
    for model in firm_scoped():
        with transaction.atomic():  # what the row would refer to goes again: it may be nothing without the row
            with as_owner():
                values = RowMaker(park.a, park.b).values(model)
            with wall(DatabaseRole.FIRM, park.c):
                assert isinstance(insert(model, values), str), model
            transaction.set_rollback(True)


def test_a_rival_cannot_change_or_delete_anothers_rows(park: Park) -> None:
    with wall(DatabaseRole.FIRM, park.c):
        for model in closed_to_others():
            table, keys = model._meta.db_table, park.of(model)
            assert asked(f'UPDATE "{table}" SET id = id WHERE id = ANY(%s)', [keys]) in {0, DENIED}, model
            assert asked(f'DELETE FROM "{table}" WHERE id = ANY(%s)', [keys]) in {0, DENIED}, model
            assert asked(f'UPDATE "{table}" SET id = id') in {0, DENIED}, model


def test_nobody_moves_his_row_to_another_firm_or_takes_a_standard_for_himself(park: Park) -> None:
    for model in firm_scoped():
        table = model._meta.db_table
        for column in tenancy_of(model).firm_columns:
            with wall(DatabaseRole.FIRM, park.a):
                moved = asked(f'UPDATE "{table}" SET "{column}" = %s WHERE id = ANY(%s)', [park.c, park.of(model)])
                assert isinstance(moved, str), model  # by right, by row or by a trigger
        if tenancy_of(model).name == "own_or_standard":
            with as_owner():
                standard = RowMaker(park.a, park.b).make(model, firm_id=None)
            with wall(DatabaseRole.FIRM, park.c):
                assert asked(f'SELECT count(*) FROM "{table}" WHERE id = %s', [standard]) == 1
                assert asked(f'UPDATE "{table}" SET firm_id = %s WHERE id = %s', [park.c, standard]) == 0
                assert asked(f'DELETE FROM "{table}" WHERE id = %s', [standard]) == 0


def foreign_parents(model: type[models.Model]) -> list[tuple[str, type[models.Model]]]:
    """References of `model` that are checked against the wall, by an owner key or by sight."""
    by_table = {candidate._meta.db_table: candidate for candidate in walled_models()}
    keyed = [(column, by_table[parent]) for column, _owner, parent in owner_keys(model)]
    return [*keyed, *((column, by_table[parent]) for column, parent in seen_references(model))]


def closed_parents(model: type[models.Model]) -> list[tuple[str, type[models.Model]]]:
    """Of these, what not every member sees."""
    return [(column, parent) for column, parent in foreign_parents(model) if parent._meta.label not in OF_ALL_MEMBERS]


def test_a_rival_cannot_point_at_anothers_row_nor_learn_that_it_exists(park: Park) -> None:
    tried = 0
    for model in firm_scoped():
        right = right_of(model, DatabaseRole.FIRM)
        if right is None or "INSERT" not in right.privileges:
            continue
        for column, parent in closed_parents(model):
            with as_owner():
                own = RowMaker(park.c, park.b).values(model)
                others = own | INSTEAD.get((model._meta.label, column), {})
                foreign = RowMaker(park.a, park.b).make(parent)
                let_see(park.c, model, own)
            with wall(DatabaseRole.FIRM, park.c):
                real = insert(model, others | {column: foreign})
                invented = insert(model, others | {column: new_id()})
                assert isinstance(real, str), (model, column)
                assert real == invented, (model, column)
                assert "foreign key" in real or "points at nothing" in real, real
                if "SELECT" in right.privileges:
                    assert insert(model, own) == 1, model
            tried += 1
    assert tried > 20


def test_a_rival_cannot_turn_his_own_row_to_anothers(park: Park) -> None:
    tried = 0
    for model in firm_scoped():
        right = right_of(model, DatabaseRole.FIRM)
        if right is None or "UPDATE" not in right.privileges:
            continue
        for column, parent in closed_parents(model):
            with as_owner():
                own = RowMaker(park.c, park.b).make(model)
                foreign = RowMaker(park.a, park.b).make(parent)
            with wall(DatabaseRole.FIRM, park.c):
                turn = f'UPDATE "{model._meta.db_table}" SET "{column}" = %s WHERE id = %s'
                real, invented = asked(turn, [foreign, own]), asked(turn, [new_id(), own])
                assert isinstance(real, str), (model, column)
                assert real == invented, (model, column)
            tried += 1
    assert tried > 20


def test_two_parties_read_their_document_and_a_third_does_not(park: Park) -> None:
    documents = [model for model in walled_models() if tenancy_of(model).name == "two_party"]
    assert documents
    for model in documents:
        table = model._meta.db_table
        found: list[int | str] = []
        for firm in (park.a, park.b, park.c):
            with wall(DatabaseRole.FIRM, firm):
                found.append(asked(f'SELECT count(*) FROM "{table}" WHERE id = ANY(%s)', [park.of(model)]))
                assert asked(f'UPDATE "{table}" SET id = id') == DENIED
        assert found == [1, 1, 0], model
