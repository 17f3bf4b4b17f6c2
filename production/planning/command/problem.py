"""`problem`: canonical JSON of the full Problem; the plan is a Schedule."""

from production.planning.codec import problem_load, schedule_dump, schedule_load
from production.planning.command.formats import Effort, Outcome, Watch
from production.planning.problem import Problem
from production.planning.search.solve import RuleLog, solve
from production.planning.verify import verify


class ProblemFormat:
    """The dispatch portfolio: it ends by itself, so the effort only cuts it short."""

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

        result = solve(instance, on_rule=on_rule, should_stop=watch.is_over, clock=watch.seconds)
        log = [
            {
                "rule": entry.rule,
                "tiers": entry.tiers._asdict(),
                "orders_placed": entry.orders_placed,
                "is_cut": entry.is_cut,
                "seconds": round(entry.seconds, 3),
            }
            for entry in result.log
        ]
        return Outcome(
            plan=schedule_dump(result.schedule),
            tiers=result.schedule.tiers._asdict(),
            objective=list(result.schedule.tiers),
            bounds={},
            iterations=len(result.log),
            notes={"rule": result.rule, "rules": log},
        )

    def judge(self, instance: Problem, plan: str) -> tuple[dict[str, int], list[list[str]]]:
        """Raises ProblemError on a malformed plan."""
        schedule = schedule_load(plan)
        return schedule.tiers._asdict(), [list(violation) for violation in verify(instance, schedule)]

    def warm_up(self) -> None:
        """The portfolio has no kernel."""


FORMAT = ProblemFormat()
