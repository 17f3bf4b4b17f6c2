"""Whether the model leaves out no plan that is better: only then is what CP-SAT proves a truth about the problem."""

from production.planning.exact.jobs import Shop
from production.planning.problem import Line, Problem
from production.planning.search.hours import Law


def is_whole_truth(problem: Problem, shop: Shop) -> bool:
    """Lots, batches and shared loads could make no plan less late than the model knows.

    Every line is one piece along one route, no load takes two, nothing is set up before each run and minutes are whole:
    then a run that orders share is no shorter than one for each. Pools, pins and sequences are judged by the run, so
    with any of them nothing is claimed. All that the model tells kindly only makes it a weaker proof.
    """
    if problem.pins or problem.sequences or not shop.is_every_place:
        return False
    placed = [bundle.line.key for bundle in shop.bundles]
    if sorted(placed) != sorted(line.key for line in problem.lines if line.pieces > 0):
        return False
    if not all(_is_plain(bundle.line) for bundle in shop.bundles):
        return False
    return all(_is_even(Law(option.mode, option.machine)) for job in shop.jobs() for option in job.options)


def _is_plain(line: Line) -> bool:
    return line.pieces == 1 and len(line.routes) == 1 and not any(step.pool_needs for step in line.routes[0].steps)


def _is_even(law: Law) -> bool:
    return law.per == 1 and law.setup == 0 and law.num % law.den == 0
