"""Where a plan is cut: firms that share work into clusters, and time into windows."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from production.planning.kernel.generator import draw, generator_state
from production.planning.problem import Period, Problem
from production.planning.schedule import Schedule

PLACED_WEIGHT = 8
"""A lot that one firm makes for another ties them as much as so many lines that could be made there."""

SHAKE = 8
"""From the second round on, a tie counts up to so many times as much, by chance, so that other firms come together."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """No cluster of several firms has more order lines than `cluster_lines`; a cluster has so many windows that each
    has about `window_lines` of its lines. Few lines lie in one window, so only what is too large is cut in time.
    """

    cluster_lines: int = 240
    window_lines: int = 480


SIZES = Sizes()


@dataclass(frozen=True, slots=True)
class Cut:
    """Lines that may be planned anew together: at these firms, inside this window."""

    key: str
    firms: frozenset[str]
    window: Period
    lines: frozenset[str]


def cuts(problem: Problem, schedule: Schedule, *, number: int, seed: int, sizes: Sizes = SIZES) -> list[Cut]:
    """The pieces of a round, in the order of their keys. No two share a firm and a minute, nor a line.

    A line is inside when all its lots are made at the firms of one cluster, all their runs lie in one window, and no
    sequence of the planner's hand names it. Of neighbouring windows one is taken, the other in the next round.
    """
    spans = _Spans(problem, schedule)
    found = []
    for place, firms in enumerate(clusters(problem, schedule, number=number, seed=seed, sizes=sizes)):
        windows = _windows(problem.horizon_min, spans.middles(firms), number, sizes)
        for turn, window in enumerate(windows):
            is_taken = len(windows) == 1 or (turn + number) % 2 == 0
            lines = spans.inside(firms, window) if is_taken else frozenset()
            if lines:
                found.append(Cut(f"{number + 1}/{place + 1:03}/{turn + 1:02}", firms, window, lines))
    return found


def clusters(
    problem: Problem, schedule: Schedule, *, number: int, seed: int, sizes: Sizes = SIZES
) -> list[frozenset[str]]:
    """The firms in groups, those first together that share the most work."""
    lines = Counter(line.firm for line in problem.lines)
    group = {firm.key: frozenset({firm.key}) for firm in problem.firms}
    state = generator_state(seed, number + 1)
    ties = [
        (weight * (1 + draw(state, SHAKE)) if number else weight, pair)
        for pair, weight in sorted(_ties(problem, schedule).items())
    ]
    for _weight, (one, other) in sorted(ties, key=lambda tie: (-tie[0], tie[1])):
        both = group[one] | group[other]
        if group[one] != group[other] and sum(lines[firm] for firm in both) <= sizes.cluster_lines:
            group |= dict.fromkeys(both, both)
    return sorted({firms for firms in group.values() if any(lines[firm] for firm in firms)}, key=sorted)


def _ties(problem: Problem, schedule: Schedule) -> Counter[tuple[str, str]]:
    """How much work each two firms share: lots placed, and lines that could be."""
    ties: Counter[tuple[str, str]] = Counter()
    firm_of = {line.key: line.firm for line in problem.lines}
    for lot in schedule.lots:
        if lot.firm != firm_of[lot.line]:
            ties[_pair(lot.firm, firm_of[lot.line])] += PLACED_WEIGHT
    classes = {machine.key: machine.machine_class for machine in problem.machines}
    offered = {(offer.firm, classes[machine]) for offer in problem.offers for machine in offer.machines}
    makers: dict[str, list[str]] = {}
    for firm, machine_class in sorted(offered):
        makers.setdefault(machine_class, []).append(firm)
    for line in problem.lines:
        if line.consent == "never":
            continue
        forming = {
            mode.machine_class for route in line.routes for step in route.steps if step.forming for mode in step.modes
        }
        shut = {line.firm, *line.excluded_firms, *line.barred_firms}
        for firm in {firm for name in forming for firm in makers.get(name, ())} - shut:
            ties[_pair(firm, line.firm)] += 1
    return ties


def _pair(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)


class _Spans:
    """From when to when, and at which firms, each line is worked."""

    def __init__(self, problem: Problem, schedule: Schedule) -> None:
        self.lines = {line.key: line for line in problem.lines}
        line_of = {lot.key: lot.line for lot in schedule.lots}
        self.span: dict[str, Period] = {}
        self.firms: dict[str, set[str]] = {key: {line.firm} for key, line in self.lines.items()}
        for lot in schedule.lots:
            self.firms[lot.line].add(lot.firm)
        self.together: list[set[str]] = []
        for run in schedule.runs:
            lines = {line_of[part.lot] for part in run.parts}
            for line in lines:
                start, end = self.span.get(line, (run.start_min, run.end_min))
                self.span[line] = min(start, run.start_min), max(end, run.end_min)
            if len(lines) > 1:
                self.together.append(lines)
        for key in {item.line for item in schedule.unplaced} - self.span.keys():
            due = min(max(0, self.lines[key].due_min), problem.horizon_min - 1)
            self.span[key] = due, due + 1
        self.never = {key for one in problem.sequences for key in one.lines}

    def inside(self, firms: frozenset[str], window: Period) -> frozenset[str]:
        """Lines that are worked at the firms in the window only."""
        found = {
            key
            for key, (start, end) in self.span.items()
            if window[0] <= start and end <= window[1] and self.firms[key] <= firms and key not in self.never
        }
        while True:
            torn = {key for lines in self.together if not lines <= found for key in lines & found}
            if not torn:
                return frozenset(found)
            found -= torn

    def middles(self, firms: frozenset[str]) -> list[int]:
        """When half of each line of the firms is done, sorted."""
        return sorted(sum(span) // 2 for key, span in self.span.items() if self.lines[key].firm in firms)


def _windows(horizon_min: int, middles: Sequence[int], number: int, sizes: Sizes) -> list[Period]:
    """The horizon in windows with about as many lines each; in every other two rounds the bounds lie between those."""
    count = -(-len(middles) // sizes.window_lines)
    if count < 2:
        return [(0, horizon_min)]
    shift = number // 2 % 2
    places = [(2 * turn - shift) * len(middles) // (2 * count) for turn in range(1, count + shift)]
    bounds = {middles[place] for place in places}
    return list(pairwise([0, *sorted(bound for bound in bounds if 0 < bound < horizon_min), horizon_min]))
