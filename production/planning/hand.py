"""The planner's hand, as the search reads it: where the runs of a line's process may be, and from when on."""

from dataclasses import dataclass, replace

from production.planning.problem import Line, Problem


@dataclass(frozen=True, slots=True)
class Limits:
    """only: the machines that remain, None = all. never: machines forbidden. start_min: the first run starts then."""

    only: frozenset[str] | None = None
    never: frozenset[str] = frozenset()
    start_min: int | None = None

    def allow(self, machine: str) -> bool:
        """Whether a run may be on the machine."""
        return machine not in self.never and (self.only is None or machine in self.only)


FREE = Limits()


class Hand:
    """Pins and forbidden machines of a problem's lines, and of lines that are tried beside them."""

    def __init__(self, problem: Problem) -> None:
        """Pins that contradict each other leave no machine."""
        self._pinned: dict[tuple[str, str], Limits] = {}
        for pin in problem.pins:
            place = (pin.line, pin.process)
            known = self._pinned.get(place, FREE)
            only = known.only
            if pin.machine is not None:
                only = frozenset({pin.machine}) if only is None else only & {pin.machine}
            start_min = known.start_min if pin.start_min is None else pin.start_min
            if known.start_min is not None and start_min != known.start_min:
                only = frozenset()
            self._pinned[place] = Limits(only, start_min=start_min)
        self._lines = {line for line, _ in self._pinned}

    def is_on(self, line: Line) -> bool:
        """Whether the line is limited at all."""
        return bool(line.forbidden_machines) or line.key in self._lines

    def limits(self, line: Line, process: str) -> Limits:
        """What holds for a line's runs of a process."""
        found = self._pinned.get((line.key, process), FREE)
        return replace(found, never=frozenset(line.forbidden_machines)) if line.forbidden_machines else found


def in_hand_order(problem: Problem, lines: list[Line]) -> list[Line]:
    """The lines in the order given, but those pinned to a minute first, and each behind those that a sequence sets
    before it; where sequences contradict each other, the first one counts.
    """
    if not problem.pins and not problem.sequences:
        return lines
    starts: dict[str, int] = {}
    for pin in problem.pins:
        if pin.start_min is not None:
            starts[pin.line] = min(pin.start_min, starts.get(pin.line, pin.start_min))
    before: dict[str, list[str]] = {}
    for sequence in problem.sequences:
        for place, key in enumerate(sequence.lines):
            before.setdefault(key, []).extend(sequence.lines[:place])
    of_key = {line.key: line for line in lines}
    ordered: list[Line] = []
    seen: set[str] = set()
    queue = sorted((line for line in lines if line.key in starts), key=lambda line: starts[line.key])
    for first in [*queue, *lines]:
        waiting = [first.key]
        while waiting:
            key = waiting[-1]
            others = (other for other in before.get(key, ()) if other in of_key)
            other = next((other for other in others if other not in seen and other not in waiting), None)
            if key not in seen and other is not None:
                waiting.append(other)
                continue
            waiting.pop()
            if key not in seen:
                seen.add(key)
                ordered.append(of_key[key])
    return ordered
