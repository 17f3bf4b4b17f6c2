"""The least that must be made away from home, if no order is to be late: a linear program without any waiting.

It lets an order be divided, formed and cut at once from the first minute on, and interrupted at will; what is due
until the end of a day must then fit into the hours that the machines of a firm and kind are open until there. Every
plan without lateness is a solution, so its least is a bound. Without a solution some order is late in every plan, and
nothing is said. Nothing is said of lateness either: the same program finds none where plans have thousands of hours.
"""

from collections import defaultdict

from production.planning.engine.linear import LinearProgram
from production.planning.park.instance import CUTTING, Family, Order, Park
from production.planning.park.verify import open_hours

DAY_H = 24
MOST_DAYS = 400
CAUTION = 1e-6
"""The part by which the program's answer is lessened: its sums are rounded."""

Group = tuple[str, str]
"""A firm and a kind of machine."""


def outsourced_bound_t(park: Park) -> float | None:
    """Tonnes made away from home in every plan without lateness; None when there may be no such plan."""
    return _Relaxation(park).least_t()


class _Relaxation:
    """The linear program of one park."""

    def __init__(self, park: Park) -> None:
        self.families = {family.key: family for family in park.families}
        self.calendars = {firm.key: firm.calendar for firm in park.firms}
        self.orders = park.orders
        self.power: dict[Group, float] = defaultdict(float)
        self.fastest: dict[Group, float] = defaultdict(float)
        for machine in park.machines:
            group = (machine.firm, machine.kind)
            self.power[group] += machine.efficiency
            self.fastest[group] = max(self.fastest[group], machine.efficiency)
        last_h = max((order.due_h for order in park.orders), default=0.0)
        self.length_h = DAY_H * max(1, int(last_h / DAY_H) // MOST_DAYS)
        self.program = LinearProgram()
        self.work: dict[Group, dict[int, tuple[list[int], list[float]]]] = defaultdict(dict)

    def least_t(self) -> float | None:
        """The program's answer."""
        classes: dict[tuple[str, int, int], dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for order in self.orders:
            days = self._due_days(order)
            if days is None:
                return None
            classes[order.family, *days][order.home] += order.tonnes
        for (key, formed, cut), homes in classes.items():
            self._demand(self.families[key], formed, cut, homes)
        self._hours()
        least = self.program.solve()
        return None if least is None else max(0.0, least * (1 - CAUTION) - CAUTION)

    def _able(self, family: Family) -> list[str]:
        """Firms with machines for both steps."""
        return [firm for firm in family.firms if self.power[firm, family.kind] > 0 and self.power[firm, CUTTING] > 0]

    def _due_days(self, order: Order) -> tuple[int, int] | None:
        """The days by whose end it must be formed and cut; None when no firm can have it in time."""
        family = self.families[order.family]
        able = self._able(family)
        if not able:
            return None
        cut_h = family.cut_h_t * order.tonnes / max(self.fastest[firm, CUTTING] for firm in able)
        formed_h = order.due_h - family.cool_h - cut_h
        return (int(formed_h // self.length_h), int(order.due_h // self.length_h)) if formed_h >= 0 else None

    def _demand(self, family: Family, formed: int, cut: int, homes: dict[str, float]) -> None:
        """Tonnes due together, divided among the firms that can; `homes` have so many of their own."""
        everywhere: list[int] = []
        for firm in self._able(family):
            here = [self.program.variable(1.0)]
            if firm in homes:
                here.append(self.program.variable(0.0, homes[firm]))
            everywhere += here
            for kind, day, rate in ((family.kind, formed, family.form_h_t), (CUTTING, cut, family.cut_h_t)):
                variables, factors = self.work[firm, kind].setdefault(day, ([], []))
                variables += here
                factors += [-rate] * len(here)
        tonnes = sum(homes.values())
        self.program.row(tonnes, tonnes, everywhere, [1.0] * len(everywhere))

    def _hours(self) -> None:
        """What must be done until a day fits into the open hours until its end."""
        for group, days in sorted(self.work.items()):
            before: list[int] = []
            for day, (variables, factors) in sorted(days.items()):
                open_h = self.power[group] * open_hours(self.calendars[group[0]], (day + 1) * self.length_h)
                done = self.program.variable(0.0, open_h)
                signs = [1.0] + [-1.0] * len(before)
                self.program.row(0.0, 0.0, [done, *before, *variables], signs + factors)
                before = [done]
