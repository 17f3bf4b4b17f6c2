"""Builds the planning problem from the database, in few queries. For the planner's role.

Keys are business numbers (firm code, order number, line), so the same business data gives the same problem, whatever
the database's own keys are. `Snapshot` leads from those keys back to the rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import astuple, dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from mes.core.money import to_fen
from mes.firms.choices import FirmStatus
from mes.firms.models import Firm
from orders.sales.choices import Consent
from orders.sales.selectors import OpenLine, lines_to_plan
from production.machines.selectors.hours import MachineHours, machine_hours
from production.machines.selectors.offers import PublishedOffer, published_offers
from production.machines.selectors.stock import stock_arrivals
from production.planning import problem as p
from production.plans.choices import BARRING_STATUSES, RunStatus
from production.plans.models import Proposal
from production.plans.selectors.hand import forbidden_machines, pins_of, sequences_of
from production.plans.selectors.holds import held_lots, material_held, promises_holding
from production.plans.selectors.live import LiveLot, LiveRun, live_lots, minutes_between
from production.plans.selectors.material import Reserved, arrivals_left, both_reserved, material_reserved
from production.plans.selectors.plant import Plant, plant_of
from production.plans.selectors.pools import Pools, pools_of
from production.plans.selectors.routes import Routes, routes_of

DAY_MIN = 1440
HORIZON_DAYS = 150
SPLIT_COST_FEN = 20_000
OVERDUE_MIN = 60


@dataclass(frozen=True, slots=True)
class LineReference:
    """An order line behind a key. `processes`: machine steps by route, `specification`: what a doer learns."""

    line_id: UUID
    firm_id: UUID
    product_id: UUID
    unit_mass_g: int
    due_min: int
    consent: str
    processes: Mapping[str, tuple[str, ...]]
    specification: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MachineReference:
    machine_id: UUID
    firm_id: UUID
    code: str
    class_code: str


@dataclass(frozen=True, slots=True)
class OfferReference:
    offer_id: UUID
    firm_id: UUID
    fee_cny_per_t: Decimal
    accept: str
    material_from: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A problem, the rows behind its keys, and the live lots, routings and machines that it was made of."""

    problem: p.Problem
    lines: Mapping[str, LineReference]
    machines: Mapping[str, MachineReference]
    offers: Mapping[str, OfferReference]
    firms: Mapping[str, UUID]
    lots: tuple[LiveLot, ...]
    routes: Routes
    plant: Plant
    pools: Pools


def snapshot_of_park(*, zero_at: datetime) -> Snapshot:
    """Everything that is open in the park, as of the present transaction; minutes count from `zero_at`."""
    return _snapshot(zero_at, firm_id=None)


def snapshot_of_firm(*, zero_at: datetime, firm_id: UUID, product_ids: Set[UUID] = frozenset()) -> Snapshot:
    """One firm's work on its own machines, without the others' offers. `product_ids`: whose routings come as well.

    For the planner's role, or for the firm's own: what it does not see is not its work.
    """
    return _snapshot(zero_at, firm_id=firm_id, product_ids=product_ids)


def _snapshot(zero_at: datetime, *, firm_id: UUID | None, product_ids: Set[UUID] = frozenset()) -> Snapshot:
    firms = _firms(firm_id)
    hours = machine_hours(zero_at=zero_at, horizon_min=HORIZON_DAYS * DAY_MIN, firm_id=firm_id)
    pools = pools_of(firms=firms, hours=hours)
    plant = plant_of(firms=firms, hours=hours, pools=pools)
    lots = [lot for lot in live_lots(zero_at=zero_at) if lot.firm_id in firms]
    lines = [line for line in lines_to_plan(firm_id=firm_id) if line.firm_id in firms]
    routes = routes_of(product_ids={line.product_id for line in lines} | product_ids, plant=plant, pools=pools)
    offers = [] if firm_id else [offer for offer in published_offers() if offer.firm_id in firms]
    problem_offers = _offers(offers, lots, plant, hours, zero_at)
    promises = list(promises_holding(at=zero_at))
    problem_lines = _lines(lines, lots, routes, pools, zero_at, forbidden_machines(plant=plant))
    references = {_line_key(line): _line_reference(line, routes, zero_at) for line in lines}
    planned = {line.key for line in problem_lines}
    key_of_line = {reference.line_id: key for key, reference in references.items() if key in planned}
    problem = p.Problem(
        horizon_min=HORIZON_DAYS * DAY_MIN,
        calendars=tuple(p.Calendar(key, periods) for key, periods in sorted(hours.calendars.items())),
        firms=tuple(p.Firm(firm.code, hours.calendar_of_firm[key]) for key, firm in firms.items()),
        machines=plant.machines,
        lines=problem_lines,
        changeovers=routes.changeovers,
        pools=pools.pools,
        arrivals=_arrivals(
            firms,
            zero_at,
            both_reserved(material_reserved(lots=lots, lines=lines, routes=routes), material_held(promises)),
        ),
        transports=plant.transports(firms[offer.firm_id].code for offer in offers),
        offers=problem_offers,
        fixed_lots=_fixed_lots(lots, plant, pools, key_of_line)
        + plant.bookings
        + held_lots(promises, zero_at=zero_at, plant=plant, pools=pools),
        previous=_previous(lots, plant, key_of_line),
        pins=pins_of(zero_at=zero_at, plant=plant, lots=lots, key_of_line=key_of_line),
        sequences=sequences_of(plant=plant, key_of_line=key_of_line),
    )
    return Snapshot(
        problem=problem,
        lines=references,
        machines={
            key: MachineReference(row.pk, row.firm_id, row.code, row.machine_class.code)
            for key, row in plant.rows.items()
        },
        offers={
            _offer_key(offer, firms): OfferReference(
                offer.offer_id, offer.firm_id, offer.fee_cny_per_t, offer.accept, offer.material_from
            )
            for offer in offers
        },
        firms={firm.code: key for key, firm in firms.items()},
        lots=tuple(lots),
        routes=routes,
        plant=plant,
        pools=pools,
    )


