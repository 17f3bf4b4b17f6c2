"""Order promising for a firm: ask, reserve, release.

A promise is asked for about an order that does not exist yet. It rests on the firm's own rows and on what the members'
offers tell; it is limited and logged all the same, because it is an answer of the park's system.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext_lazy as _

from mes.catalog.models import Product
from mes.catalog.selectors import product_on_offer
from mes.core import audit, locks, outbox
from mes.core.actors import Actor
from mes.core.bounds import check_whole_number
from mes.core.clock import BusinessNow, DatabaseNow
from mes.core.errors import DomainError, InvalidValue, NotFound, NotPermitted
from mes.core.money import to_fen
from mes.core.states import move
from mes.firms.access import require, required_firm
from mes.firms.models import Firm
from orders.sales.choices import Consent
from orders.sales.models import MOST_CNY_PER_T, MOST_PIECES
from orders.sales.services.lines import PRIORITIES
from production.planning import problem as p
from production.planning.promise.answer import Answer
from production.plans.choices import PROMISE_NEXT, PromiseStatus
from production.plans.models import Promise, PromiseHold, PromiseTerms
from production.plans.selectors.live import minutes_between
from production.plans.selectors.problem import SPLIT_COST_FEN
from production.plans.selectors.promise_board import FirmBoard, firm_board
from production.plans.services.promise_answers import Told, material_of, processes_of

MOST_HOURS = 14 * 24
MOST_BATCHES = 400
AUDITED = {"status", "reserved_until", "in_house_at"}
LIMIT_OVER = timedelta(hours=1)
LINE_KEY = "promise"
"""The asked line's key on the board; no order line has it: theirs begin with a firm's code and a colon."""


class TooManyPromises(DomainError):
    """The firm has asked too often within an hour."""

    code = "too_many_promises"
    status = HTTPStatus.TOO_MANY_REQUESTS
    text = _("Your firm has asked for too many promises within an hour. Try again later.")
    retry_after_s = 60


class PromiseOverdue(DomainError):
    """What was promised cannot be kept any more."""

    code = "promise_overdue"
    text = _("The plan has changed: this date cannot be kept any more. Ask again.")


@dataclass(frozen=True, slots=True)
class Question:
    """An order that the firm may take. wanted_at None: as early as can be. Terms as those of an order line."""

    product_id: UUID
    pieces: int
    wanted_at: datetime | None = None
    release_at: datetime | None = None
    priority: int = 1
    consent: str = Consent.NEVER
    fee_ceiling_cny_per_t: Decimal | None = None
    excluded_firm_ids: frozenset[UUID] = field(default_factory=frozenset)


@transaction.atomic
def promise_ask(*, actor: Actor, question: Question, now: datetime) -> Promise:
    """When the firm could finish an order: in house, with the members' offers, and with own lines that give way.

    With offers only where the consent is not `never` and the product is the park's standard and needs no approval: an
    offer does not tell which approvals its firm holds. With lines that give way only where there are less important
    ones and it makes the order sooner. Raises InvalidValue, NotFound for a product that the firm cannot know,
    NotPermitted, NotAllowedInState for a firm that the park's plan leaves out, TooManyPromises.
    """
    firm_id = required_firm(actor, "promise.ask")
    _check_limit(firm_id)
    product = product_on_offer(actor=actor, product_id=question.product_id, pointer="/product_code")
    _check(question, now)
    promise = Promise(
        firm_id=firm_id,
        product=product,
        pieces=question.pieces,
        wanted_at=question.wanted_at,
        release_at=question.release_at,
        priority=question.priority,
        asked_at=now,
    )
    terms = PromiseTerms(
        firm_id=firm_id,
        promise=promise,
        consent=question.consent,
        fee_ceiling_cny_per_t=question.fee_ceiling_cny_per_t,
    )
    with firm_board(firm_id=firm_id, product_id=product.pk, now=now) as board:
        _answer(board, promise, terms, question.excluded_firm_ids)
    promise.save(force_insert=True)
    terms.save(force_insert=True)
    changes = {"product": product.code, "pieces": question.pieces, "in_house_at": promise.in_house_at}
    audit.record(actor=actor, verb="promise.ask", obj=promise, firm_id=firm_id, changes=changes)
    return promise


@transaction.atomic
def promise_reserve(*, actor: Actor, promise_id: UUID, hours: int, now: datetime) -> Promise:
    """told → reserved: the firm's machine time and material for the date in house are held for so many hours.

    The plan leaves them free from its next run on. It is asked anew first, because time has passed and the plan may
    have changed; a later date is told instead when it is still the one that was wanted or before it. Raises NotFound,
    NotPermitted, InvalidValue, NotAllowedInState for one that was reserved before, PromiseOverdue when neither the date
    that was told nor the one that was wanted can be kept.
    """
    promise = _locked(actor, promise_id, "promise.reserve")
    check_whole_number(hours, MOST_HOURS, "/hours")
    with firm_board(firm_id=promise.firm_id, product_id=promise.product_id, now=now) as board:
        answer = board.board.in_house(_line(board, promise))
        told = Told(board, promise.wanted_at)
        latest_at = max((at for at in (promise.in_house_at, promise.wanted_at) if at is not None), default=None)
        if answer is None or latest_at is None or told.at(answer.finish_min) > latest_at:
            raise PromiseOverdue
        holds, finish_at, in_house = _holds(board, promise, answer), told.at(answer.finish_min), told.in_house(answer)
    until = now + timedelta(hours=hours)
    moved = move(
        promise,
        PromiseStatus.RESERVED,
        moves=PROMISE_NEXT,
        reserved_until=until,
        material_g=material_of(answer),
        in_house_at=finish_at,
        in_house=in_house,
        lacking=None,
    )
    PromiseHold.objects.bulk_create(holds)
    changes = {name: change for name, change in moved.items() if name in AUDITED}
    audit.record(actor=actor, verb="promise.reserve", obj=promise, firm_id=promise.firm_id, changes=changes)
    outbox.tell(topic="promise.reserved", payload={"promise_id": str(promise.pk)}, firm_id=promise.firm_id)
    return promise


@transaction.atomic
def promise_release(*, actor: Actor, promise_id: UUID) -> Promise:
    """reserved → released: what it held is free. Raises NotFound, NotPermitted, NotAllowedInState."""
    promise = _locked(actor, promise_id, "promise.release")
    changes = move(promise, PromiseStatus.RELEASED, moves=PROMISE_NEXT)
    audit.record(actor=actor, verb="promise.release", obj=promise, firm_id=promise.firm_id, changes=changes)
    outbox.tell(topic="promise.released", payload={"promise_id": str(promise.pk)}, firm_id=promise.firm_id)
    return promise


@transaction.atomic
def promises_expire(*, actor: Actor) -> int:
    """Writes down whose time is up by the business clock; plans leave it out already. Returns how many."""
    if not actor.is_system:
        raise NotPermitted
    due = Promise.objects.filter(status=PromiseStatus.RESERVED, reserved_until__lte=BusinessNow())
    over = list(due.select_for_update(of=("self",)).order_by("pk"))
    for promise in over:
        changes = move(promise, PromiseStatus.EXPIRED, moves=PROMISE_NEXT)
        audit.record(actor=actor, verb="promise.expired", obj=promise, firm_id=promise.firm_id, changes=changes)
        outbox.tell(topic="promise.expired", payload={"promise_id": str(promise.pk)}, firm_id=promise.firm_id)
    return len(over)


def _locked(actor: Actor, promise_id: UUID, verb: str) -> Promise:
    """The firm's promise. Its live plan is locked: no publication and no other reservation comes between."""
    seen = Promise.objects.only("firm_id").filter(pk=promise_id).first()
    if seen is None:
        raise NotFound
    require(actor, verb, seen)
    locks.lock_firms([seen.firm_id])
    return Promise.objects.select_for_update(of=("self",)).get(pk=promise_id)


