"""Numbers, states and audit rows in the database."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, transaction

from mes.core import audit
from mes.core.actors import DatabaseRole
from mes.core.errors import NotAllowedInState, StaleState
from mes.core.ids import new_id
from mes.core.models import AuditRow
from mes.core.numbering import next_number
from mes.core.states import move, table
from mes.core.wall import switched, wall
from mes.firms.choices import FirmStatus
from mes.firms.models import Firm
from tests.core.people import Party, make_party, staff_actor
from tests.core.work import at_once

MOVES = table(member=("suspended", "left"), suspended=("member",))


def test_numbers_begin_at_one_per_firm_and_series(party: Party) -> None:
    with wall(DatabaseRole.FIRM, party.firm_id):
        assert [next_number(firm_id=party.firm_id, series="SO") for _turn in range(3)] == [1, 2, 3]
        assert next_number(firm_id=party.firm_id, series="WO") == 1
    other = make_party("B")
    with wall(DatabaseRole.FIRM, other.firm_id):
        assert next_number(firm_id=other.firm_id, series="SO") == 1


def test_a_firm_draws_no_number_of_anothers_series(party: Party) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"), wall(DatabaseRole.FIRM, party.firm_id):
        next_number(firm_id=new_id(), series="SO")


def test_concurrent_callers_never_get_the_same_number(standing_party: Party) -> None:
    def draw(_number: int) -> list[int]:
        drawn = []
        for _turn in range(10):
            with wall(DatabaseRole.FIRM, standing_party.firm_id):
                drawn.append(next_number(firm_id=standing_party.firm_id, series="SO"))
        return drawn

    numbers = [number for drawn in at_once(4, draw) for number in drawn]
    assert sorted(numbers) == list(range(1, 41))


def test_a_move_writes_the_state_and_what_goes_with_it(party: Party) -> None:
    with wall(DatabaseRole.STAFF):
        firm = Firm.objects.get(pk=party.firm_id)
        move(firm, FirmStatus.SUSPENDED, moves=MOVES, name_en="Suspended Ltd")
        assert (firm.status, firm.name_en) == ("suspended", "Suspended Ltd")
        firm.refresh_from_db()
        assert (firm.status, firm.name_en) == ("suspended", "Suspended Ltd")


def test_a_move_that_the_table_lacks_is_refused(party: Party) -> None:
    with wall(DatabaseRole.STAFF):
        firm = Firm.objects.get(pk=party.firm_id)
        with pytest.raises(NotAllowedInState):
            move(firm, FirmStatus.SANDBOX, moves=MOVES)
        move(firm, FirmStatus.LEFT, moves=MOVES)
        with pytest.raises(NotAllowedInState):
            move(firm, FirmStatus.MEMBER, moves=MOVES)


def test_a_move_from_a_state_that_is_no_longer_is_stale(party: Party) -> None:
    with wall(DatabaseRole.STAFF):
        mine, theirs = Firm.objects.get(pk=party.firm_id), Firm.objects.get(pk=party.firm_id)
        move(theirs, FirmStatus.SUSPENDED, moves=MOVES)
        with pytest.raises(StaleState):
            move(mine, FirmStatus.LEFT, moves=MOVES)
        assert mine.status == FirmStatus.MEMBER


def test_of_many_who_move_at_once_one_wins(standing_party: Party) -> None:
    firm = standing_party.firm

    def attempt(number: int) -> bool:
        with wall(DatabaseRole.STAFF):
            mine = Firm(pk=firm.pk, code=firm.code, status=FirmStatus.MEMBER)
            try:
                move(mine, FirmStatus.SUSPENDED, moves=MOVES)
            except StaleState:
                return False
        return True

    assert sorted(at_once(4, attempt)) == [False, False, False, True]


def test_a_firm_reads_the_audit_rows_of_its_affairs_and_the_association_those_of_none(party: Party) -> None:
    other = make_party("B")
    with wall(DatabaseRole.FIRM, party.firm_id):
        verbs = set(AuditRow.objects.values_list("verb", "firm_id"))
    assert verbs == {(verb, party.firm_id) for verb in ("firm.create", "firm.admit", "user.create", "api_key.issue")}
    with wall(DatabaseRole.STAFF):
        assert set(AuditRow.objects.values_list("verb", flat=True)) == {"data_terms.publish"}
        audit.record(actor=staff_actor(), verb="firm.list", obj=other.firm, firm_id=None)
        assert set(AuditRow.objects.values_list("verb", flat=True)) == {"data_terms.publish", "firm.list"}


def test_an_audit_row_is_written_in_nobody_elses_name_and_never_changed(party: Party) -> None:
    with wall(DatabaseRole.FIRM, party.firm_id):
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            audit.record(actor=party.actor, verb="x", obj=party.firm, firm_id=new_id())
        for act in (lambda: AuditRow.objects.update(verb="x"), lambda: AuditRow.objects.all().delete()):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                act()


def test_services_for_two_parties_audit_for_both(party: Party) -> None:
    other = make_party("B")
    with wall(DatabaseRole.FIRM, party.firm_id), switched(DatabaseRole.EXCHANGE):
        for firm_id in (party.firm_id, other.firm_id):
            audit.record(actor=party.actor, verb="deal.sign", obj=party.firm, firm_id=firm_id)
    with wall(DatabaseRole.FIRM, other.firm_id):
        row = AuditRow.objects.get(verb="deal.sign")
    assert (row.actor_firm_id, row.object_id) == (party.firm_id, party.firm_id)
