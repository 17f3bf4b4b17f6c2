"""The chart as compact JSON: lists of columns in place of named fields, texts once and then by their number.

The order of the columns is known to `static/plans/gantt/model.js`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from mes.catalog.choices import COLOURS, Process
from mes.core.desk.names import name_of
from production.machines.selectors.periods import Period
from production.plans.choices import RunStatus
from production.plans.selectors.gantt import Chart, ChartLine, ChartRun

LATE, FROZEN, OUTSOURCED, ENDS_LINE, PINNED = 1, 2, 4, 8, 16

K = TypeVar("K", bound=object)


class _Numbered(Generic[K]):
    """Values in the order in which they are first asked for."""

    def __init__(self) -> None:
        self._numbers: dict[K, int] = {}

    def __call__(self, value: K) -> int:
        return self._numbers.setdefault(value, len(self._numbers))

    def __iter__(self) -> Any:
        return iter(self._numbers)


def packed(chart: Chart) -> dict[str, Any]:
    """What the page draws. `start_ms` is the window's start as the park's clock shows it, counted as if it were UTC."""
    rows = {row.machine_id: number for number, row in enumerate(chart.rows)}
    firms, classes = _numbers(chart.firms), _numbers(chart.classes)
    calendars, lines = _numbers(chart.closed), _numbers(chart.lines)
    products, colours = _Numbered[str](), _Numbered[str]()
    processes, statuses = _Numbered[str](), _Numbered[str]()
    local = timezone.localtime(chart.starts_at)
    offset = local.utcoffset()
    shift_s = 0 if offset is None else offset.total_seconds()
    return {
        "start_ms": round((local.timestamp() + shift_s) * 1000),
        "minutes": chart.minutes,
        "now": chart.now_min,
        "firms": [[firm.code, name_of(firm)] for firm in chart.firms.values()],
        "classes": [[row.code, name_of(row)] for row in chart.classes.values()],
        "rows": [[row.code, firms[row.firm_id], classes[row.class_id], calendars[row.calendar]] for row in chart.rows],
        "calendars": [_flat(periods) for periods in chart.closed.values()],
        "downtimes": _taken(chart.downtimes, rows),
        "bookings": _taken(chart.bookings, rows),
        "lines": [_line(line, firms, products) for line in chart.lines.values()],
        "runs": [_run(run, rows, lines, processes, statuses, colours) for run in chart.runs],
        "products": list(products),
        "colours": [[code, str(_label(COLOURS, code, _("colour not known")))] for code in colours],
        "processes": [str(_label(dict(Process.choices), code, code)) for code in processes],
        "statuses": [str(_label(dict(RunStatus.choices), code, code)) for code in statuses],
    }


def _numbers(keys: Iterable[K]) -> dict[K, int]:
    return {key: number for number, key in enumerate(keys)}


def _label(names: Mapping[str, str | Promise], code: str, unknown: str) -> str | Promise:
    return names.get(code, code or unknown)


def _flat(periods: Iterable[Period]) -> list[int]:
    return [minute for period in periods for minute in period]


def _taken(periods: Mapping[UUID, Iterable[Period]], rows: Mapping[UUID, int]) -> list[list[int]]:
    return [[rows[key], *_flat(its)] for key, its in periods.items() if key in rows]


def _line(line: ChartLine, firms: Mapping[UUID, int], products: _Numbered[str]) -> list[Any]:
    product = _("the firm's own product")
    if line.product is not None:
        product = f"{line.product.code} {name_of(line.product)}"
    return [line.order_number, line.number, firms[line.firm_id], products(product), line.due_min, int(line.is_late)]


def _run(
    run: ChartRun,
    rows: Mapping[UUID, int],
    lines: Mapping[UUID, int],
    processes: _Numbered[str],
    statuses: _Numbered[str],
    colours: _Numbered[str],
) -> list[Any]:
    marks = (
        (run.is_late, LATE),
        (run.is_frozen, FROZEN),
        (run.is_outsourced, OUTSOURCED),
        (run.ends_line, ENDS_LINE),
        (run.is_pinned, PINNED),
    )
    return [
        rows[run.machine_id],
        run.start_min,
        run.work_start_min,
        run.end_min,
        processes(run.process),
        statuses(run.status),
        colours(run.colour),
        sum(bit for stands, bit in marks if stands),
        str(run.run_id),
        [number for line_id, pieces in run.parts for number in (lines[line_id], pieces)],
    ]