def _check_limit(firm_id: UUID) -> None:
    asked = Promise.objects.filter(firm_id=firm_id, created_at__gt=DatabaseNow() - LIMIT_OVER)
    if asked.count() >= settings.PROMISES_PER_HOUR:
        raise TooManyPromises


def _check(question: Question, now: datetime) -> None:
    check_whole_number(question.pieces, MOST_PIECES, "/pieces")
    if question.wanted_at is not None and question.wanted_at <= now:
        raise InvalidValue(_("The date is over."), pointer="/wanted_at")
    if question.priority not in PRIORITIES:
        raise InvalidValue(_("The priority is 1, 3 or 9."), pointer="/priority")
    if question.consent not in Consent.values:
        raise InvalidValue(pointer="/consent")
    ceiling = question.fee_ceiling_cny_per_t
    if ceiling is not None and not 0 <= ceiling <= MOST_CNY_PER_T:
        raise InvalidValue(pointer="/fee_ceiling_cny_per_t")


def _answer(board: FirmBoard, promise: Promise, terms: PromiseTerms, excluded: frozenset[UUID]) -> None:
    """Asks the board and writes down what it says."""
    told = Told(board, promise.wanted_at)
    line = _line(board, promise)
    _check_size(line)
    at_home = board.board.in_house(line)
    if at_home is None:
        promise.lacking = told.lacking(board.board.lacking(line))
    else:
        promise.in_house_at, promise.in_house = told.at(at_home.finish_min), told.in_house(at_home)
    if _may_leave(board, promise.product, terms):
        elsewhere = board.board.with_offers(_offered(line, terms, excluded))
        terms.with_offers = None if elsewhere is None else told.with_offers(elsewhere)
    given_way = board.board.with_displacement(line)
    terms.with_displacement = None if given_way is None else told.with_displacement(given_way)


