"""Each cell of the matrix, read as its reader under the real roles; and the page that is printed from it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection

from mes.core.actors import DatabaseRole, Sight
from mes.core.ids import new_id
from mes.core.models import AuditRow
from mes.core.wall import wall
from mes.core.walls import tenancy_of
from mes.firms.access import STAFF_VIEWS, sees_members, sees_rounds
from mes.firms.choices import Role
from mes.park.selectors.visibility import DISPATCH, MATRIX, Information, Reader, page
from tests.database import as_owner
from tests.isolation.conftest import Park
from tests.isolation.policies import without_triggers
from tests.isolation.questions import DENIED, asked
from tests.isolation.rows import START

pytestmark = pytest.mark.django_db

PAGE = Path(__file__).parents[2] / "docs" / "visibility.md"
CELLS = [(information, reader) for information in MATRIX for reader in Reader]
OFFICES = {
    Reader.DISPATCHER: Role.DISPATCHER,
    Reader.ADMINISTRATOR: Role.ADMINISTRATOR,
    Reader.AUDITOR: Role.AUDITOR,
    Reader.ROUND_OFFICER: Role.ROUND_OFFICER,
}
QUOTATIONS = next(information.tables for information in MATRIX if information.opened)
FIRMS = {Reader.OWN_FIRM: "a", Reader.OTHER_PARTY: "b", Reader.OTHER_MEMBER: "c"}


@contextmanager
def reading(reader: Reader, park: Park, sight: Sight | None = None) -> Iterator[None]:
    if reader in FIRMS:
        with wall(DatabaseRole.FIRM, getattr(park, FIRMS[reader])):
            yield
    else:
        roles = frozenset({OFFICES[reader]})
        office = Sight(sees_members=sees_members(roles), sees_rounds=sees_rounds(roles))
        with wall(DatabaseRole.STAFF, sight=sight or office):
            yield


def reads(label: str, firm_id: UUID) -> bool:
    """Whether the present reader sees a row that the firm owns or gives."""
    model = apps.get_model(label)
    column = (*tenancy_of(model).firm_columns, "firm_id")[0]
    answer = asked(f'SELECT count(*) FROM "{model._meta.db_table}" WHERE "{column}" = %s', [firm_id])
    return answer not in {0, DENIED}


def open_quotations() -> None:
    """As the opening leaves them; who may open them, and when, is tried elsewhere."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        without_triggers([apps.get_model(label) for label in QUOTATIONS])
        for label in QUOTATIONS:
            sealed = ", status = 'opened', sealed_at = now(), sealed_sha256 = 'x'" if label == QUOTATIONS[0] else ""
            cursor.execute(f'UPDATE "{apps.get_model(label)._meta.db_table}" SET opened_at = now(){sealed}')


def act_for(firm_id: UUID, *, of_round: bool) -> None:
    """One of the association's people does something that is the firm's affair."""
    with as_owner():
        AuditRow.objects.create(
            at=START, firm_id=firm_id, actor_user_id=new_id(), channel="admin", verb="x.y", object_type="x",
            object_id=new_id(), of_round=of_round,
        )  # fmt: skip


def all_tables() -> set[str]:
    return {label for information in MATRIX for label in information.tables}


@pytest.mark.parametrize(("information", "reader"), CELLS, ids=lambda item: getattr(item, "name", item))
def test_a_reader_sees_what_his_cell_says_and_nothing_else(
    park: Park, information: Information, reader: Reader
) -> None:
    told = set(information.cell(reader).tables)
    if information.opened:
        open_quotations()
    if information.of_round is not None:
        act_for(park.a, of_round=information.of_round)
    with reading(reader, park):
        found = {label for label in told | set(information.tables) if reads(label, park.a)}
    assert found == told


@pytest.mark.parametrize("reader", DISPATCH)
def test_the_desk_shows_each_office_the_tables_of_its_cells(reader: Reader) -> None:
    for information in MATRIX:
        for label in information.cell(reader).tables:
            assert (OFFICES[reader] in STAFF_VIEWS[label.lower()]) == information.cell(reader).on_desk, label


@pytest.mark.parametrize("reader", [*DISPATCH, Reader.ROUND_OFFICER])
def test_an_interest_empties_the_whole_column(park: Park, reader: Reader) -> None:
    barred = Sight(barred_firms=frozenset({park.a}), sees_members=reader in DISPATCH)
    with reading(reader, park, barred):
        assert [label for label in all_tables() if reads(label, park.a)] == []


def test_a_session_opens_products_and_recipes_and_no_other_cell(park: Park) -> None:
    closed = {
        label for information in MATRIX for label in information.tables
    } - {label for information in MATRIX for label in information.cell(Reader.AUDITOR).tables}  # fmt: skip
    with reading(Reader.AUDITOR, park, Sight(session_firms=frozenset({park.a}), sees_rounds=False)):
        opened = {label for label in closed if reads(label, park.a)}
    assert opened == {label for label in closed if label.startswith("catalog.")} != set()


def test_the_page_is_what_the_data_print() -> None:
    assert PAGE.read_text(encoding="utf-8") == "".join(f"{line}\n" for line in page())
