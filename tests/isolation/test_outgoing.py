"""After a day in which two firms have used every door of theirs, nothing that one has alone has reached the other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from mes.core.actors import DatabaseRole
from mes.core.wall import wall
from mes.firms.models import Firm
from tests.database import TestDatabase
from tests.desk.conftest import park  # noqa: F401 - the lively park
from tests.hooks.receiver import receiving
from tests.isolation.outgoing import PLANTED, WORKED, Story, secret_of, told_story
from tests.isolation.watch import told
from tests.plans.small_park import SmallPark

pytestmark = pytest.mark.django_db

WAYS = {"API, get", "API, post", "API, put", "API, patch", "API, delete", "file", "export", "account", "audit", "table",
        "webhook"}  # fmt: skip
INSIDE = {"log", "task", "outbox", "job", "name of a stored file"}
PAIRS = [("A", "B"), ("B", "A")]


@pytest.fixture(scope="module")
def story(
    park: SmallPark,  # noqa: F811
    test_database: TestDatabase,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Story]:
    with (
        django_db_blocker.unblock(),
        override_settings(FILES_ROOT=str(tmp_path_factory.mktemp("files"))),
        receiving() as of_a,
        receiving() as of_b,
    ):
        with wall(DatabaseRole.STAFF):
            firms = {firm.code: firm for firm in Firm.objects.all()}
        yield told_story(firms, ("A", "B"), {"A": of_a, "B": of_b}, test_database)


def test_every_way_out_was_taken(story: Story) -> None:
    for code in ("A", "B"):
        assert set(story.reached[code]) == WAYS
        assert len(story.hidden[story.firms[code].pk]) > 500
    worked = {door for door, found in story.statuses.items() if found & WORKED}
    # Made-up rows invite the firms, but a quotation is a supplier's alone to put.
    assert {door for door in story.statuses if door.startswith("GET")} - worked == {"GET /tenders/{id}/quotation"}
    assert len(worked) > 100
    assert {door: found for door, found in story.statuses.items() if max(found) >= 500} == {}


@pytest.mark.parametrize("way", sorted(WAYS))
@pytest.mark.parametrize(("reader", "other"), PAIRS)
def test_nothing_that_is_others_reaches_a_firm(story: Story, reader: str, other: str, way: str) -> None:
    text = "\n".join(story.reached[reader][way])
    assert told(text, story.hidden[story.firms[reader].pk] | {secret_of(other)}) == set()


@pytest.mark.parametrize("way", sorted(WAYS))
@pytest.mark.parametrize(("reader", "other"), PAIRS)
def test_the_search_finds_what_is_ones_own(story: Story, reader: str, other: str, way: str) -> None:
    """The control: what the other must not be told stands in each of the ways to the firm itself."""
    text = "\n".join(story.reached[reader][way])
    assert told(text, story.hidden[story.firms[other].pk] | {secret_of(reader)})


@pytest.mark.parametrize("place", sorted(INSIDE))
def test_what_is_written_down_names_nothing_of_a_firm_that_it_is_not_of(story: Story, place: str) -> None:
    for kind, firm_id, text in story.inside:
        if kind == place:
            secrets = {secret_of(code) for code in "AB" if story.firms[code].pk != firm_id}
            assert told(text, story.hidden[firm_id] | secrets) == set(), text


@pytest.mark.parametrize("place", sorted(INSIDE))
def test_the_search_finds_what_was_planted(story: Story, place: str) -> None:
    """The control."""
    text = "\n".join(text for kind, _firm, text in story.inside if kind == place)
    assert told(text, {PLANTED}) == {PLANTED}
