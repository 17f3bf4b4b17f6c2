"""What a firm's promises are made on: its live plan and the offers that it may know, kept for a quarter of an hour.

Everything is read in the firm's own wall, so that row-level security keeps out what is not the firm's; only the offers
are read as `production.machines.selectors.published` tells them. A board is used again as long as nothing that it was
read from has changed.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TypeVar
from uuid import UUID

from django.db import connection, models
from psycopg import sql

from mes.catalog.models import (
    BomLine,
    ChangeoverFamily,
    ChangeoverRule,
    MachineClass,
    Product,
    Routing,
    RoutingStep,
    StepOption,
    TransportTariff,
)
from mes.core.actors import DatabaseRole
from mes.core.errors import NotAllowedInState
from mes.core.wall import switched
from mes.firms.models import Firm
from orders.sales.models import LineCompletion, LineExclusion, LinePlacement, SalesOrder, SalesOrderLine
from production.machines.models import (
    CalendarDay,
    CalendarRule,
    CapacityOffer,
    CapacityOfferTerms,
    Downtime,
    FirmApproval,
    FrozenBooking,
    Machine,
    OfferedMachine,
    Overtime,
    Pool,
    PoolDowntime,
    PoolNeed,
    Shift,
    ShiftPattern,
    StockMovement,
)
from production.machines.selectors.published import OfferView, offers_told
from production.planning.promise.promises import PromiseBoard
from production.plans.models import (
    ForbiddenMachine,
    MachineRun,
    Pin,
    Promise,
    PromiseHold,
    Proposal,
    Sequence,
    SequenceLine,
)
from production.plans.selectors.live_schedule import live_schedule
from production.plans.selectors.offered import with_offers
from production.plans.selectors.problem import DAY_MIN, HORIZON_DAYS, Snapshot, snapshot_of_firm

GRID = timedelta(minutes=15)
"""Promises count from the next full quarter of an hour: nothing begins earlier, and so long a board can be used."""

MOST_BOARDS = 64
"""Boards that a process keeps, of so many firms."""

MOST_PRODUCTS = 200
"""Products whose routings a board has from the start; others are read when they are asked for."""

T = TypeVar("T")


@dataclass(slots=True)
class FirmBoard:
    """A firm's board, and the rows behind its keys. `version`: what it was read from. `lock`: for one question."""

    version: tuple[object, ...]
    zero_at: datetime
    snapshot: Snapshot
    products: frozenset[UUID]
    offers: Mapping[str, OfferView]
    class_of: Mapping[str, str]
    board: PromiseBoard
    lock: Lock = field(default_factory=Lock)

    @property
    def firm_code(self) -> str:
        return next(iter(self.snapshot.firms))


_boards: OrderedDict[tuple[str, UUID], FirmBoard] = OrderedDict()
_boards_lock = Lock()