def _firms(firm_id: UUID | None) -> dict[UUID, Firm]:
    rows = Firm.objects.filter(status=FirmStatus.MEMBER).order_by("code")
    if firm_id is not None:
        rows = rows.filter(pk=firm_id)
    return {firm.pk: firm for firm in rows}


def _line_key(line: OpenLine) -> str:
    return f"{line.firm_code}:{line.order_number}:{line.number}"


def _offer_key(offer: PublishedOffer, firms: Mapping[UUID, Firm]) -> str:
    return f"{firms[offer.firm_id].code}:{offer.code}"


def _line_reference(line: OpenLine, routes: Routes, zero_at: datetime) -> LineReference:
    return LineReference(
        line_id=line.line_id,
        firm_id=line.firm_id,
        product_id=line.product_id,
        unit_mass_g=line.unit_mass_g,
        due_min=minutes_between(zero_at, line.due_at),
        consent=line.consent,
        processes=routes.processes[line.product_id],
        specification=routes.specifications[line.product_id],
    )


def _lines(
    lines: Iterable[OpenLine],
    lots: Iterable[LiveLot],
    routes: Routes,
    pools: Pools,
    zero_at: datetime,
    forbidden: Mapping[UUID, tuple[str, ...]],
) -> tuple[p.Line, ...]:
    taken: defaultdict[UUID, int] = defaultdict(int)
    for lot in lots:
        if lot.frozen:
            # A signed placement is the doer's own line; what the giver has signed over is in its ledger already.
            taken[lot.own_line_id or lot.line_id] += lot.open_pieces
    barred = _barred(pools.firms)
    found = []
    for line in lines:
        pieces = line.pieces_left - taken[line.line_id]
        if pieces > 0:
            made = _line(line, pieces, routes, pools, barred[line.line_id], zero_at)
            found.append(replace(made, forbidden_machines=forbidden.get(line.line_id, ())))
    return tuple(found)


def _line(
    line: OpenLine,
    pieces: int,
    routes: Routes,
    pools: Pools,
    barred: Iterable[str],
    zero_at: datetime,
) -> p.Line:
    # A firm's own product is its secret: it is not placed elsewhere.
    consent = line.consent if line.product_is_standard else Consent.NEVER
    ceiling = line.fee_ceiling_cny_per_t
    firms = pools.firms
    return p.Line(
        key=_line_key(line),
        firm=line.firm_code,
        product=line.product_code,
        pieces=pieces,
        unit_mass_g=line.unit_mass_g,
        release_min=max(0, minutes_between(zero_at, line.release_at)) if line.release_at else 0,
        due_min=minutes_between(zero_at, line.due_at),
        routes=routes.routes[line.product_id],
        priority=line.priority,
        consent=_consent(consent),
        fee_ceiling_fen_per_t=None if ceiling is None else to_fen(ceiling),
        excluded_firms=tuple(sorted(firms[key].code for key in line.excluded_firm_ids if key in firms)),
        barred_firms=tuple(sorted(barred)),
        unable_firms=pools.unable(line.firm_id, line.product_id),
        split_cost_fen=SPLIT_COST_FEN,
    )


def _consent(value: str) -> p.Consent:
    if value == Consent.ALLOWED:
        return "allowed"
    return "ask" if value == Consent.ASK else "never"


def _barred(firms: Mapping[UUID, Firm]) -> defaultdict[UUID, set[str]]:
    barred: defaultdict[UUID, set[str]] = defaultdict(set)
    rows = Proposal.objects.filter(status__in=BARRING_STATUSES).values_list("line_id", "doer_id")
    for line_id, doer_id in rows:
        if doer_id in firms:
            barred[line_id].add(firms[doer_id].code)
    return barred


def _arrivals(firms: Mapping[UUID, Firm], zero_at: datetime, reserved: Reserved) -> tuple[p.MaterialArrival, ...]:
    found = []
    for row in arrivals_left(arrivals=stock_arrivals(zero_at=zero_at), reserved=reserved):
        if row.firm_id in firms and row.mass_g > 0:
            code = firms[row.firm_id].code
            key = f"{code}:{row.material_code}:{row.available_min}"
            found.append(p.MaterialArrival(key, code, row.material_code, row.available_min, row.mass_g))
    return tuple(found)


