from __future__ import annotations

import pytest
from django.db import ProgrammingError, connection, transaction

from mes.core.actors import Actor, Channel, DatabaseRole, system_actor
from mes.core.ids import new_id
from mes.core.models import NumberSeries
from mes.core.numbering import next_number
from mes.core.wall import WallBreached, actor_wall, switched, wall
from tests.core.people import Party


def who() -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, coalesce(current_setting('app.firm', true), '')")
        role, firm = cursor.fetchone()
    return role, firm


@pytest.mark.django_db
def test_outside_a_wall_nothing_can_be_read() -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        NumberSeries.objects.count()


@pytest.mark.django_db
def test_inside_role_and_firm_are_set_and_afterwards_gone() -> None:
    firm_id = new_id()
    with wall(DatabaseRole.FIRM, firm_id):
        assert who() == ("mes_firm", str(firm_id))
    assert who() == ("mes_web", "")


@pytest.mark.django_db(transaction=True)
def test_nothing_stays_on_the_connection_after_the_transaction() -> None:
    with wall(DatabaseRole.STAFF):
        assert who() == ("mes_staff", "")
    assert who() == ("mes_web", "")


@pytest.mark.django_db
def test_an_error_puts_role_and_firm_back() -> None:
    with pytest.raises(ZeroDivisionError), wall(DatabaseRole.FIRM, new_id()):
        raise ZeroDivisionError
    assert who() == ("mes_web", "")


def test_an_error_rolls_back(standing_party: Party) -> None:
    with pytest.raises(ZeroDivisionError), wall(DatabaseRole.FIRM, standing_party.firm_id):
        next_number(firm_id=standing_party.firm_id, series="orders")
        raise ZeroDivisionError
    with wall(DatabaseRole.FIRM, standing_party.firm_id):
        assert NumberSeries.objects.count() == 0


@pytest.mark.django_db
def test_a_wall_inside_a_wall_is_refused() -> None:
    with pytest.raises(WallBreached), wall(DatabaseRole.STAFF), wall(DatabaseRole.STAFF):
        raise AssertionError("the second wall opened")
    with pytest.raises(WallBreached), wall(DatabaseRole.STAFF), wall(DatabaseRole.FIRM, new_id()):
        raise AssertionError("the second wall opened")
    assert who() == ("mes_web", "")


@pytest.mark.django_db
@pytest.mark.parametrize("role", [DatabaseRole.STAFF, DatabaseRole.EXCHANGE])
def test_a_firm_goes_with_the_firms_role_alone(role: DatabaseRole) -> None:
    with pytest.raises(ValueError, match="firm"), wall(role, new_id()):
        raise AssertionError("the wall opened")
    with pytest.raises(ValueError, match="firm"), wall(DatabaseRole.FIRM):
        raise AssertionError("the wall opened")


@pytest.mark.django_db
def test_the_web_cannot_take_the_planners_role() -> None:
    with pytest.raises(ProgrammingError, match="permission denied to set role"), wall(DatabaseRole.PLANNER):
        raise AssertionError("the wall opened")


@pytest.mark.django_db(transaction=True)
def test_a_snapshot_sees_one_moment() -> None:
    with wall(DatabaseRole.STAFF, snapshot=True), connection.cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        assert cursor.fetchone() == ("repeatable read",)


@pytest.mark.django_db
def test_a_switch_goes_back_on_success_and_keeps_the_firm() -> None:
    firm_id = new_id()
    with wall(DatabaseRole.FIRM, firm_id):
        with switched(DatabaseRole.EXCHANGE):
            assert who() == ("mes_exchange", str(firm_id))
        assert who() == ("mes_firm", str(firm_id))


@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["SELECT 1/0", "SELECT 1 FROM sales_salesorderterms", None])
def test_a_switch_goes_back_on_error(statement: str | None) -> None:
    firm_id = new_id()
    with wall(DatabaseRole.FIRM, firm_id):
        with pytest.raises(Exception, match=r"division|denied|deliberate"), switched(DatabaseRole.EXCHANGE):
            if statement is None:
                raise RuntimeError("deliberate")
            with connection.cursor() as cursor:
                cursor.execute(statement)
        assert who() == ("mes_firm", str(firm_id))


@pytest.mark.django_db
def test_switches_nest() -> None:
    with wall(DatabaseRole.STAFF):
        with switched(DatabaseRole.EXCHANGE), switched(DatabaseRole.EXCHANGE):
            assert who() == ("mes_exchange", "")
        assert who() == ("mes_staff", "")


@pytest.mark.django_db
def test_a_switch_outside_a_wall_is_refused() -> None:
    with pytest.raises(WallBreached), switched(DatabaseRole.EXCHANGE):
        raise AssertionError("switched")
    assert who() == ("mes_web", "")


def test_an_actors_wall_is_his_own(party: Party) -> None:
    with actor_wall(party.actor):
        assert who() == ("mes_firm", str(party.firm_id))


def test_a_firms_actor_has_a_firm_and_no_other_has_one() -> None:
    with pytest.raises(ValueError, match="firm"):
        Actor(database_role=DatabaseRole.FIRM, channel=Channel.API)
    with pytest.raises(ValueError, match="firm"):
        Actor(database_role=DatabaseRole.STAFF, channel=Channel.API, firm_id=new_id())
    assert system_actor().is_system
