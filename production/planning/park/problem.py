"""A park as a Problem: an order is a line of one piece, and working elsewhere costs by the tonne."""

import math

from production.planning.park.instance import CUTTING, Family, Order, Park
from production.planning.problem import (
    Calendar,
    Firm,
    Line,
    Machine,
    Mode,
    Offer,
    Period,
    Problem,
    Route,
    Step,
    Transport,
    Wait,
)

DAY_MIN = 1440
FEN_PER_T = 100_000
SPARE_DAYS = 60
OUTSIDE = ""
"""A firm without machines: the home of an order that its own firm cannot make."""

CLOSED_FACTOR = 1.75
"""Hours of the calendar that closes most, for each hour in which it is open."""


def park_problem(park: Park) -> Problem:
    """The Problem; its cost tier counts tonnes made away from home, FEN_PER_T for each."""
    days = _horizon_days(park)
    horizon_min = days * DAY_MIN
    firms = [firm.key for firm in park.firms]
    calendars = {firm.key: firm.calendar for firm in park.firms}
    families = {family.key: family for family in park.families}
    places = firms if all(order.home in families[order.family].firms for order in park.orders) else [OUTSIDE, *firms]
    shut = {key: tuple(firm for firm in firms if firm not in set(family.firms)) for key, family in families.items()}
    forming: dict[str, list[str]] = {}
    for machine in park.machines:
        if machine.kind != CUTTING:
            forming.setdefault(machine.firm, []).append(machine.key)
    return Problem(
        horizon_min=horizon_min,
        calendars=tuple(Calendar(kind, _open_periods(kind, days)) for kind in sorted(set(calendars.values()))),
        firms=tuple(Firm(firm, calendars.get(firm, park.firms[0].calendar)) for firm in places),
        machines=tuple(
            Machine(row.key, row.firm, row.kind, calendars[row.firm], max(1, round(row.efficiency * 1000)))
            for row in park.machines
        ),
        lines=tuple(_line(order, families[order.family], shut[order.family]) for order in park.orders),
        transports=tuple(
            Transport(here, there, 0, 0, 1_000_000_000_000) for here in firms for there in places if here != there
        ),
        offers=tuple(
            Offer(firm, firm, tuple(forming[firm]), (0, horizon_min), FEN_PER_T) for firm in firms if firm in forming
        ),
    )


def _horizon_days(park: Park) -> int:
    """Far enough for all orders one after the other on the slowest machine."""
    families = {family.key: family for family in park.families}
    hours = sum(
        (families[order.family].form_h_t + families[order.family].cut_h_t) * order.tonnes for order in park.orders
    )
    slowest = min((machine.efficiency for machine in park.machines), default=1.0)
    due_h = max((order.due_h for order in park.orders), default=0.0)
    cool_h = max((family.cool_h for family in park.families), default=0.0)
    return math.ceil((max(0.0, due_h) + cool_h + CLOSED_FACTOR * hours / slowest) / 24) + SPARE_DAYS


def _open_periods(kind: str, days: int) -> tuple[Period, ...]:
    if kind == "24x7":
        return ((0, days * DAY_MIN),)
    first, last = (0, DAY_MIN) if kind == "6x24" else (360, 1320)
    return tuple((day * DAY_MIN + first, day * DAY_MIN + last) for day in range(days) if day % 7 != 6)


def _line(order: Order, family: Family, shut: tuple[str, ...]) -> Line:
    form = Mode(family.kind, "rate", piece_s=max(1, round(family.form_h_t * order.tonnes * 3600)))
    cut = Mode(CUTTING, "rate", piece_s=max(1, round(family.cut_h_t * order.tonnes * 3600)))
    cool = Wait("cool", fixed_min=math.ceil(round(family.cool_h * 60, 6)))
    return Line(
        key=order.key,
        firm=order.home if order.home in family.firms else OUTSIDE,
        product=order.family,
        pieces=1,
        unit_mass_g=max(1, round(order.tonnes * 1_000_000)),
        release_min=0,
        due_min=math.floor(round(order.due_h * 60, 6)),
        routes=(Route("form", (Step("form", (form,), forming=True, waits=(cool,)), Step("cut", (cut,)))),),
        late_fixed_min=0,
        consent="allowed",
        excluded_firms=shut,
    )
