"""The live plan as a chart: machines with hours, runs with their parts. Minutes count from the window's start."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import F, Func, IntegerField, Value

from mes.catalog.models import ChangeoverFamily, MachineClass, Product
from mes.core.actors import Actor
from mes.core.errors import NotPermitted
from mes.firms.models import Firm
from orders.sales.choices import OrderOrigin, PlanState
from orders.sales.models import SalesOrderLine
from production.machines.choices import MachineStatus
from production.machines.models import Machine
from production.machines.selectors.hours import MachineHours, machine_hours
from production.machines.selectors.periods import Period, complement
from production.plans.choices import FROZEN_RUN_STATUSES, LIVE_RUN_STATUSES, RunStatus
from production.plans.models import MachineRun, Pin, RunPart
from production.plans.selectors.live import minutes_between

DAY_MIN = 1440
SHOWN_STATUSES = (*LIVE_RUN_STATUSES, RunStatus.COMPLETED)


@dataclass(frozen=True, slots=True)
class ChartRow:
    """A machine. `calendar`: key of its hours in the chart."""

    machine_id: UUID
    code: str
    firm_id: UUID
    class_id: UUID
    calendar: str


@dataclass(frozen=True, slots=True)
class ChartLine:
    """An order line that runs carry. `product` None: the firm's own, which the association does not know by name.

    `is_taken_over`: the doer's own order for another member's work.
    """

    line_id: UUID
    order_id: UUID
    order_number: str
    number: int
    firm_id: UUID
    product: Product | None
    due_min: int
    is_late: bool
    is_taken_over: bool


@dataclass(frozen=True, slots=True)
class ChartRun:
    """A machine run. `colour`: of its changeover family, else of its product, else "".

    `parts`: line and pieces, in the order of the work; `ends_line`: the last step of a line is in it.
    """

    run_id: UUID
    machine_id: UUID
    start_min: int
    work_start_min: int
    end_min: int
    process: str
    status: str
    colour: str
    parts: tuple[tuple[UUID, int], ...]
    ends_line: bool
    is_late: bool
    is_frozen: bool
    is_outsourced: bool
    is_pinned: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """Rows by firm, class and code. `closed` by calendar; `downtimes` and `bookings` by machine."""

    starts_at: datetime
    minutes: int
    now_min: int
    firms: Mapping[UUID, Firm]
    classes: Mapping[UUID, MachineClass]
    rows: tuple[ChartRow, ...]
    closed: Mapping[str, tuple[Period, ...]]
    downtimes: Mapping[UUID, tuple[Period, ...]]
    bookings: Mapping[UUID, tuple[Period, ...]]
    lines: Mapping[UUID, ChartLine]
    runs: tuple[ChartRun, ...]


def gantt_chart(*, actor: Actor, starts_at: datetime, days: int, now: datetime) -> Chart:
    """The association's chart of [starts_at, starts_at + days). At most 20 queries. Raises NotPermitted for a firm."""
    if actor.firm_id is not None:
        raise NotPermitted
    minutes = days * DAY_MIN
    hours = machine_hours(zero_at=starts_at, horizon_min=minutes)
    firms = {firm.pk: firm for firm in Firm.objects.order_by("code")}
    classes = {row.pk: row for row in MachineClass.objects.order_by("code")}
    runs = list(_run_rows(starts_at, minutes))
    parts = _parts(starts_at, minutes)
    lines = _lines({line_id for its in parts.values() for line_id, *_rest in its}, starts_at)
    return Chart(
        starts_at=starts_at,
        minutes=minutes,
        now_min=minutes_between(starts_at, now),
        firms=firms,
        classes=classes,
        rows=_rows({run.machine_id for run in runs}, hours),
        closed={key: complement(periods, horizon_min=minutes) for key, periods in hours.calendars.items()},
        downtimes=hours.closed_of_machine,
        bookings=hours.bookings_of_machine,
        lines=lines,
        runs=_runs(runs, parts, lines),
    )


Part = tuple[UUID, int, bool, bool]
"""Line, pieces, whether it is the last step, whether it is a placement that is only proposed."""


def _range(starts_at: datetime, minutes: int) -> DateTimeTZRange:
    return DateTimeTZRange(starts_at, starts_at + timedelta(minutes=minutes), "[)")


def _rows(busy: set[UUID], hours: MachineHours) -> tuple[ChartRow, ...]:
    """Installed machines, and others that have work in the window."""
    ordered = Machine.objects.order_by("firm__code", "machine_class__code", "code")
    machines = ordered.values_list("pk", "code", "firm_id", "machine_class_id", "status")
    return tuple(
        ChartRow(key, code, firm_id, class_id, hours.calendar_of_machine[key])
        for key, code, firm_id, class_id, status in machines
        if status == MachineStatus.INSTALLED or key in busy
    )


