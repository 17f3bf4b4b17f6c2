"""What the model's solutions cost: lateness and money, as the objective counts them."""

from collections import defaultdict
from typing import Any

from production.planning.exact.jobs import Bundle
from production.planning.exact.model import Model, waits_min
from production.planning.objective import late_min, line_finishes, line_tiers
from production.planning.problem import Line
from production.planning.schedule import Schedule


class Worth:
    """Expressions over a model's variables."""

    def __init__(self, model: Model, plan: Schedule) -> None:
        self.model, self.plan = model, plan
        self.tardy: list[Any] = []
        self.fen: list[Any] = []

    def tiers(self) -> tuple[Any, Any]:
        """(weighted tardiness, fen) of a solution."""
        problem = self.model.problem
        lines = {line.key: line for line in problem.lines}
        lacking = {item.line for item in self.plan.unplaced}
        bundles: dict[str, list[int]] = defaultdict(list)
        for number, bundle in enumerate(self.model.shop.bundles):
            bundles[bundle.line.key].append(number)
        finishes = line_finishes(problem, list(self.plan.lots), list(self.plan.unplaced))
        for key, finish in finishes.items():
            if key not in bundles or key in lacking:
                tardy, fen = line_tiers(problem, lines[key], finish)
                self.tardy.append(tardy)
                self.fen.append(fen)
        self.fen += [lines[item.line].refusal_cost_fen for item in self.plan.unplaced if item.code == "refused"]
        for key, numbers in bundles.items():
            self._money(lines[key], numbers)
            if key in lacking:
                self.model.model.add(self.model.made[key] == 1)
            else:
                self._lateness(lines[key], numbers)
        return sum(self.tardy), sum(self.fen)

    def _money(self, line: Line, numbers: list[int]) -> None:
        """Fees, transport, splits, and refusal."""
        made = self.model.made[line.key]
        for number in numbers:
            bundle, at = self.model.shop.bundles[number], self.model.at[number]
            self.fen += [place.fen * literal for place, literal in zip(bundle.places, at, strict=True) if place.fen]
        self.fen.append((len(numbers) - 1) * line.split_cost_fen * made)
        if line.optional:
            self.fen.append(line.refusal_cost_fen * (1 - made))

    def _lateness(self, line: Line, numbers: list[int]) -> None:
        """Minutes late with what is fixed, or as of a line that has no place."""
        model, problem = self.model.model, self.model.problem
        made = self.model.made[line.key]
        frozen = [lot.finish_min for lot in problem.fixed_lots if lot.line == line.key]
        absent = late_min(problem, line, max(frozen, default=line.due_min) if line.optional else None)
        most = max(absent, self._latest(numbers) - line.due_min + line.late_fixed_min, *frozen, 0) + 1
        minutes, is_late = model.new_int_var(0, most, ""), model.new_bool_var("")
        for finish in (*frozen, *(end for number in numbers for end in self._finishes(number))):
            model.add(finish <= line.due_min).only_enforce_if(made, ~is_late)
            model.add(minutes >= finish - line.due_min + line.late_fixed_min).only_enforce_if(made, is_late)
        model.add(minutes >= absent).only_enforce_if(~made)
        if line.lateness_worth_fen_per_h is None:
            self.tardy.append(line.priority * minutes)
            return
        fen = model.new_int_var(0, most * line.lateness_worth_fen_per_h, "")
        model.add(60 * fen >= minutes * line.lateness_worth_fen_per_h)
        self.fen.append(fen)

    def _finishes(self, number: int) -> list[Any]:
        """When each job of a lot's last step has passed its waits and the trip home."""
        bundle, at = self.model.shop.bundles[number], self.model.at[number]
        trip = sum(place.trip_min * literal for place, literal in zip(bundle.places, at, strict=True))
        return [self.model.end[job.number] + _last_wait(bundle, job) + trip for job in bundle.jobs[-1]]

    def _latest(self, numbers: list[int]) -> int:
        """No lot of the model is finished later."""
        bundles = [self.model.shop.bundles[number] for number in numbers]
        after = (
            _last_wait(bundle, job) + max(place.trip_min for place in bundle.places)
            for bundle in bundles
            for job in bundle.jobs[-1]
        )
        return self.model.until_min + max(after, default=0)


def _last_wait(bundle: Bundle, job: Any) -> int:
    return waits_min(job, bundle.lot.batches[job.part.first_batch + job.part.batches - 1])
