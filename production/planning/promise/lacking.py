"""Why nothing can be promised in house, as a code of `explain` with its data."""

from dataclasses import dataclass

from production.planning.problem import Line
from production.planning.promise.board import PlanBoard
from production.planning.promise.stock import free_arrivals
from production.planning.schedule import Data


@dataclass(frozen=True, slots=True)
class Lacking:
    """`code`: no_route, no_machine, pool_missing, material_missing or horizon. `data`: as in a plan's reasons."""

    code: str
    data: Data = ()


def lacking(plan: PlanBoard, line: Line) -> Lacking:
    """The nearest reason why the line has no place at home."""
    if not line.routes:
        return Lacking("no_route")
    paths = plan.plant.home_paths(line)
    if not paths:
        return _no_machine(plan, line)
    free: dict[str, int] = {}
    for arrival in free_arrivals(plan.problem.arrivals, plan.takes):
        if arrival.firm == line.firm:
            free[arrival.material] = free.get(arrival.material, 0) + arrival.grams
    able = {path.route for path in paths}
    shortages = [
        _shortage({name: grams for step in route.steps for name, grams in step.materials}, free, line.pieces)
        for route in line.routes
        if route.key in able
    ]
    short = shortages[0]
    if short is None or any(item is None for item in shortages):
        return Lacking("horizon", (("horizon_min", plan.problem.horizon_min),))
    return Lacking("material_missing", (("material", short[0]), ("short_g", short[1])))


def _no_machine(plan: PlanBoard, line: Line) -> Lacking:
    for step in line.routes[0].steps:
        if not plan.plant.workers(line.firm, step):
            short = plan.plant.short_of(line.firm, step)
            if short is not None:
                return Lacking("pool_missing", (("pool", short),))
            classes = " ".join(sorted(mode.machine_class for mode in step.modes))
            return Lacking("no_machine", (("process", step.process), ("classes", classes)))
    return Lacking("no_machine")


def _shortage(needs: dict[str, int], free: dict[str, int], pieces: int) -> tuple[str, int] | None:
    """(material, grams that are missing) of the one that is shortest; None when nothing is."""
    short = [(grams * pieces - free.get(name, 0), name) for name, grams in sorted(needs.items())]
    grams, name = max(short, default=(0, ""))
    return (name, grams) if grams > 0 else None
