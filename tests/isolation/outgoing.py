"""A story in which two firms use every door of theirs, and all that goes out of it: to whom, and what it says.

Beside what the lively park has, each of the two has rows in every table of firms, whose texts are like no other, and
documents with a third firm. Then it is looked for what a firm has no part in, by who owns a row and not by a policy:

- in what reaches the firm: answers of all doors of the API, good and bad, with their headers; files; the export; the
  pages of the account; the rows that its role reads, the audit's and the feed's too; the webhooks that arrive;
- in what the machinery writes down: log lines, messages to the broker, jobs, the outbox, names of stored files. What
  is written for a firm names nothing of others; what is written for nobody in particular, no text of any firm.

What is looked for are keys and texts that are columns; what stands within structures (JSON) and numbers are not.
"""

from __future__ import annotations

import io
import json
import logging
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import reduce
from http import HTTPStatus
from operator import or_
from typing import Any
from uuid import UUID

from celery.signals import before_task_publish
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.db.models import Q
from django.test import Client

from mes.core import jobs, outbox
from mes.core.actors import DatabaseRole
from mes.core.bell import Bell
from mes.core.choices import JobState
from mes.core.models import BackgroundJob, OutboxEvent
from mes.core.wall import actor_wall, wall
from mes.core.walls import tenancy_of, walled_models
from mes.files.services import storage
from mes.firms.choices import Role
from mes.firms.models import Firm
from mes.hooks import services as hooks
from mes.hooks.models import WebhookEndpoint
from procurement.rounds.models import Commitment, RoundLine
from tests.api.test_changes import settle
from tests.database import TestDatabase, as_owner
from tests.desk.lively_park import logged_in_as_worker
from tests.factories import an_api_key, an_owner, user_of
from tests.hooks.receiver import Receiver
from tests.isolation.callers import a_round_of_all, called
from tests.isolation.hidden import hidden_from, one_sided
from tests.isolation.matrix import COMMON, DOORS, NO_REFERENCES, OBJECTS, REFERENCES, Door, firm_columns_of, model_of
from tests.isolation.rows import RowMaker
from tests.isolation.watch import everything_of, is_key, logged

OF_FIRMS = {"private", "own_or_standard", "two_party"}
# A firm's rows that the story does not make up: work that a worker would do, and the proofs of who somebody is.
NOT_MADE_UP = {"core.BackgroundJob", "core.OutboxEvent", "firms.AccountCode", "firms.User", "hooks.WebhookEndpoint"}
SOME = 2
"""So many of the oldest and of the newest rows of a kind are named by their keys."""
WORKED = {200, 201, 202, 204}
_DIGEST = re.compile("[0-9a-f]{64}")
PLANTED = "planted-4711"
"""What the control puts in each place where the machinery writes something down."""


@dataclass
class Story:
    """`hidden`: what a firm has no part in, by its id; None: what is any firm's.

    `reached`: by firm and by way, what was said to it. `inside`: by what carries it, with the firm whose it is.
    """

    firms: dict[str, Firm]
    hidden: dict[UUID | None, set[str]] = field(default_factory=dict)
    reached: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    inside: list[tuple[str, UUID | None, str]] = field(default_factory=list)
    statuses: dict[str, set[int]] = field(default_factory=dict)

    def say(self, code: str, way: str, text: str) -> None:
        self.reached.setdefault(code, {}).setdefault(way, []).append(text)


def told_story(
    firms: dict[str, Firm], codes: tuple[str, ...], receivers: Mapping[str, Receiver], database: TestDatabase
) -> Story:
    """Commits what the firms do, lets the machinery work, and gathers."""
    story = Story(firms)
    parties = {code: firms[code] for code in codes}
    for code, firm in parties.items():  # what the doors change and remove
        _open_endpoint(firm, f"{receivers[code].url}&name=first")
    _furnish(parties, firms["C"])
    for code, firm in parties.items():
        _open_endpoint(firm, f"{receivers[code].url}&name=second")
    headers = {code: an_api_key(firm, Role.OWNER) for code, firm in parties.items()}
    with _messages(story), logged() as lines:
        for code, firm in parties.items():
            _act(story, code, firm, Client(headers=headers[code]))
        with logged_in_as_worker(database):
            _work()
            _plant()
        for code, firm in parties.items():
            _read(story, code, firm, Client(headers=headers[code]))
            _export(story, code, firm)
            _tables(story, code, firm)
            for called_headers, body in receivers[code].calls:
                story.say(code, "webhook", f"{called_headers} {body.decode()}")
    story.inside += [("log", None, line) for line in lines]
    with logged_in_as_worker(database):
        _machinery(story)
    story.hidden = {firm.pk: hidden_from(firm) for firm in firms.values()} | {None: _texts(hidden_from(None))}
    return story


