"""The demo's figures, read by SQL from live rows under the working roles."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection

from mes.core.actors import DatabaseRole
from mes.core.money import GRAMS_PER_T
from mes.core.wall import wall
from orders.sales.choices import OPEN_STATUSES, OrderOrigin, PlanState
from production.plans.choices import LIVE_RUN_STATUSES, ProposalStatus

MIN_PER_DAY = 1440
MS_PER_S = 1000
DATA = Path(__file__).parent / "sample" / "data"


@dataclass(frozen=True, slots=True)
class Placement:
    """What one doer has taken over of the case's line."""

    firm_code: str
    firm_name_zh: str
    orders: int
    pieces: int
    tonnes: Decimal
    finish_day: Decimal


@dataclass(frozen=True, slots=True)
class CaseFigures:
    """The case's line in the live plan. Days and hours count from the plan's zero."""

    line_id: UUID
    firm_code: str
    firm_name_zh: str
    product_code: str
    pieces: int
    tonnes: Decimal
    due_day: Decimal
    own_pieces: int
    in_house_t: Decimal
    outsourced_t: Decimal
    finish_day: Decimal
    tardy_h: Decimal
    pieces_total: int
    placements: tuple[Placement, ...]


@dataclass(frozen=True, slots=True)
class ParkFigures:
    """The published plan of the park."""

    orders: int
    on_time: int
    late: int
    unplaced: int
    operations: int
    machine_runs: int
    planned_t: Decimal
    placed_t: Decimal
    overlaps: int
    plan_digest: str

    @property
    def on_time_pct(self) -> Decimal:
        """Of all open orders of customers."""
        return percent(self.on_time, self.orders)

    @property
    def outsourced_pct(self) -> Decimal:
        """Tonnes placed at other firms over all planned tonnes."""
        return percent(self.placed_t, self.planned_t)


def case_figures(*, firm_id: UUID, order_number: str, zero: datetime) -> CaseFigures:
    """The line of one order, as the association may read it: lots at home, and the doers' own orders.

    Raises LookupError when there is no such order.
    """
    with wall(DatabaseRole.STAFF):
        found = _rows(_CASE, [firm_id, order_number])
        if not found:
            raise LookupError(f"no order {order_number}")
        line = found[0]
        own = _rows(_OWN_LOTS, [line["line_id"], firm_id])[0]
        placements = tuple(
            Placement(
                firm_code=row["code"],
                firm_name_zh=row["name_zh"],
                orders=row["orders"],
                pieces=int(row["pieces"]),
                tonnes=_tonnes(row["pieces"] * line["unit_mass_g"]),
                finish_day=_days(row["finish_at"] - zero),
            )
            for row in _rows(_PLACEMENTS, [ProposalStatus.ACCEPTED, line["line_id"]])
        )
    placed = sum(row.pieces for row in placements)
    finishes = [row.finish_day for row in placements]
    if own["finish_at"] is not None:
        finishes.append(_days(own["finish_at"] - zero))
    finish_day, due_day = max(finishes, default=Decimal(0)), _days(line["due_at"] - zero)
    return CaseFigures(
        line_id=line["line_id"],
        firm_code=line["firm_code"],
        firm_name_zh=line["name_zh"],
        product_code=line["product_code"],
        pieces=line["pieces"],
        tonnes=_tonnes(line["pieces"] * line["unit_mass_g"]),
        due_day=due_day,
        own_pieces=int(own["pieces"]),
        in_house_t=_tonnes(own["pieces"] * line["unit_mass_g"]),
        outsourced_t=_tonnes(placed * line["unit_mass_g"]),
        finish_day=finish_day,
        tardy_h=max(Decimal(0), (finish_day - due_day) * 24),
        pieces_total=int(own["pieces"]) + placed,
        placements=placements,
    )


def park_figures(*, zero: datetime) -> ParkFigures:
    """The whole live plan, as the association may read it."""
    with wall(DatabaseRole.STAFF):
        book = _rows(
            _BOOK,
            [PlanState.ON_TIME, PlanState.LATE, PlanState.UNPLACED, OrderOrigin.OWN, list(map(str, OPEN_STATUSES))],
        )[0]
        live = list(map(str, LIVE_RUN_STATUSES))
        work = _rows(_WORK, [live])[0]
        mass = _rows(_MASS, [])[0]
        overlaps = _rows(_OVERLAPS, [live, live])[0]["overlaps"]
        digest = _rows(_DIGEST, [zero, zero, live])[0]["digest"]
    return ParkFigures(
        orders=book["orders"],
        on_time=book["on_time"],
        late=book["late"],
        unplaced=book["unplaced"],
        operations=work["operations"],
        machine_runs=work["machine_runs"],
        planned_t=_tonnes(mass["planned_g"] or 0),
        placed_t=_tonnes(mass["placed_g"] or 0),
        overlaps=overlaps,
        plan_digest=digest or "",
    )


@dataclass(frozen=True, slots=True)
class RunFigures:
    """What a plan run's row says of it."""

    rule: str
    violations: int
    plan_s: Decimal
    finish_day: Decimal
    input_hash: str
    versions: Mapping[str, str]


