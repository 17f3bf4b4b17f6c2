"""What the shop floor says: a run started, so many pieces good and scrapped, the run is over."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from mes.core import audit, outbox
from mes.core.actors import Actor, DatabaseRole
from mes.core.errors import InvalidValue, NotAllowedInState
from mes.core.states import move
from mes.core.wall import switched
from orders.outsourcing.services import outsource_order_begin
from orders.sales import services as sales_orders
from orders.sales.choices import OrderOrigin
from orders.sales.models import SalesOrder
from production.floor.models import ProductionReport
from production.plans.choices import RUN_NEXT, RunStatus
from production.plans.models import MachineRun, RunPart
from production.plans.selectors.live import parts_through
from production.plans.services.machine_runs import machine_run_locked


@transaction.atomic
def machine_run_start(*, actor: Actor, run_id: UUID, now: datetime) -> MachineRun:
    """confirmed → started; the orders that it serves are in production from now on.

    Raises NotFound for another firm's run, NotAllowedInState unless it is confirmed.
    """
    run = machine_run_locked(actor=actor, run_id=run_id, verb="machine_run.start")
    changes = move(run, RunStatus.STARTED, moves=RUN_NEXT, started_at=now)
    orders = list(SalesOrder.objects.filter(lines__planned_lots__parts__run=run).distinct().order_by("pk"))
    for order in orders:
        sales_orders.sales_order_begin(actor=actor, order_id=order.pk, now=now)
    taken_over = [order.pk for order in orders if order.origin == OrderOrigin.OUTSOURCED]
    with switched(DatabaseRole.EXCHANGE):
        for order_id in taken_over:
            outsource_order_begin(actor=actor, doer_order_id=order_id)
    audit.record(actor=actor, verb="machine_run.start", obj=run, firm_id=run.firm_id, changes=changes)
    return run


@transaction.atomic
def machine_run_report(
    *, actor: Actor, run_id: UUID, good_pieces: int, scrap_pieces: int, now: datetime
) -> ProductionReport:
    """Books pieces of a started run. Good pieces of a last step complete the order lines, in the run's order.

    Raises InvalidValue for negative or empty numbers or more pieces than the run has, NotAllowedInState unless it
    is started, NotFound for another firm's run.
    """
    run = machine_run_locked(actor=actor, run_id=run_id, verb="machine_run.report")
    if run.status != RunStatus.STARTED:
        raise NotAllowedInState
    _check_quantities(run, good_pieces, scrap_pieces)
    before = run.reports.aggregate(total=Sum("good_pieces"))["total"] or 0
    report = ProductionReport.objects.create(
        firm_id=run.firm_id,
        run=run,
        good_pieces=good_pieces,
        scrap_pieces=scrap_pieces,
        reported_at=now,
        reported_by=actor.user_id,
    )
    for line_id, pieces in _completed(run, before, before + good_pieces):
        sales_orders.line_complete(actor=actor, line_id=line_id, pieces=pieces, now=now)
    changes = {"good_pieces": good_pieces, "scrap_pieces": scrap_pieces}
    audit.record(actor=actor, verb="machine_run.report", obj=run, firm_id=run.firm_id, changes=changes)
    return report


@transaction.atomic
def machine_run_finish(*, actor: Actor, run_id: UUID, now: datetime) -> MachineRun:
    """started → completed. Pieces that were not reported good stay open and are planned again.

    Raises NotFound for another firm's run, NotAllowedInState unless it is started.
    """
    run = machine_run_locked(actor=actor, run_id=run_id, verb="machine_run.finish")
    changes = move(run, RunStatus.COMPLETED, moves=RUN_NEXT)
    audit.record(actor=actor, verb="machine_run.finish", obj=run, firm_id=run.firm_id, changes=changes)
    outbox.tell(topic="machine_run.finished", payload={"run_id": str(run.pk)}, firm_id=run.firm_id)
    return run


def _check_quantities(run: MachineRun, good_pieces: int, scrap_pieces: int) -> None:
    for value, pointer in ((good_pieces, "/good_pieces"), (scrap_pieces, "/scrap_pieces")):
        if value < 0:
            raise InvalidValue(_("The number of pieces must not be negative."), pointer=pointer)
    if good_pieces + scrap_pieces == 0:
        raise InvalidValue(_("Report at least one piece."), pointer="/good_pieces")
    sums = run.reports.aggregate(good=Sum("good_pieces"), scrap=Sum("scrap_pieces"))
    reported = (sums["good"] or 0) + (sums["scrap"] or 0)
    if reported + good_pieces + scrap_pieces > run.pieces:
        raise InvalidValue(_("The run does not have so many pieces."), pointer="/good_pieces")


def _completed(run: MachineRun, before: int, after: int) -> list[tuple[UUID, int]]:
    """Own order lines and the pieces of them that good pieces number `before` to `after` of the run complete."""
    parts = RunPart.objects.filter(run=run).select_related("lot")
    return [
        (part.lot.line_id, pieces)
        for part, pieces in parts_through(parts, before=before, after=after)
        if part.is_last_step and part.lot.line_id is not None
    ]
