"""`problem`: canonical JSON of the full Problem; the plan is a Schedule."""

from production.planning.codec import problem_load, schedule_dump, schedule_load
from production.planning.command import park
from production.planning.command.formats import Effort, Outcome, Watch
from production.planning.engine.solve import Budget
from production.planning.planner import plan_problem
from production.planning.problem import Problem
from production.planning.search.solve import RuleLog
from production.planning.verify import verify


class ProblemFormat:
    """The dispatch portfolio, then the engine from its plan on; see `planner.py`."""

    def load(self, text: str) -> Problem:
        """Raises ProblemError on malformed text."""
        return problem_load(text)

    def solve(self, instance: Problem, effort: Effort, watch: Watch) -> Outcome:
        """Raises ProblemError on references that lead nowhere and on fields that the search does not respect."""
        best: list[RuleLog] = []

        def on_rule(entry: RuleLog) -> None:
            if not best or (entry.tiers < best[-1].tiers and not entry.is_cut):
                best.append(entry)
                watch.better(entry.tiers._asdict())

        budget = Budget(effort.iterations, watch.seconds_allowed, watch.seconds, workers=effort.workers)
        planned = plan_problem(
            instance,
            seed=effort.seed,
            budget=budget,
            on_rule=on_rule,
            on_better=lambda tiers: watch.better(tiers._asdict()),
        )
        log = [
            {
                "rule": entry.rule,
                "tiers": entry.tiers._asdict(),
                "orders_placed": entry.orders_placed,
                "is_cut": entry.is_cut,
                "seconds": round(entry.seconds, 3),
            }
            for entry in planned.log
        ]
        return Outcome(
            plan=schedule_dump(planned.schedule),
            tiers=planned.schedule.tiers._asdict(),
            objective=list(planned.schedule.tiers),
            bounds={},
            iterations=planned.iterations,
            notes={"made_by": planned.made_by, "rules": log, "thrown_away": planned.broken},
        )

    def judge(self, instance: Problem, plan: str) -> tuple[dict[str, int], list[list[str]]]:
        """Raises ProblemError on a malformed plan."""
        schedule = schedule_load(plan)
        return schedule.tiers._asdict(), [list(violation) for violation in verify(instance, schedule)]

    def warm_up(self) -> None:
        """All kernels of the engine, as parks use them."""
        park.FORMAT.warm_up()


FORMAT = ProblemFormat()
