"""What a read session opens of one firm, and what no session opens."""

from __future__ import annotations

import pytest
from django.db import models

from mes.core.actors import DatabaseRole, Sight
from mes.core.wall import wall
from mes.core.walls import tenancy_of, walled_models
from tests.isolation.conftest import Park
from tests.isolation.questions import REFUSED, asked, count_of, right_of

pytestmark = pytest.mark.django_db

OPENED = {"catalog.Product", "catalog.Routing", "catalog.RoutingStep", "catalog.StepOption", "catalog.BomLine"}


def sees(firm_id: object, model: type[models.Model]) -> bool:
    return asked(f'SELECT count(*) FROM "{model._meta.db_table}" WHERE firm_id = %s', [firm_id]) != 0


def opened_models() -> list[type[models.Model]]:
    return [model for model in walled_models() if tenancy_of(model).name == "own_or_standard"]


def test_it_opens_products_routings_recipes_and_press_laws() -> None:
    assert {model._meta.label for model in opened_models()} == OPENED


def test_a_session_opens_one_firms_rows_and_none_is_open_without(park: Park) -> None:
    for model in opened_models():
        with wall(DatabaseRole.STAFF):
            assert (sees(park.a, model), sees(park.b, model)) == (False, False), model
        with wall(DatabaseRole.STAFF, sight=Sight(session_firms=frozenset({park.a}))):
            assert (sees(park.a, model), sees(park.b, model)) == (True, False), model


def test_an_interest_is_stronger_than_a_session(park: Park) -> None:
    both = frozenset({park.a})
    for sight in (Sight(session_firms=both, barred_firms=both), Sight(session_firms=both, sees_members=False)):
        with wall(DatabaseRole.STAFF, sight=sight):
            assert not [model for model in opened_models() if sees(park.a, model)]


def test_a_session_opens_nothing_to_writing(park: Park) -> None:
    with wall(DatabaseRole.STAFF, sight=Sight(session_firms=frozenset({park.a}))):
        for model in opened_models():
            table = model._meta.db_table
            assert asked(f'UPDATE "{table}" SET firm_id = firm_id WHERE firm_id = %s', [park.a]) == 0
            assert asked(f'DELETE FROM "{table}" WHERE firm_id = %s', [park.a]) == 0
            assert REFUSED in str(
                asked(f'UPDATE "{table}" SET firm_id = %s WHERE firm_id IS NULL', [park.a]) or REFUSED
            )


def test_a_session_opens_no_other_table(park: Park) -> None:
    """Customers, prices, costs, offers' prices: what staff do not read, they do not read under a session either."""
    others = [model for model in walled_models() if model not in opened_models()]
    counts = []
    for sight in (Sight(), Sight(session_firms=frozenset({park.a, park.b}))):
        with wall(DatabaseRole.STAFF, sight=sight):
            counts.append({model._meta.label: count_of(model._meta.db_table) for model in others})
    assert counts[0] == counts[1]
    closed = [model for model in others if right_of(model, DatabaseRole.STAFF) is None]
    assert {"sales.SalesOrderTerms", "machines.CapacityOfferTerms", "plans.ProposalTerms"} <= {
        model._meta.label for model in closed
    }
    assert {counts[1][model._meta.label] for model in closed} == {"permission denied"}
