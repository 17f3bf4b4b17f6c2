"""The least that must be made away from home, if no order is to be late: a linear program without any waiting.

It lets an order be divided, formed and cut at once from the first minute on, and interrupted at will; what is due
until the end of a day must then fit into the hours that the machines of a firm and kind are open until there. Every
plan without lateness is a solution, so its least is a bound. Without a solution some order is late in every plan, and
nothing is said. Nothing is said of lateness either: the same program finds none where plans have thousands of hours.
"""

from collections import defaultdict

from production.planning.engine.linear import LinearProgram
from production.planning.park.instance import CUTTING, Park
from production.planning.park.verify import open_hours

DAY_H = 24
MOST_DAYS = 400
CAUTION = 1e-6
"""The part by which the program's answer is lessened: its sums are rounded."""

Group = tuple[str, str]
"""A firm and a kind of machine."""


def outsourced_bound_t(park: Park) -> float | None:
    """Tonnes made away from home in every plan without lateness; None when there may be no such plan."""
    power: dict[Group, float] = defaultdict(float)
    fastest: dict[Group, float] = defaultdict(float)
    for machine in park.machines:
        group = (machine.firm, machine.kind)
        power[group] += machine.efficiency
        fastest[group] = max(fastest[group], machine.efficiency)
    families = {family.key: family for family in park.families}
    length_h = DAY_H * max(1, int(max((order.due_h for order in park.orders), default=0.0) / DAY_H) // MOST_DAYS)
    classes: dict[tuple[str, int, int], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for order in park.orders:
        family = families[order.family]
        able = [firm for firm in family.firms if power[firm, family.kind] > 0 and power[firm, CUTTING] > 0]
        if not able:
            return None
        cut_h = family.cut_h_t * order.tonnes / max(fastest[firm, CUTTING] for firm in able)
        formed_h = order.due_h - family.cool_h - cut_h
        if formed_h < 0:
            return None
        classes[order.family, int(formed_h // length_h), int(order.due_h // length_h)][order.home] += order.tonnes
    program = LinearProgram()
    work: dict[Group, dict[int, tuple[list[int], list[float]]]] = defaultdict(dict)
    for (key, formed, cut), homes in classes.items():
        family = families[key]
        everywhere: list[int] = []
        for firm in family.firms:
            if power[firm, family.kind] == 0 or power[firm, CUTTING] == 0:
                continue
            here = [program.variable(1.0)]
            if firm in homes:
                here.append(program.variable(0.0, homes[firm]))
            everywhere += here
            for kind, day, rate in ((family.kind, formed, family.form_h_t), (CUTTING, cut, family.cut_h_t)):
                variables, factors = work[firm, kind].setdefault(day, ([], []))
                variables += here
                factors += [rate] * len(here)
        tonnes = sum(homes.values())
        program.row(tonnes, tonnes, everywhere, [1.0] * len(everywhere))
    calendars = {firm.key: firm.calendar for firm in park.firms}
    for group, days in sorted(work.items()):
        before: list[int] = []
        for day, (variables, factors) in sorted(days.items()):
            done = program.variable(0.0, power[group] * open_hours(calendars[group[0]], (day + 1) * length_h))
            program.row(0.0, 0.0, [done, *before, *variables], [1.0, *[-1.0] * len(before), *[-one for one in factors]])
            before = [done]
    least = program.solve()
    return None if least is None else max(0.0, least * (1 - CAUTION) - CAUTION)