def _texts(values: set[str]) -> set[str]:
    """Without keys, which a log may name, and without digests of bytes, by which files are stored."""
    return {value for value in values if not is_key(value) and not _DIGEST.fullmatch(value)}


def _furnish(parties: dict[str, Firm], third: Firm) -> None:
    """Two rows of each table of firms for each of them, one to take away; of some kinds a firm has only one, which is
    there. A document of two is with the third firm, and no business of the other's.
    """
    with as_owner():
        a_round_of_all(RowMaker(third.pk, third.pk))
    for firm in parties.values():
        storage.write(_drawing(firm.code))
        with as_owner():
            for model in walled_models() * 2:
                if tenancy_of(model).name in OF_FIRMS and model._meta.label not in NOT_MADE_UP:
                    with suppress(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
                        _LikeReal(firm, third).make(model)
                        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            _LikeReal(firm, third).make(Commitment, line_id=RoundLine.objects.get(round_id=COMMON["rounds"]).pk)


class _LikeReal(RowMaker):
    """Rows with what cannot be made up: bytes that are kept, and structures as in another row of the firm."""

    def __init__(self, firm: Firm, other: Firm) -> None:
        super().__init__(firm.pk, other.pk)
        self.firm = firm

    def make(self, model: type[models.Model], **given: Any) -> UUID:
        return super().make(model, **self._found(model) | given)

    def _found(self, model: type[models.Model]) -> dict[str, Any]:
        if {"sha256", "size_bytes"} <= {field.name for field in model._meta.concrete_fields}:
            content = _drawing(self.firm.code)
            return {"sha256": storage.digest_of(content), "size_bytes": len(content)}
        structures = [field.column for field in model._meta.concrete_fields if isinstance(field, models.JSONField)]
        if not structures:
            return {}
        like = model._base_manager.filter(_is_of(model, self.firm)).order_by("pk").values(*structures).first()
        return {column: json.dumps(value) for column, value in (like or {}).items() if value is not None}


def secret_of(code: str) -> str:
    """What stands in the firm's drawing and in the address of its endpoint."""
    return f"{code}-4711-secret"


def _drawing(code: str) -> bytes:
    return f"%PDF-1.7 stirrup of {secret_of(code)}".encode()


def _is_of(model: type[models.Model], firm: Firm) -> Q:
    """Of a table of no firm, each row."""
    columns = {field.column for field in model._meta.concrete_fields} & {*firm_columns_of(model._meta.label)}
    return reduce(or_, (Q(**{column: firm.pk}) for column in columns), Q())


def _open_endpoint(firm: Firm, url: str) -> None:
    owner = an_owner(firm)
    settle()
    with actor_wall(owner):
        hooks.webhook_endpoint_add(actor=owner, url=f"{url}&of={secret_of(firm.code)}")


def _act(story: Story, code: str, firm: Firm, client: Client) -> None:
    """Calls each door that changes something, with the firm's own rows in place of the example's, until one call works.

    What takes rows away comes last.
    """
    for door in sorted(DOORS, key=lambda door: door.method == "delete"):
        own = _own_rows(firm) if door.method != "get" else {}
        for key in _keys(door, own) if door.method != "get" else ():
            answer = _sent(client, door, key, _owned(door.body(), own), code)
            _note(story, code, door, answer)
            if answer.status_code in WORKED:
                break


def _sent(client: Client, door: Door, key: Any, body: Any, code: str) -> Any:
    if door.operation.takes_file:
        address = f"{door.path(key)}?name=drawing-{code}-4711.pdf"
        return client.post(address, _drawing(code), content_type="application/pdf")
    answer = called(client, door, key, body, **({"If-Match": "*"} if door.operation.conditional else {}))
    if door.method == "put" and answer.status_code == HTTPStatus.PRECONDITION_FAILED:  # it is made by this
        return called(client, door, key, body, **{"If-None-Match": "*"})
    return answer


def _keys(door: Door, own: Mapping[str, list[Any]]) -> list[Any]:
    """What the door's address calls the firm's rows."""
    if not door.is_of_an_object:
        return [""]
    with as_owner():
        rows = model_of(door.label)._base_manager.filter(pk__in=own[door.label]).exclude(**{door.column: None})
        return list(rows.order_by("pk").values_list(door.column, flat=True))


def _note(story: Story, code: str, door: Door, answer: Any) -> None:
    story.statuses.setdefault(str(door), set()).add(answer.status_code)
    story.say(code, "file" if door.operation.gives_file else f"API, {door.method}", _content(answer))


def _read(story: Story, code: str, firm: Firm, client: Client) -> None:
    own = _own_rows(firm)
    for door in DOORS:
        for key in _keys(door, own) if door.method == "get" else ():
            _note(story, code, door, called(client, door, key))


def _content(answer: Any) -> str:
    """Also of an answer that is a file."""
    if answer.streaming:
        return b"".join(answer.streaming_content).decode(errors="replace")
    return everything_of(answer)


def _own_rows(firm: Firm) -> dict[str, list[Any]]:
    """A few rows that a firm has a part in, by model: the oldest and the newest."""
    found: dict[str, list[Any]] = {}
    with as_owner():
        for label in {*OBJECTS.values(), *(label for label, _column in REFERENCES.values())}:
            rows = model_of(label)._base_manager.filter(_is_of(model_of(label), firm))
            keys = list(rows.order_by("pk").values_list("pk", flat=True))
            found[label] = keys[:SOME] + keys[SOME:][-SOME:]
    return found


def _owned(body: Any, own: Mapping[str, list[Any]]) -> Any:
    """An example's rows are of another park: the firm's own take their places."""
    if isinstance(body, list):
        return [_owned(item, own) for item in body]
    if not isinstance(body, dict):
        return body
    return {name: _own_value(name, item, own) for name, item in body.items()}


def _own_value(name: str, item: Any, own: Mapping[str, list[Any]]) -> Any:
    if name not in REFERENCES.keys() - NO_REFERENCES or item is None:
        return _owned(item, own)
    label, column = REFERENCES[name]
    with as_owner():
        rows = model_of(label)._base_manager.filter(pk__in=own.get(label, []))
        values = [str(value) for value in rows.values_list(column, flat=True)]
    return values[: len(item)] if isinstance(item, list) else next(iter(values), "NONE")


def _export(story: Story, code: str, firm: Firm) -> None:
    client = Client()
    client.force_login(user_of(firm, Role.OWNER))
    answer = client.post("/account/export")
    packed = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    for name in packed.namelist():
        story.say(code, "export", f"{name} {packed.read(name).decode('utf-8-sig')}")
    for page in ("", "keys", "password", "export"):
        story.say(code, "account", client.get(f"/account/{page}").content.decode())


def _tables(story: Story, code: str, firm: Firm) -> None:
    """All that the firm's role reads: rows as they are, the audit's and the feed's too."""
    with wall(DatabaseRole.FIRM, firm.pk):
        for model in walled_models():
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(f'SELECT to_jsonb(t) FROM "{model._meta.db_table}" AS t')
                    way = "audit" if model._meta.label == "core.AuditRow" else "table"
                    for (row,) in cursor.fetchall():
                        story.say(code, way, json.dumps(_as_party(model, json.loads(row), firm), ensure_ascii=False))
            except DatabaseError:
                continue


def _as_party(model: type[models.Model], row: dict[str, Any], firm: Firm) -> dict[str, Any]:
    """A row without what the application leaves out for one of two parties: policies know no columns."""
    owners = tenancy_of(model).firm_columns if tenancy_of(model).name == "two_party" else ()
    others = [owner for owner in owners if row[owner] != str(firm.pk)]
    out = {column for owner in others for column in one_sided(model, owner, list(row))}
    return {name: value for name, value in row.items() if name not in out}


def _work() -> None:
    """Events, jobs and webhooks, as the routines do them."""
    for _turn in range(2):
        outbox.deliver()
        with wall(DatabaseRole.PLANNER):
            rows = BackgroundJob.objects.filter(state=JobState.QUEUED, firm_id__isnull=False, not_before=None)
            waiting = list(rows.exclude(kind="plan.scenario").order_by("queued_at", "pk"))
        for job in waiting:
            jobs.run(job.pk)
    settle()
    hooks.collect()
    with wall(DatabaseRole.PLANNER):
        WebhookEndpoint.objects.update(rest_until=None)
    hooks.send_due()


def _plant() -> None:
    """For the control: a text in each of the places."""
    logging.getLogger("mes.core").info("One says %s", PLANTED)
    Bell().ring(jobs.RUN_TASK, PLANTED)
    with wall(DatabaseRole.PLANNER):
        outbox.tell(topic=PLANTED, payload={"text": PLANTED})
        jobs.enqueue(kind=PLANTED, payload={"text": PLANTED})
    (storage.root() / PLANTED).touch()


def _machinery(story: Story) -> None:
    """What is written down for workers, whose it is."""
    with wall(DatabaseRole.PLANNER):
        for event in OutboxEvent.objects.all():
            story.inside.append(("outbox", event.firm_id, f"{event.topic} {event.payload} {event.error}"))
        for job in BackgroundJob.objects.all():
            story.inside.append(("job", job.firm_id, f"{job.kind} {job.payload} {job.error}"))
    for place in storage.root().rglob("*"):
        story.inside.append(("name of a stored file", None, place.name))


@contextmanager
def _messages(story: Story) -> Iterator[None]:
    """What is sent to the broker."""

    def note(body: Any = None, headers: Any = None, **_others: Any) -> None:
        story.inside.append(("task", None, f"{headers} {body}"))

    before_task_publish.connect(note, weak=False)
    try:
        yield
    finally:
        before_task_publish.disconnect(note)