def _parts(starts_at: datetime, minutes: int) -> Mapping[UUID, list[Part]]:
    rows = RunPart.objects.filter(run__status__in=SHOWN_STATUSES, run__period__overlap=_range(starts_at, minutes))
    found: defaultdict[UUID, list[Part]] = defaultdict(list)
    ordered = rows.order_by("lot__key", "first_batch", "pk").values_list(
        "run_id", "lot__line_id", "lot__proposal__line_id", "pieces", "is_last_step"
    )
    for run_id, own_line_id, placed_line_id, pieces, is_last in ordered:
        line_id = own_line_id or placed_line_id
        if line_id is not None:
            found[run_id].append((line_id, pieces, is_last, own_line_id is None))
    return found


def _lines(line_ids: set[UUID], zero_at: datetime) -> dict[UUID, ChartLine]:
    rows = SalesOrderLine.objects.filter(pk__in=line_ids).order_by("firm_id", "order__number", "number")
    wanted = list(
        rows.values_list(
            "pk", "order_id", "order__number", "number", "firm_id", "product_id", _minute("due_at", zero_at),
            "plan_state", "order__origin",
        )
    )  # fmt: skip
    # A product of a firm's own is not visible here, so it is looked up apart: a join would take the line away with it.
    products = {row.pk: row for row in Product.objects.filter(pk__in={row[5] for row in wanted})}
    return {
        key: ChartLine(
            line_id=key,
            order_id=order_id,
            order_number=order_number,
            number=number,
            firm_id=firm_id,
            product=products.get(product_id),
            due_min=due_min,
            is_late=plan_state == PlanState.LATE,
            is_taken_over=origin == OrderOrigin.OUTSOURCED,
        )
        for key, order_id, order_number, number, firm_id, product_id, due_min, plan_state, origin in wanted
    }


class _RunRow(NamedTuple):
    run_id: UUID
    machine_id: UUID
    process: str
    status: str
    family_code: str
    start_min: int
    work_start_min: int
    end_min: int


def _run_rows(starts_at: datetime, minutes: int) -> Iterator[_RunRow]:
    rows = MachineRun.objects.filter(status__in=SHOWN_STATUSES, period__overlap=_range(starts_at, minutes))
    return map(
        _RunRow._make,
        rows.order_by("machine_id", "period").values_list(
            "pk", "machine_id", "process", "status", "family_code", _minute("period__startswith", starts_at),
            _minute("work_starts_at", starts_at), _minute("period__endswith", starts_at),
        ),
    )  # fmt: skip


def _minute(path: str, zero_at: datetime) -> Func:
    """Whole minutes from the zero, worked out by the database: thousands of moments are slow to read."""
    return Func(
        F(path),
        Value(zero_at),
        template="(floor(extract(epoch FROM %(expressions)s) / 60)::int)",
        arg_joiner=" - ",
        output_field=IntegerField(),
    )


def _runs(
    rows: Iterable[_RunRow], parts: Mapping[UUID, list[Part]], lines: Mapping[UUID, ChartLine]
) -> tuple[ChartRun, ...]:
    colours = dict(ChangeoverFamily.objects.values_list("code", "colour"))
    pinned = frozenset(Pin.objects.values_list("line_id", "process"))
    return tuple(_run(row, parts.get(row.run_id, []), lines, colours.get(row.family_code, ""), pinned) for row in rows)


def _run(
    row: _RunRow,
    parts: list[Part],
    lines: Mapping[UUID, ChartLine],
    colour: str,
    pinned: Set[tuple[UUID, str]],
) -> ChartRun:
    carried = [lines[line_id] for line_id, *_rest in parts]
    named = next((line.product for line in carried if line.product is not None), None)
    return ChartRun(
        run_id=row.run_id,
        machine_id=row.machine_id,
        start_min=row.start_min,
        work_start_min=row.work_start_min,
        end_min=row.end_min,
        process=row.process,
        status=row.status,
        colour=colour or (named.colour if named else ""),
        parts=tuple((line_id, pieces) for line_id, pieces, *_rest in parts),
        ends_line=any(is_last for _line, _pieces, is_last, _proposed in parts),
        is_late=any(line.is_late for line in carried),
        is_frozen=row.status in FROZEN_RUN_STATUSES,
        is_outsourced=any(line.is_taken_over for line in carried) or any(proposed for *_rest, proposed in parts),
        is_pinned=any((line_id, row.process) in pinned for line_id, *_rest in parts),
    )
