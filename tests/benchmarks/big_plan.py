"""A live plan of a given size, for benchmarks: fictional firms, machines, and runs one after the other."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Model

from mes.catalog.models import ChangeoverFamily, Grade, MachineClass, Product
from mes.firms.models import Firm
from orders.sales.models import SalesOrder, SalesOrderLine
from production.machines.models import CalendarRule, Downtime, Machine, Shift, ShiftPattern
from production.plans.models import MachineRun, PlannedLot, PlanRun, RunPart
from tests.database import as_owner

CLASSES = (
    ("PRESS-M", "press"), ("PRESS-L", "press"), ("PRESS-S", "press"), ("EXT-SHEET", "extruder"), ("RAM-ROD", "ram"),
    ("GANTRY-MILL", "mill"), ("CNC-ROUTER", "router"), ("SAW", "saw"), ("MIXER", "mixer"), ("OVEN", "oven"),
)  # fmt: skip
PROCESSES = {
    "press": "PRESS", "extruder": "EXTRUDE", "ram": "RAM", "mill": "MILL", "router": "ROUTE", "saw": "SAW",
    "mixer": "MIX", "oven": "ANNEAL",
}  # fmt: skip
COLOURS = ("natural", "white", "black", "green", "blue")
LINES_PER_RUN = 3
STATUSES = ("started", "confirmed", "approved", "proposed", "proposed", "proposed", "proposed")


@dataclass(frozen=True)
class Size:
    firms: int = 32
    machines: int = 500
    runs: int = 5000
    days: int = 14


def big_plan(*, size: Size, starts_at: datetime, seed: int = 1) -> None:
    """Writes the plan as the owner, from `starts_at` on. Half of the firms work by day only."""
    rng = random.Random(seed)
    with as_owner():
        firms = _made(
            Firm(code=f"F{n:02}", name_zh=f"测试企业{n:02}", name_en=f"Firm {n:02}") for n in range(size.firms)
        )
        classes = _made(MachineClass(code=code, kind=kind, name_zh=code) for code, kind in CLASSES)
        _made(
            ChangeoverFamily(code=f"U/{colour}/30", grade_family="U", colour=colour, thickness_mm=30)
            for colour in COLOURS
        )
        _hours(firms)
        machines = _made(
            Machine(firm=firms[n % size.firms], code=f"M{n:03}", machine_class=classes[n % len(classes)])
            for n in range(size.machines)
        )
        for machine in machines[::20]:
            Downtime.objects.create(
                firm=machine.firm, machine=machine, starts_at=starts_at, ends_at=starts_at + timedelta(hours=5)
            )
        lines = _lines(firms, size.runs // LINES_PER_RUN, starts_at, size.days, rng)
        _runs(machines, lines, size, starts_at, rng)


def _made(rows: object) -> list:
    made = list(rows)  # type: ignore[call-overload]
    model: type[Model] = type(made[0])
    return model._base_manager.bulk_create(made, 1000)


def _hours(firms: list[Firm]) -> None:
    always, by_day = ShiftPattern.objects.create(code="24H"), ShiftPattern.objects.create(code="2x8")
    Shift.objects.create(pattern=always, start_min=0, end_min=1440)
    Shift.objects.create(pattern=by_day, start_min=360, end_min=1320)
    for number, firm in enumerate(firms):
        rest = number % 2
        CalendarRule.objects.create(
            firm=firm,
            pattern=by_day if rest else always,
            weekdays="123456" if rest else "1234567",
            keeps_holidays=bool(rest),
            keeps_closure=bool(rest),
        )


def _lines(firms: list[Firm], count: int, starts_at: datetime, days: int, rng: random.Random) -> list[SalesOrderLine]:
    grade = Grade.objects.create(code="U", name_zh="U", family="U")
    products = _made(
        Product(
            code=f"PANEL-{colour.upper()}", name_zh=f"板材 {colour}", name_en=f"Panel {colour}", form="panel",
            length_mm=2000, width_mm=1000, thickness_mm=30, unit_mass_g=56_000, grade=grade, colour=colour,
        )
        for colour in COLOURS
    )  # fmt: skip
    orders = _made(
        SalesOrder(
            firm=firms[n % len(firms)], number=f"SO-{n:05}", status="planned", ordered_on=starts_at.date(),
            origin="outsourced" if n % 10 == 0 else "own",
        )
        for n in range(count)
    )  # fmt: skip
    return _made(
        SalesOrderLine(
            firm=order.firm, order=order, number=1, product=rng.choice(products), pieces=rng.randint(20, 2000),
            due_at=starts_at + timedelta(hours=rng.randint(12, days * 24)),
            plan_state="late" if rng.random() < 0.08 else "on_time",
        )
        for order in orders
    )  # fmt: skip


def _runs(
    machines: list[Machine], lines: list[SalesOrderLine], size: Size, starts_at: datetime, rng: random.Random
) -> None:
    plan = PlanRun.objects.create(state="published", zero_at=starts_at)
    lines_of: dict[UUID, list[SalesOrderLine]] = {}
    for line in lines:
        lines_of.setdefault(line.firm_id, []).append(line)
    each = size.runs // size.machines
    slot = timedelta(days=size.days) / each
    runs: list[MachineRun] = []
    carried: list[list[SalesOrderLine]] = []
    for number, machine in enumerate(machines):
        for turn in range(each + (1 if number < size.runs % size.machines else 0)):
            begins = starts_at + turn * slot / (1 + 1 / each)
            ends = begins + slot * rng.uniform(0.3, 0.85)
            runs.append(_run(plan, machine, begins, ends, turn, rng))
            carried.append(rng.sample(lines_of[machine.firm_id], rng.choice((1, 1, 1, 2, 3))))
    _made(runs)
    loads = [(run, line) for run, its in zip(runs, carried, strict=True) for line in its]
    lots = _made(
        PlannedLot(
            firm=run.firm, plan_run=plan, line=line, key=f"lot {n}", routing_variant="A", pieces=run.pieces,
            finish_at=run.period.upper,
        )
        for n, (run, line) in enumerate(loads)
    )  # fmt: skip
    _made(
        RunPart(
            firm=run.firm, run=run, lot=lot, step=0, first_batch=0, batches=1, pieces=run.pieces,
            is_last_step=rng.random() < 0.3,
        )
        for (run, _line), lot in zip(loads, lots, strict=True)
    )  # fmt: skip


def _run(
    plan: PlanRun, machine: Machine, begins: datetime, ends: datetime, turn: int, rng: random.Random
) -> MachineRun:
    return MachineRun(
        firm=machine.firm,
        machine=machine,
        plan_run=plan,
        key=f"{machine.code}:{turn}",
        process=PROCESSES[machine.machine_class.kind],
        family_code=f"U/{rng.choice(COLOURS)}/30",
        period=DateTimeTZRange(begins, ends, "[)"),
        work_starts_at=begins + timedelta(minutes=rng.choice((0, 20, 60, 120))),
        pieces=rng.randint(5, 400),
        status=STATUSES[min(turn, len(STATUSES) - 1)] if turn < 2 else rng.choice(STATUSES),
    )