def zero_of(now: datetime) -> datetime:
    """The full quarter of an hour at or after `now`."""
    since = datetime(2000, 1, 1, tzinfo=UTC)
    return since + -((since - now) // GRID) * GRID


@contextmanager
def firm_board(*, firm_id: UUID, product_id: UUID, now: datetime) -> Iterator[FirmBoard]:
    """The firm's board for a block of questions about a product, inside the firm's wall.

    Raises NotAllowedInState for a firm that the park's plan leaves out.
    """
    zero_at = zero_of(now)
    place = (str(connection.settings_dict["NAME"]), firm_id)
    version = (zero_at, as_told(lambda: _versions(_OFFERS_VERSION, firm_id)), _versions(_OWN_VERSION, firm_id))
    with _boards_lock:
        held = _boards.get(place)
    if held is None or held.version != version or product_id not in held.products:
        products = {product_id, *_products(), *(held.products if held is not None else ())}
        held = _read(firm_id, frozenset(products), zero_at, version)
        with _boards_lock:
            _boards[place] = held
            _boards.move_to_end(place)
            while len(_boards) > MOST_BOARDS:
                _boards.popitem(last=False)
    with held.lock:
        yield held


def as_told(read: Callable[[], T]) -> T:
    """What `read` finds under the exchange's role, which sees the offers of all members."""
    with switched(DatabaseRole.EXCHANGE):
        return read()


def _products() -> list[UUID]:
    """Products that the firm may be asked for next, so that its board need not be read again for each."""
    rows = Product.objects.filter(retired_at=None, routings__isnull=False).order_by("code", "pk").distinct()
    return list(rows.values_list("pk", flat=True)[:MOST_PRODUCTS])


def _read(firm_id: UUID, products: frozenset[UUID], zero_at: datetime, version: tuple[object, ...]) -> FirmBoard:
    offers = as_told(lambda: offers_told(zero_at=zero_at, horizon_min=HORIZON_DAYS * DAY_MIN, but_of=firm_id))
    snapshot = snapshot_of_firm(zero_at=zero_at, firm_id=firm_id, product_ids=products)
    if firm_id not in snapshot.firms.values():
        raise NotAllowedInState
    problem, schedule = live_schedule(snapshot)
    offered = with_offers(snapshot=snapshot, problem=problem, offers=offers, zero_at=zero_at)
    return FirmBoard(
        version=version,
        zero_at=zero_at,
        snapshot=snapshot,
        products=products,
        offers=offered.offers,
        class_of=offered.class_of,
        board=PromiseBoard(offered.problem, schedule),
    )


# What a board is read from: the firm's own rows, and what of the catalogue and of shared documents it sees.
_OF_FIRM: tuple[type[models.Model], ...] = (
    Machine, FirmApproval, CalendarRule, Overtime, Downtime, FrozenBooking, Pool, PoolNeed, PoolDowntime,
    StockMovement, SalesOrder, SalesOrderLine, LineCompletion, LinePlacement, LineExclusion, PromiseHold, Pin,
    ForbiddenMachine, Sequence, SequenceLine,
)  # fmt: skip
_SOME_OF_FIRM: Mapping[type[models.Model], str] = {
    MachineRun: "status IN ('proposed', 'approved', 'confirmed', 'started')",
    Promise: "status <> 'told'",
}
_SEEN: tuple[type[models.Model], ...] = (
    Firm, Product, Routing, RoutingStep, StepOption, BomLine, MachineClass, ChangeoverFamily, ChangeoverRule,
    TransportTariff, CalendarDay, ShiftPattern, Shift, Proposal,
)  # fmt: skip


# Not the offered machines' own rows: what their firm sets them up for must not even be told by an answer's delay.
_OF_OFFERS: tuple[type[models.Model], ...] = (CapacityOffer, CapacityOfferTerms, OfferedMachine, CalendarRule)


def _versions(statement: sql.Composed, firm_id: UUID) -> tuple[object, ...]:
    """Tells one state of the rows from another: how many there are, and the sum of who wrote them last.

    An update puts a younger transaction in a row's xmin, so the sum tells it even when an older transaction commits
    late. One query.
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, {"firm": firm_id})
        return tuple(cursor.fetchall())


def _counted(model: type[models.Model], condition: str) -> sql.Composed:
    counted = sql.SQL("SELECT count(*), sum(xmin::text::bigint) FROM {} WHERE ")
    return counted.format(sql.Identifier(model._meta.db_table)) + sql.SQL(condition)


_OFFERS_VERSION = sql.SQL(" UNION ALL ").join([_counted(model, "firm_id <> %(firm)s") for model in _OF_OFFERS])
_OWN_VERSION = sql.SQL(" UNION ALL ").join(
    [
        *(_counted(model, "firm_id = %(firm)s") for model in _OF_FIRM),
        *(_counted(model, f"firm_id = %(firm)s AND {some}") for model, some in _SOME_OF_FIRM.items()),
        *(_counted(model, "true") for model in _SEEN),
    ]
)
