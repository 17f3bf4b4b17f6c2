"""The benchmark's parks: whole orders, formed and cut on machines of one firm, made by the home firm or another."""

from __future__ import annotations

import math
from typing import Any

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

DAY = 1440
FEE_FEN_PER_T = 100_000
SPARE_DAYS = 60


def park_problem(data: dict[str, Any]) -> Problem:
    """A Problem from the generator's JSON.

    An order is one piece: it is not split. Working elsewhere costs by the tonne, so the cost tier counts tonnes.
    """
    horizon_min = (math.ceil(max(order["due_h"] for order in data["orders"]) / 24) * 2 + SPARE_DAYS) * DAY
    firms = [firm["id"] for firm in data["firms"]]
    kinds = {firm["id"]: firm["calendar"] for firm in data["firms"]}
    families = {family["id"]: family for family in data["families"]}
    forming = {family["kind"] for family in data["families"]}
    elsewhere = {key: tuple(firm for firm in firms if firm not in family["firms"]) for key, family in families.items()}
    return Problem(
        horizon_min=horizon_min,
        calendars=tuple(
            Calendar(kind, _open_periods(kind, horizon_min // DAY)) for kind in sorted(set(kinds.values()))
        ),
        firms=tuple(Firm(firm, kinds[firm]) for firm in firms),
        machines=tuple(
            Machine(row["id"], row["firm"], row["kind"], kinds[row["firm"]], round(row["eff"] * 1000))
            for row in data["machines"]
        ),
        lines=tuple(_line(order, families[order["family"]], elsewhere[order["family"]]) for order in data["orders"]),
        transports=tuple(
            Transport(here, there, 0, 0, 1_000_000_000) for here in firms for there in firms if here != there
        ),
        offers=tuple(
            Offer(firm, firm, machines, (0, horizon_min), FEE_FEN_PER_T)
            for firm in firms
            if (
                machines := tuple(
                    row["id"] for row in data["machines"] if row["firm"] == firm and row["kind"] in forming
                )
            )
        ),
    )


def _open_periods(kind: str, days: int) -> tuple[Period, ...]:
    if kind == "24x7":
        return ((0, days * DAY),)
    first, last = (0, DAY) if kind == "6x24" else (360, 1320)
    return tuple((day * DAY + first, day * DAY + last) for day in range(days) if day % 7 != 6)


def _line(order: dict[str, Any], family: dict[str, Any], elsewhere: tuple[str, ...]) -> Line:
    tonnes = order["tonnes"]
    form = Mode(family["kind"], "rate", piece_s=max(1, round(family["form_h_t"] * tonnes * 3600)))
    cut = Mode("mill", "rate", piece_s=max(1, round(family["cut_h_t"] * tonnes * 3600)))
    cool = Wait("cool", fixed_min=round(family["cool_h"] * 60))
    return Line(
        key=order["id"],
        firm=order["home"],
        product=order["family"],
        pieces=1,
        unit_mass_g=round(tonnes * 1_000_000),
        release_min=0,
        due_min=round(order["due_h"] * 60),
        routes=(Route("form", (Step("form", (form,), forming=True, waits=(cool,)), Step("cut", (cut,)))),),
        late_fixed_min=0,
        consent="allowed",
        excluded_firms=elsewhere,
    )
