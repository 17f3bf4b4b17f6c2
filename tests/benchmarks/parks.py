"""Parks to plan, by a seed: competing firms, their machines and what is ordered from them. All of it is invented.

    python -m tests.benchmarks.parks --orders 1000 --load 0.70 --seed 1 > park.json

A firm works one of three calendars and has presses or extruders, some both, and mills. A family is formed on one of
the two kinds, cools, and is cut on a mill; three to six firms can make it, and more where a firm would have nothing to
make. An order is of one family, has a home firm and a size; some homes are asked for far more often than others.
Orders are due until the day on which machines at `load` of their hours would have done all the work. The JSON's fields
are those of `production/planning/park`.

Others generate these parks too, to compare planners: what is drawn, and in which order, is the format of the benchmark,
so that the same arguments give the same park everywhere.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from typing import Any

Row = dict[str, Any]

HOURS_A_DAY = {"24x7": 24.0, "6x24": 24 * 6 / 7, "6x16": 16 * 6 / 7}
SHARES = (2, 5, 3)
EFFICIENCIES = (0.8, 0.9, 1.0, 1.0, 1.1, 1.2)
PRIORITIES = (1, 2, 2, 2, 2)
FAMILIES = 24
SKEW = 0.5
LARGER = ((100, 10), (1000, 5))
"""Up to so many orders, they are so many times larger."""


def generate_park(*, orders: int, load: float = 0.70, seed: int = 1, firms: int = 30, least_days: float = 10) -> Row:
    """A park as data for JSON. The same arguments give the same park."""
    chance = random.Random(seed)
    makers: list[Row] = []
    machines: list[Row] = []
    for number in range(firms):
        maker = {"id": f"F{number:02d}", "calendar": chance.choices(tuple(HOURS_A_DAY), SHARES)[0]}
        makers.append(maker)
        machines += _machines(chance, number, maker["id"])
    families = _families(chance, makers, machines)
    wanted = _orders(chance, families, orders)
    calendars = {maker["id"]: maker["calendar"] for maker in makers}
    a_day = sum(machine["eff"] * HOURS_A_DAY[calendars[machine["firm"]]] for machine in machines)
    by_key = {family["id"]: family for family in families}
    work_h = sum(order["tonnes"] * _rate(by_key[order["family"]]) for order in wanted)
    days = max(least_days, work_h / (load * a_day))
    for order in wanted:
        family = by_key[order["family"]]
        lead_h = order["tonnes"] * _rate(family) / 0.9 + family["cool_h"]
        lead_days = lead_h / HOURS_A_DAY[calendars[order["home"]]]
        order["due_h"] = round(24 * max(1.3 * lead_days + 0.5, chance.uniform(0.05, 1.0) * days), 1)
    return {
        "horizon_days": round(days, 2),
        "firms": makers,
        "machines": machines,
        "families": families,
        "orders": wanted,
    }


def _machines(chance: random.Random, number: int, firm: str) -> list[Row]:
    """Every third firm extrudes, the others press; every fifth does some of both."""
    many = chance.randint(5, 9)
    is_extruder = number % 3 == 0
    kinds = ["extruder"] * max(2, many - 3) if is_extruder else ["press"] * many
    kinds += ["mill"] * chance.randint(2, 4)
    if number % 5 == 0:
        kinds += ["press"] * 3 if is_extruder else ["extruder"] * 2
    return [
        {"id": f"{firm}-{kind}{place:02d}", "firm": firm, "kind": kind, "eff": chance.choice(EFFICIENCIES)}
        for place, kind in enumerate(kinds)
    ]


def _families(chance: random.Random, makers: list[Row], machines: list[Row]) -> list[Row]:
    there = {(machine["firm"], machine["kind"]) for machine in machines}
    families: list[Row] = []
    for number in range(FAMILIES):
        kind = "extruder" if number % 4 == 0 else "press"
        able = [maker["id"] for maker in makers if (maker["id"], kind) in there]
        families.append(
            {
                "id": f"P{number:02d}",
                "kind": kind,
                "firms": sorted(chance.sample(able, min(len(able), chance.randint(3, 6)))),
                "form_h_t": round(chance.uniform(12, 30), 1),
                "cool_h": chance.choice([4, 8, 12]),
                "cut_h_t": round(chance.uniform(3, 9), 1),
            }
        )
    busy = {firm for family in families for firm in family["firms"]}
    for maker in makers:
        if maker["id"] not in busy:
            fitting = next((family for family in families if (maker["id"], family["kind"]) in there), None)
            if fitting is not None:
                fitting["firms"] = sorted([*fitting["firms"], maker["id"]])
    return families


def _orders(chance: random.Random, families: list[Row], many: int) -> list[Row]:
    pairs = [(family["id"], firm) for family in families for firm in family["firms"]]
    chance.shuffle(pairs)
    weights = [1 / (place + 1) ** SKEW for place in range(len(pairs))]
    scale = next((factor for most, factor in LARGER if many <= most), 1)
    orders = []
    for number in range(many):
        family, home = chance.choices(pairs, weights)[0]
        tonnes = round(min(2.5, max(0.05, chance.lognormvariate(-0.9, 0.8))) * scale, 2)
        priority = chance.choice(PRIORITIES)
        orders.append({"id": f"O{number:05d}", "family": family, "home": home, "tonnes": tonnes, "priority": priority})
    return orders


def _rate(family: Row) -> float:
    rate: float = family["form_h_t"] + family["cut_h_t"]
    return rate


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--orders", type=int, default=1000)
    parser.add_argument("--load", type=float, default=0.70)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--firms", type=int, default=30)
    options = parser.parse_args()
    park = generate_park(orders=options.orders, load=options.load, seed=options.seed, firms=options.firms)
    json.dump(park, sys.stdout)


if __name__ == "__main__":
    main()
