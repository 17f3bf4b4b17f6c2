"""The change feed tells each firm what it is shown, and nothing else; each model with a door has a feed or a reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, models
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework import serializers

from mes.core.api.operations import SerializerClass, operation_of
from mes.core.api.views import FirmApi
from mes.core.feed import MEMBERS, NAMED, Feed, PartOf, feeds
from mes.core.walls import tenancy_of, walled_models
from mes.firms.choices import RESOURCES
from orders.outsourcing.models import OutsourceOrder
from procurement.rounds.models import Round
from production.plans.models import Proposal
from tests.database import as_owner
from tests.isolation.conftest import Park
from tests.isolation.rows import RowMaker

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

# Shown to firms, and told by no feed: why.
UNTOLD = {
    "firms.ApiKey": "changed by the firm's owner by hand; a program does not follow keys",
    "catalog.ItemNumber": "set by the firm's own program, which knows them",
    "awards.Allocation": "written with its share, and read in it once that is awarded, which is told",
    "supply.FrameworkAgreement": "other terms hold for later orders alone, which carry them",
    "batches.Batch": "asked for at its own address by who has sent it",
    "batches.BatchItem": "read at its batch",
    "catalog.MachineClass": "a short list of the park, without keys in the API",
    "files.StoredFile": "kept and dropped by the firm's own program, and never changed",
    "firms.ReadSession": "opened by the association; the firm's people are told of it, its programs need not be",
    "firms.SessionRead": "a log beside its read session",
    "floor.ProductionReport": "the answer to a report; what it changes is told by its run and its order",
    "firms.User": "kept by the firm's owner by hand; a program does not follow people",
    "hooks.WebhookEndpoint": "kept by the firm's owner by hand",
    "hooks.WebhookDelivery": "tells of changes itself",
    "quotations.TenderLine": "written with its request and never changed",
    "settlement.Deposit": "held and ended by hand at the association's desk, read in the statement",
    "rounds.RoundLine": "changes in drafts alone, which firms do not meet",
    "plans.LineReason": "read at a line, whose change is told by its order",
    "plans.AutoApproval": "one switch of the firm's own",
    "plans.AdvisedRun": "written with its advice and never changed",
    "plans.AdvisedLine": "written with its advice and never changed",
    "plans.ScenarioLine": "written with its scenario's figures, whose change is told",
}


def patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry)
        else:
            yield entry


def answers() -> set[SerializerClass]:
    """What the doors for firms answer with, and what stands inside it."""
    found: set[SerializerClass] = set()
    for pattern in patterns(get_resolver()):
        view = getattr(pattern.callback, "view_class", None) or getattr(pattern.callback, "cls", None)
        if isinstance(view, type) and issubclass(view, FirmApi):
            for method in METHODS:
                operation = operation_of(view, method)
                if operation is not None:
                    found |= set(nested(operation.answer))
    return found


def nested(serializer_class: SerializerClass) -> Iterator[SerializerClass]:
    yield serializer_class
    for field in serializer_class().fields.values():
        inner: Any = getattr(field, "child", field)
        if isinstance(inner, serializers.Serializer):
            yield from nested(type(inner))


def shown_models() -> dict[type[models.Model], set[str]]:
    """Models that doors for firms show, with the columns that answers hold as they are."""
    found: dict[type[models.Model], set[str]] = {}
    for answer in answers():
        model = getattr(getattr(answer, "Meta", None), "model", None)
        if model is None:
            continue
        columns = {field.column for field in model._meta.concrete_fields}
        names = {str(field.source).split(".")[0] for field in answer().fields.values()}
        relations = {field.column for field in model._meta.concrete_fields if field.name in names and field.is_relation}
        found[model] = found.get(model, set()) | (names & columns) | relations
    return found


def test_each_model_with_a_door_for_firms_has_a_feed_or_a_reason() -> None:
    shown = {model._meta.label for model in shown_models()}
    assert len(shown) > 25
    told = {model._meta.label for model in walled_models() if hasattr(model, "feed")}
    assert shown - told == set(UNTOLD) & shown
    assert set(UNTOLD) <= shown
    assert all(UNTOLD.values())


def test_what_an_answer_holds_counts_for_the_feed() -> None:
    for model, columns in shown_models().items():
        declared = getattr(model, "feed", None)
        if declared is None or declared.kind in {"plan_run", "scenario", "promise", "advice", "trial"}:
            continue  # told when they are done, not with each step of the computation
        counted = {column for party in declared.shows.values() for column in party}
        if isinstance(declared, PartOf):
            counted.add(declared.key)
        assert columns - counted <= {"id", "created_at", *tenancy_of(model).firm_columns}, model


def test_declarations_name_columns_that_exist() -> None:
    for model in walled_models():
        declared = getattr(model, "feed", None)
        if not isinstance(declared, Feed | PartOf):
            continue
        columns = {field.column for field in model._meta.concrete_fields}
        beside = {party for party in (MEMBERS, NAMED) if party in declared.shows}  # no column of the row
        owners = set(tenancy_of(model).firm_columns) or beside or {"firm_id"}
        assert set(declared.shows) == owners, model
        for counted in declared.shows.values():
            assert set(counted) <= columns, model
        if isinstance(declared, PartOf):
            assert declared.kind in feeds(), model
            assert declared.key in columns, model
        else:
            assert declared.resource in RESOURCES, model


def told_to() -> set[UUID]:
    """The firms that have been told something since the last call."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_change RETURNING firm_id")
        return {row[0] for row in cursor.fetchall()}


