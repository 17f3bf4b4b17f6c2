"""Starts a batch and works it off, inside the wall of its firm."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from mes.batches.choices import OPEN_STATES, BatchState
from mes.batches.models import Batch, BatchItem
from mes.batches.services.items import Body, ItemAnswer, Kind, items_do, kind_of
from mes.core import audit, jobs
from mes.core.actors import Actor, Channel
from mes.core.clock import DatabaseNow
from mes.core.errors import InvalidValue, NotPermitted
from mes.firms.access import can, require
from mes.firms.authentication import actor_of_user
from mes.firms.models import ApiKey, User

WORK = "batches.work"
ITEMS_AT_A_TIME = 50


@transaction.atomic
def batch_start(*, actor: Actor, kind: Kind, bodies: Sequence[Body], atomic: bool, rehearses: bool) -> Batch:
    """Writes the items down for a worker, who does them for the same person. Raises NotPermitted."""
    require(actor, kind.verb)
    if actor.firm_id is None or actor.user_id is None:
        raise NotPermitted
    kept = [_kept(body, number) for number, body in enumerate(bodies)]
    batch = Batch.objects.create(
        firm_id=actor.firm_id,
        user_id=actor.user_id,
        api_key_id=actor.api_key_id,
        kind=kind.name,
        atomic=atomic,
        rehearses=rehearses,
        language=get_language() or "en",
    )
    BatchItem.objects.bulk_create(
        BatchItem(firm_id=actor.firm_id, batch=batch, number=number, body=body) for number, body in enumerate(kept)
    )
    changes = {"kind": kind.name, "items": len(bodies)}
    audit.record(actor=actor, verb="batch.start", obj=batch, firm_id=actor.firm_id, changes=changes)
    payload = {"batch_id": str(batch.pk), "firm_id": str(actor.firm_id)}
    jobs.enqueue(kind=WORK, payload=payload, firm_id=actor.firm_id)
    return batch


@transaction.atomic
def batch_work(*, batch_id: UUID, now: datetime) -> bool:
    """Does what comes next of a batch, in the wall of its firm; whether something is left.

    The batch stays locked to the end, so two workers never do one item twice. What was taken stays with the answers
    that say so. A person or a key that may not enter any more ends it.
    """
    batch = Batch.objects.select_for_update(of=("self",)).filter(pk=batch_id).first()
    if batch is None or batch.state not in OPEN_STATES:
        return False
    kind, actor = kind_of(batch.kind), _actor_of(batch)
    if actor is None or not can(actor, kind.verb):
        return _end(batch, BatchState.FAILED)
    whole = batch.atomic or batch.rehearses
    waiting = batch.items.filter(status=None).order_by("number")
    items = list(waiting if whole else waiting[:ITEMS_AT_A_TIME])
    with override(batch.language):
        answers = _answers(batch, actor, kind, items, now)
    refused = batch.atomic and any(answer.is_refused for answer in answers)
    for item, answer in zip(items, answers, strict=True):
        if answer.is_refused or not refused:
            item.status, item.answer = answer.status, dict(answer.body)
    BatchItem.objects.bulk_update(items, ["status", "answer"])
    if refused:
        return _end(batch, BatchState.REFUSED)
    if whole or len(items) < ITEMS_AT_A_TIME:
        return _end(batch, BatchState.DONE)
    batch.state = BatchState.RUNNING
    batch.save(update_fields=["state"])
    return True


def _kept(body: Body, number: int) -> Body:
    """The body as the database keeps it: fractions as texts. Raises InvalidValue for signs that it does not keep."""
    text = json.dumps(body, default=str, ensure_ascii=False)
    if "\\u0000" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise InvalidValue(_("The text holds characters that cannot be seen."), pointer=f"/items/{number}")
    found: Body = json.loads(text)
    return found


class _Undone(Exception):
    pass


def _answers(batch: Batch, actor: Actor, kind: Kind, items: Sequence[BatchItem], now: datetime) -> list[ItemAnswer]:
    """The items' answers. No effect stays of a rehearsal, nor of all or nothing where one was refused."""
    answers: list[ItemAnswer] = []
    try:
        with transaction.atomic():
            answers = items_do(actor=actor, kind=kind, bodies=[item.body for item in items], now=now)
            if batch.rehearses or (batch.atomic and any(answer.is_refused for answer in answers)):
                raise _Undone
    except _Undone:
        pass
    return answers


def _end(batch: Batch, state: BatchState) -> bool:
    batch.state, batch.finished_at = state, DatabaseNow()
    batch.save(update_fields=["state", "finished_at"])
    return False


def _actor_of(batch: Batch) -> Actor | None:
    """Who sent the batch, with the roles and scopes of today; None when person or key may not enter any more."""
    user = User.objects.select_related("firm").filter(pk=batch.user_id).first()
    if user is None or not user.may_enter:
        return None
    actor = actor_of_user(user, channel=Channel.API)
    if batch.api_key_id is None:
        return actor
    alive = Q(expires_at=None) | Q(expires_at__gt=DatabaseNow())
    key = ApiKey.objects.filter(alive, pk=batch.api_key_id, revoked_at=None).first()
    if key is None:
        return None
    return replace(actor, api_key_id=key.pk, scopes=None if key.scopes is None else frozenset(key.scopes))