def run_figures(run_id: UUID) -> RunFigures:
    """A finished plan run, as the association may read it. `finish_day` is of the last new lot."""
    with wall(DatabaseRole.STAFF):
        row = _rows(_RUN, [run_id])[0]
    return RunFigures(
        rule=row["rule"],
        violations=row["violations"],
        plan_s=Decimal(row["plan_ms"]) / MS_PER_S,
        finish_day=Decimal(row["makespan_min"]) / MIN_PER_DAY,
        input_hash=row["input_hash"],
        versions={"planner": row["planner"]},
    )


def data_version() -> str:
    """A digest of the sample's data files."""
    digest = hashlib.sha256()
    for path in sorted(DATA.glob("*.json")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def percent(part: Decimal | int, whole: Decimal | int) -> Decimal:
    """Share in percent; 0 of nothing."""
    return Decimal(part) * 100 / Decimal(whole) if whole else Decimal(0)


def rounded(value: Decimal, places: int) -> Decimal:
    """Rounded half up, for showing and for comparing with a range."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _tonnes(grams: Decimal | int) -> Decimal:
    return Decimal(grams) / GRAMS_PER_T


def _days(period: timedelta) -> Decimal:
    return Decimal(period // timedelta(minutes=1)) / MIN_PER_DAY


def _rows(query: str, values: Sequence[Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


_CASE = """
    SELECT l.id AS line_id, l.pieces, l.due_at, p.code AS product_code, p.unit_mass_g,
           f.code AS firm_code, f.name_zh
      FROM sales_salesorder o
      JOIN sales_salesorderline l ON l.order_id = o.id
      JOIN catalog_product p ON p.id = l.product_id
      JOIN firms_firm f ON f.id = o.firm_id
     WHERE o.firm_id = %s AND o.number = %s
"""
_OWN_LOTS = """
    SELECT coalesce(sum(pieces), 0) AS pieces, max(finish_at) AS finish_at
      FROM plans_plannedlot WHERE line_id = %s AND firm_id = %s
"""
# Pieces are those of the doers' own orders; the finish at the giver's gate is the accepted proposal's.
_PLACEMENTS = """
    SELECT f.code, f.name_zh, count(*) AS orders, sum(d.pieces) AS pieces, max(a.finish_at) AS finish_at
      FROM outsourcing_outsourceorder o
      JOIN sales_salesorderline d ON d.order_id = o.doer_order_id
      JOIN (SELECT l.line_id, max(r.finish_at) AS finish_at
              FROM plans_plannedlot l JOIN plans_proposal r ON r.id = l.proposal_id
             WHERE r.status = %s GROUP BY l.line_id) AS a ON a.line_id = d.id
      JOIN firms_firm f ON f.id = o.doer_id
     WHERE o.giver_line_id = %s
     GROUP BY f.code, f.name_zh ORDER BY f.code
"""
_BOOK = """
    SELECT count(*) AS orders,
           count(*) FILTER (WHERE l.plan_state = %s) AS on_time,
           count(*) FILTER (WHERE l.plan_state = %s) AS late,
           count(*) FILTER (WHERE l.plan_state = %s) AS unplaced
      FROM sales_salesorderline l JOIN sales_salesorder o ON o.id = l.order_id
     WHERE o.origin = %s AND o.status = ANY(%s)
"""
_WORK = """
    SELECT count(DISTINCT (p.lot_id, p.step)) AS operations, count(DISTINCT r.id) AS machine_runs
      FROM plans_machinerun r JOIN plans_runpart p ON p.run_id = r.id WHERE r.status = ANY(%s)
"""
_MASS = """
    SELECT sum(l.pieces * p.unit_mass_g) AS planned_g,
           sum(l.pieces * p.unit_mass_g) FILTER (WHERE l.proposal_id IS NOT NULL) AS placed_g
      FROM plans_plannedlot l
      LEFT JOIN plans_proposal r ON r.id = l.proposal_id
      LEFT JOIN sales_salesorderline s ON s.id = l.line_id
      JOIN catalog_product p ON p.id = coalesce(r.product_id, s.product_id)
"""
_OVERLAPS = """
    SELECT count(*) AS overlaps
      FROM plans_machinerun a
      JOIN plans_machinerun b ON b.machine_id = a.machine_id AND b.id > a.id AND b.period && a.period
     WHERE a.status = ANY(%s) AND b.status = ANY(%s)
"""
_DIGEST = """
    SELECT md5(string_agg(run, ';' ORDER BY run)) AS digest FROM (
        SELECT concat_ws('/', m.code, r.process, r.family_code, extract(epoch FROM lower(r.period) - %s)::bigint,
                         extract(epoch FROM upper(r.period) - %s)::bigint, r.pieces) AS run
          FROM plans_machinerun r JOIN machines_machine m ON m.id = r.machine_id WHERE r.status = ANY(%s)) AS live
"""
_RUN = """
    SELECT rule, (figures->>'violations')::int AS violations, (figures->>'plan_ms')::int AS plan_ms,
           (tiers->>'makespan_min')::int AS makespan_min, input_hash, versions->>'planner' AS planner
      FROM plans_planrun WHERE id = %s
"""