def _may_leave(board: FirmBoard, product: Product, terms: PromiseTerms) -> bool:
    if terms.consent == Consent.NEVER or product.firm_id is not None or product.needs:
        return False
    return not board.snapshot.pools.takes_tool(board.snapshot.firms[board.firm_code], product.pk)


def _check_size(line: p.Line) -> None:
    """Raises InvalidValue for an order of so many transfer batches that the answer would keep the web waiting."""
    handed_over = [step.transfer_pieces for route in line.routes for step in route.steps if step.transfer_pieces]
    if handed_over and line.pieces > MOST_BATCHES * min(handed_over):
        raise InvalidValue(_("Too many pieces for one promise: ask for a part of them."), pointer="/pieces")


def _line(board: FirmBoard, promise: Promise) -> p.Line:
    """The order that is asked for, made at home."""
    product = promise.product
    release_min = 0 if promise.release_at is None else max(0, -minutes_between(promise.release_at, board.zero_at))
    return p.Line(
        key=LINE_KEY,
        firm=board.firm_code,
        product=product.code,
        pieces=promise.pieces,
        unit_mass_g=product.unit_mass_g,
        release_min=release_min,
        due_min=release_min if promise.wanted_at is None else minutes_between(board.zero_at, promise.wanted_at),
        routes=board.snapshot.routes.routes[product.pk],
        priority=promise.priority,
        split_cost_fen=SPLIT_COST_FEN,
    )


def _offered(line: p.Line, terms: PromiseTerms, excluded: frozenset[UUID]) -> p.Line:
    codes = Firm.objects.filter(pk__in=excluded).order_by("code").values_list("code", flat=True)
    ceiling = terms.fee_ceiling_cny_per_t
    return replace(
        line,
        consent="allowed" if terms.consent == Consent.ALLOWED else "ask",
        fee_ceiling_fen_per_t=None if ceiling is None else to_fen(ceiling),
        excluded_firms=tuple(codes),
    )


def _holds(board: FirmBoard, promise: Promise, answer: Answer) -> list[PromiseHold]:
    processes = processes_of(answer)
    told = Told(board, None)
    return [
        PromiseHold(
            firm_id=promise.firm_id,
            promise=promise,
            machine_id=board.snapshot.machines[run.machine].machine_id,
            process=processes[run.parts[0].lot, run.parts[0].step],
            family_code=run.family,
            period=DateTimeTZRange(told.at(run.start_min), told.at(run.end_min), "[)"),
            setup_min=run.setup_min,
        )
        for run in answer.own_runs
    ]
