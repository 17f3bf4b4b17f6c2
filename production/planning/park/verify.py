"""The judge of a park's plan. It shares nothing with the search but the shapes, and reads the hours in its own way."""

from collections.abc import Iterator

from production.planning.park.instance import CUTTING, Family, Order, Park, Tool
from production.planning.park.plan import Making, Plan, Task

TOLERANCE_H = 0.02
"""Times are rounded: so much is forgiven in every comparison of hours."""

Violation = tuple[str, str, str]
"""(rule, order or machine, what is wrong)."""


def open_hours(calendar: str, at_h: float) -> float:
    """Hours that a firm with this calendar works from Monday's midnight until `at_h`."""
    if calendar == "24x7":
        return at_h
    first, last = (0, 24) if calendar == "6x24" else (6, 22)
    days, hour = divmod(at_h, 24)
    weeks, weekday = divmod(int(days), 7)
    today = min(max(hour - first, 0.0), last - first) if weekday < 6 else 0.0
    return (weeks * 6 + min(weekday, 6)) * (last - first) + today


def verify(park: Park, plan: Plan) -> list[Violation]:
    """All broken rules, sorted. An order without a place breaks one."""
    return sorted({*_of_orders(park, plan), *_of_machines(park, plan)})


def figures(park: Park, plan: Plan) -> dict[str, float]:
    """What a plan is worth: lateness in hours, orders late and on time, what is made away from home."""
    late = [hours for order in park.orders if (hours := _late_h(plan.get(order.key), order)) > TOLERANCE_H]
    away = [order for order in park.orders if order.key in plan and plan[order.key].firm != order.home]
    planned = sum(order.key in plan for order in park.orders)
    many = max(1, len(park.orders))
    return {
        "orders": len(park.orders),
        "on_time_pct": round(100 * (planned - len(late)) / many, 2),
        "late_orders": len(late),
        "lateness_h": round(sum(late), 1),
        "outsourced_pct": round(100 * len(away) / many, 1),
        "outsourced_t": round(sum(order.tonnes for order in away), 2),
    }


def _late_h(making: Making | None, order: Order) -> float:
    return max(0.0, making.cut.end_h - order.due_h) if making is not None else 0.0


def _of_orders(park: Park, plan: Plan) -> Iterator[Violation]:
    families = {family.key: family for family in park.families}
    machines = {machine.key: machine for machine in park.machines}
    calendars = {firm.key: firm.calendar for firm in park.firms}
    for key in plan.keys() - {order.key for order in park.orders}:
        yield "unknown", key, "is no order of the park"
    for order in park.orders:
        making = plan.get(order.key)
        family = families[order.family]
        if making is None:
            yield "unplanned", order.key, "has no place"
            continue
        if making.firm not in family.firms:
            yield "firm", order.key, f"{making.firm} cannot make {family.key}"
        for step, task, kind, rate in (
            ("form", making.form, family.kind, family.form_h_t),
            ("cut", making.cut, CUTTING, family.cut_h_t),
        ):
            machine = machines.get(task.machine)
            if machine is None or machine.firm != making.firm or machine.kind != kind:
                yield "machine", order.key, f"{step}: {task.machine} is no {kind} of {making.firm}"
            else:
                yield from _of_task(
                    order, step, task, rate * order.tonnes / machine.efficiency, calendars[machine.firm]
                )
        yield from _of_steps(order, family, making)


def _of_task(order: Order, step: str, task: Task, needed_h: float, calendar: str) -> Iterator[Violation]:
    if task.start_h < 0:
        yield "start", order.key, f"{step} starts before the plan does"
        return
    worked_h = open_hours(calendar, task.end_h) - open_hours(calendar, task.start_h)
    if abs(worked_h - needed_h) > TOLERANCE_H:
        yield "work", order.key, f"{step} works {worked_h:.2f} h, {needed_h:.2f} h are needed"


def _of_steps(order: Order, family: Family, making: Making) -> Iterator[Violation]:
    if making.cut.start_h + TOLERANCE_H < making.form.end_h + family.cool_h:
        yield "order", order.key, "is cut before it has cooled"


def _of_machines(park: Park, plan: Plan) -> Iterator[Violation]:
    work: dict[str, list[tuple[float, float, str]]] = {}
    for key, making in plan.items():
        for task in (making.form, making.cut):
            work.setdefault(task.machine, []).append((task.start_h, task.end_h, key))
    known: dict[str, Tool] = {machine.key: machine for machine in park.machines}
    for machine in sorted(work.keys() & known.keys()):
        until, before = float("-inf"), ""
        for start, end, key in sorted(work[machine]):
            if start + TOLERANCE_H < until:
                yield "overlap", machine, f"{key} starts at {start:g} h, {before} ends at {until:g} h"
            if end > until:
                until, before = end, key
