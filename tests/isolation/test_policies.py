"""No policy of the catalogue is idle: each, replaced by `true`, lets through what it kept back before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import models, transaction
from pytest_django import DjangoDbBlocker

from mes.core.walls import policies_of, tenancy_of, walled_models
from tests.isolation.conftest import Park, make_park
from tests.isolation.policies import Policy, alone, leaks, opened, policies_in_catalogue, without_triggers

TABLES = {model._meta.db_table: model for model in walled_models()}


@pytest.fixture(scope="module")
def rows(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Park]:
    """Rows of A and B in every table, in one transaction for all tests here: each puts back what it changed."""
    with django_db_blocker.unblock(), transaction.atomic():
        without_triggers(list(TABLES.values()))
        yield make_park()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def catalogue(rows: Park) -> list[Policy]:
    return policies_in_catalogue()


def open_by_class() -> set[tuple[str, str]]:
    """(table, policy) of those that keep no row back, as their classes say: grants alone decide there."""
    return {
        (model._meta.db_table, name)
        for model in walled_models()
        for right in tenancy_of(model).rights
        for name, _command, seen, written in policies_of(right)
        if {seen, written} <= {None, "true"}
    }


def test_each_policy_is_tried_below_or_open_by_its_class(catalogue: list[Policy]) -> None:
    assert {policy.table for policy in catalogue} <= set(TABLES)
    idle = {(policy.table, policy.name) for policy in catalogue if not list(policy.parts())}
    assert idle == open_by_class()
    assert len(catalogue) - len(idle) > 80


@pytest.mark.parametrize("model", TABLES.values(), ids=TABLES)
def test_without_it_its_probe_leaks(model: type[models.Model], rows: Park, catalogue: list[Policy]) -> None:
    for policy in catalogue:
        if policy.table != model._meta.db_table:
            continue
        for part, condition in policy.parts():
            name = f"{policy.table}.{policy.name} {part}"
            with alone(policy):
                assert leaks(policy, part, condition, model, rows) == [], f"{name} leaks"
                with opened(policy, part):
                    assert leaks(policy, part, condition, model, rows), f"{name} is missed by nobody"
