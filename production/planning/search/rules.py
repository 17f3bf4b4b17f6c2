"""The dispatch rules: orders in which lines are placed, and how each chooses among machines."""

from collections.abc import Callable
from dataclasses import dataclass

from production.planning.problem import Line, Problem
from production.planning.search.hours import Law
from production.planning.search.line import Habit
from production.planning.search.plant import Plant


@dataclass(frozen=True, slots=True)
class Rule:
    """A named order. `order(plant, late)` gives the lines; `late`: lines late in the best plan so far."""

    name: str
    order: Callable[[Plant, frozenset[str]], list[Line]]
    habit: Habit


def work_min(plant: Plant, line: Line) -> int:
    """Minutes that the line would take on one machine per step, waits included, on its first home route."""
    for path in plant.home_paths(line):
        steps = path.steps()
        laws: list[Law] = [step.workers[0][1] for step in steps]
        waits = sum(wait.fixed_min for step in steps for wait in step.waits)
        return waits + sum(law.setup + law.minutes(law.units(line.pieces)) for law in laws)
    return 0


def _sorted(lines: list[Line], key: Callable[[Line], tuple[int, ...]]) -> list[Line]:
    return sorted(lines, key=lambda line: (key(line), line.key))


def _lines(plant: Plant) -> list[Line]:
    return [line for line in plant.problem.lines if line.pieces > 0]


def _by_due(plant: Plant, _late: frozenset[str]) -> list[Line]:
    return _sorted(_lines(plant), lambda line: (line.due_min, -line.priority))


def _by_slack(plant: Plant, _late: frozenset[str]) -> list[Line]:
    return _sorted(_lines(plant), lambda line: (line.due_min - work_min(plant, line), -line.priority))


def _by_due_and_work(plant: Plant, _late: frozenset[str]) -> list[Line]:
    """By due date plus work: of two that are due together the smaller goes first."""
    return _sorted(_lines(plant), lambda line: (line.due_min + work_min(plant, line), -line.priority))


def _by_weighted_ratio(plant: Plant, _late: frozenset[str]) -> list[Line]:
    """Critical ratio by priority: slack for each unit of work, less for what weighs more."""

    def ratio(line: Line) -> tuple[int, ...]:
        work = max(1, work_min(plant, line))
        slack = line.due_min - max(line.release_min, 0) - work
        return (slack * 1000 // (work * line.priority) if slack > 0 else slack * line.priority,)

    return _sorted(_lines(plant), ratio)


def _by_priority(plant: Plant, _late: frozenset[str]) -> list[Line]:
    return _sorted(_lines(plant), lambda line: (-line.priority, line.due_min))


def _by_work(plant: Plant, _late: frozenset[str]) -> list[Line]:
    return _sorted(_lines(plant), lambda line: (work_min(plant, line),))


def _by_mass(plant: Plant, _late: frozenset[str]) -> list[Line]:
    return _sorted(_lines(plant), lambda line: (-line.pieces * line.unit_mass_g,))


def _shaken(plant: Plant, _late: frozenset[str]) -> list[Line]:
    """By due date, each shifted by up to three days either way; the shifts follow from the seed."""
    random = Xorshift(plant.problem.options.seed)
    shifts = {line.key: random.below(6 * 1440) - 3 * 1440 for line in plant.problem.lines}
    return _sorted(_lines(plant), lambda line: (line.due_min + shifts[line.key],))


def _late_first(plant: Plant, late: frozenset[str]) -> list[Line]:
    """What is late in the best plan so far goes first, the rest by due date."""
    return _sorted(_lines(plant), lambda line: (line.key not in late, line.due_min, -line.priority))


class Xorshift:
    """A 64-bit xorshift generator: the same numbers on every machine."""

    def __init__(self, seed: int) -> None:
        self._state = (seed * 0x9E3779B97F4A7C15 + 1) & 0xFFFFFFFFFFFFFFFF or 1

    def below(self, limit: int) -> int:
        """A number in [0, limit)."""
        state = self._state
        state ^= (state << 13) & 0xFFFFFFFFFFFFFFFF
        state ^= state >> 7
        state ^= (state << 17) & 0xFFFFFFFFFFFFFFFF
        self._state = state
        return state % limit


RULES: tuple[Rule, ...] = (
    Rule("due_date", _by_due, Habit()),
    Rule("due_and_work", _by_due_and_work, Habit()),
    Rule("late_first", _late_first, Habit()),
    Rule("shaken", _shaken, Habit(spare_setups=False)),
    Rule("shortest_work", _by_work, Habit()),
    Rule("priority", _by_priority, Habit(spare_setups=False)),
    Rule("slack", _by_slack, Habit()),
    Rule("weighted_ratio", _by_weighted_ratio, Habit()),
    Rule("largest_mass", _by_mass, Habit()),
)


def chosen_rules(problem: Problem) -> tuple[Rule, ...]:
    """The rules that the problem's options name, all when they name none."""
    by_name = {rule.name: rule for rule in RULES}
    return tuple(by_name[name] for name in problem.options.rules) or RULES
