"""Minutes of the day and open minutes of a machine, tied to each other in the model."""

from dataclasses import dataclass
from typing import Any

from production.planning.search.hours import Hours


@dataclass(frozen=True, slots=True)
class Spell:
    """A job on machines with the same hours: when it works, in their open minutes. is_there: whether it is there."""

    begin: Any
    end: Any
    is_there: Any


class Dial:
    """The hours of some machines inside [0, until_min). Where they never close, both times are one."""

    def __init__(self, model: Any, hours: Hours, until_min: int) -> None:
        self.model = model
        self.hours = hours
        self.count = sum(1 for start in hours.starts if start < until_min)
        self.total = hours.position(until_min)
        self.is_plain = len(hours.starts) == 1

    def literals(self) -> int:
        """How many literals a job takes here."""
        return 0 if self.is_plain else 2 * self.count

    def spell(self, start: Any, end: Any, is_there: Any, first_cycle_min: int) -> Spell:
        """Ties a job's start and end to open minutes, if it is there."""
        model = self.model
        begin = model.new_int_var(0, self.total, "")
        done = model.new_int_var(0, self.total, "")
        if self.is_plain:
            at = self.hours.starts[0]
            model.add(start == begin + at).only_enforce_if(is_there)
            model.add(end == done + at).only_enforce_if(is_there)
            return Spell(begin, done, is_there)
        begins = [model.new_bool_var("") for _ in range(self.count)]
        ends = [model.new_bool_var("") for _ in range(self.count)]
        model.add(sum(begins) == is_there)
        model.add(sum(ends) == is_there)
        hours = self.hours
        for k in range(self.count):
            shut = hours.starts[k] - hours.before[k]
            last = hours.done[k] - first_cycle_min
            if last < hours.before[k]:
                model.add(begins[k] == 0)
            else:
                model.add_linear_constraint(begin, hours.before[k], last).only_enforce_if(begins[k])
                model.add(start == begin + shut).only_enforce_if(begins[k])
            model.add_linear_constraint(done, hours.before[k] + 1, hours.done[k]).only_enforce_if(ends[k])
            model.add(end == done + shut).only_enforce_if(ends[k])
        return Spell(begin, done, is_there)