def _offers(
    offers: Iterable[PublishedOffer], lots: Iterable[LiveLot], plant: Plant, hours: MachineHours, zero_at: datetime
) -> tuple[p.Offer, ...]:
    used_min = _minutes_placed(lots)
    found = []
    for offer in offers:
        machines = sorted(plant.key_of[machine] for machine in offer.machine_ids if machine in plant.key_of)
        window = (max(0, minutes_between(zero_at, offer.starts_at)), minutes_between(zero_at, offer.ends_at))
        if not machines or window[0] >= window[1]:
            continue
        budget = None
        if offer.share_pct < 100:
            open_min = sum(plant.open_minutes(machine, window, hours) for machine in offer.machine_ids)
            budget = open_min * offer.share_pct // 100
            budget = max(0, budget - sum(used_min[offer.offer_id, machine] for machine in offer.machine_ids))
        found.append(
            p.Offer(
                key=_offer_key(offer, plant.firms),
                firm=plant.firms[offer.firm_id].code,
                machines=tuple(machines),
                window=window,
                fee_fen_per_t=to_fen(offer.fee_cny_per_t),
                least_lot_g=offer.least_lot_kg * 1000,
                machine_minutes=budget,
                accept="at_once" if offer.accept == "at_once" else "ask",
                material_from="giver" if offer.material_from == "giver" else "doer",
            )
        )
    return tuple(found)


def _minutes_placed(lots: Iterable[LiveLot]) -> defaultdict[tuple[UUID | None, UUID], int]:
    """By offer and machine: minutes from the zero on that earlier placements use, set-up not counted."""
    runs = {(lot.offer_id, run) for lot in lots if lot.offer_id is not None for run in lot.runs}
    found: defaultdict[tuple[UUID | None, UUID], int] = defaultdict(int)
    for offer_id, run in runs:
        found[offer_id, run.machine_id] += max(0, run.end_min - max(0, run.start_min + run.setup_min))
    return found


def _fixed_lots(
    lots: Iterable[LiveLot], plant: Plant, pools: Pools, key_of_line: Mapping[UUID, str]
) -> tuple[p.FixedLot, ...]:
    """Work that does not move. Lots are named by where their work begins: rows' keys differ from database to database,
    and lots of one line from several nights may bear one name. A run that several share stands with the first.
    """
    found = []
    told: set[UUID] = set()
    for lot in lots:
        if not lot.frozen:
            continue
        fixed = {
            run.run_id: p.FixedRun(
                plant.key_of[run.machine_id],
                run.start_min,
                _end_min(run),
                run.family_code,
                run.setup_min,
                pools.of_run(plant.rows[plant.key_of[run.machine_id]], run.process, lot.product_id),
            )
            for run in lot.runs
            if run.machine_id in plant.key_of and _end_min(run) > 0
        }
        first = min(fixed.values(), key=lambda run: (run.start_min, run.machine), default=None)
        runs = [run for run_id, run in fixed.items() if run_id not in told]
        told |= fixed.keys()
        place = f"{first.machine}:{first.start_min}" if first else plant.firms[lot.firm_id].code
        found.append(
            p.FixedLot(
                key=f"lot:{place}",
                line=key_of_line.get(lot.line_id, ""),
                firm=plant.firms[lot.firm_id].code,
                pieces=lot.open_pieces,
                runs=tuple(sorted(runs, key=lambda run: (run.machine, run.start_min))),
                finish_min=lot.finish_min,
                agreed_min=lot.finish_min,
            )
        )
    return _numbered(found)


def _end_min(run: LiveRun) -> int:
    """When the machine is free again. A run that should be over and is not reported so is taken to need an hour yet."""
    return max(run.end_min, OVERDUE_MIN) if run.status == RunStatus.STARTED else run.end_min


def _numbered(lots: Iterable[p.FixedLot]) -> tuple[p.FixedLot, ...]:
    """The lots sorted, with a number behind those that begin in the same run."""
    seen: defaultdict[str, int] = defaultdict(int)
    found = []
    for lot in sorted(lots, key=lambda lot: (lot.key, lot.line, lot.finish_min, lot.pieces, astuple(lot))):
        seen[lot.key] += 1
        found.append(replace(lot, key=f"{lot.key}:{seen[lot.key]}"))
    return tuple(found)


def _previous(lots: Iterable[LiveLot], plant: Plant, key_of_line: Mapping[UUID, str]) -> tuple[p.PreviousRun, ...]:
    found = {
        p.PreviousRun(key_of_line[lot.line_id], run.process, plant.key_of[run.machine_id], run.start_min)
        for lot in lots
        if not lot.frozen and lot.line_id in key_of_line
        for run in lot.runs
        if run.machine_id in plant.key_of
    }
    return tuple(sorted(found, key=lambda run: (run.line, run.process, run.machine, run.start_min)))