@pytest.mark.django_db
def test_a_party_is_told_of_what_it_is_shown_and_of_nothing_else(park: Park) -> None:
    giver, doer = {park.a}, {park.b}
    seen_by: dict[tuple[type[models.Model], str], set[UUID]] = {
        (Proposal, "pieces = pieces + 1"): giver | doer,
        (Proposal, "starts_at = starts_at - interval '1 hour'"): doer,
        (Proposal, "created_at = created_at - interval '1 hour'"): set(),
        (OutsourceOrder, "due_at = due_at + interval '1 day'"): giver | doer,
        (OutsourceOrder, "giver_number = 'X-1'"): giver,
        (OutsourceOrder, "pieces = pieces"): set(),
    }
    with as_owner(), connection.cursor() as cursor:
        for (model, change), firms in seen_by.items():
            (key,) = park.of(model)
            told_to()
            cursor.execute(f'UPDATE "{model._meta.db_table}" SET {change} WHERE id = %s', [key])
            assert told_to() == firms, change


@pytest.mark.django_db
def test_a_part_tells_of_the_object_in_which_it_is_shown(park: Park) -> None:
    parts = {
        "sales_salesorderline": ("priority = 9", "order_id"),
        "sales_linecompletion": (
            "pieces = pieces + 1",
            "(SELECT order_id FROM sales_salesorderline WHERE id = line_id)",
        ),
        "plans_runpart": ("pieces = pieces + 1", "run_id"),
        "outsourcing_outsourcedispatch": ("pieces = pieces + 1", "order_id"),
        "outsourcing_outsourcefile": ("removed_at = now()", "order_id"),
    }
    with as_owner(), connection.cursor() as cursor:
        for table, (change, of) in parts.items():
            cursor.execute("DELETE FROM core_change")
            cursor.execute(f"UPDATE {table} SET {change} WHERE id = %s RETURNING {of}", [park.rows[table][0]])
            (wanted,) = cursor.fetchone()
            cursor.execute("SELECT DISTINCT object_id FROM core_change")
            assert cursor.fetchall() == [(wanted,)], table


@pytest.mark.django_db
def test_a_round_is_told_to_each_member_once_it_is_announced_and_to_no_supplier(park: Park) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT firm_id FROM core_change WHERE kind = 'round'")
        assert {row[0] for row in cursor.fetchall()} == {park.a, park.b, park.c}
        told_to()
        key = RowMaker(park.a, park.b).make(Round, status="draft")
        assert told_to() == set()
        cursor.execute("UPDATE rounds_round SET title = 'x' WHERE id = %s", [key])
        assert told_to() == set()
        cursor.execute("UPDATE rounds_round SET status = 'collecting' WHERE id = %s", [key])
        assert told_to() == {park.a, park.b, park.c}
        cursor.execute("UPDATE rounds_round SET use_cap_permille = 1100 WHERE id = %s", [key])
        assert told_to() == set()


@pytest.mark.django_db
def test_every_kind_is_told_to_its_firms_and_to_no_rival(park: Park) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT firm_id FROM core_change WHERE kind <> 'round'")
        assert {row[0] for row in cursor.fetchall()} == {park.a, park.b}
        cursor.execute("SELECT DISTINCT kind FROM core_change")
        assert {row[0] for row in cursor.fetchall()} >= set(feeds())
