"""`problem`: canonical JSON of the full Problem; the plan is a Schedule."""

from dataclasses import dataclass

from production.planning.bounds import bounds_of
from production.planning.check import check_problem
from production.planning.codec import problem_read, schedule_dump, schedule_load
from production.planning.command import park
from production.planning.command.formats import Effort, Outcome, Watch
from production.planning.engine.budget import Budget
from production.planning.planner import plan_problem
from production.planning.problem import Problem
from production.planning.schedule import Note
from production.planning.screen import plain_words
from production.planning.search.solve import RuleLog
from production.planning.verify import verify


@dataclass(frozen=True, slots=True)
class ReadProblem:
    """A Problem, and what was set aside when it was read."""

    problem: Problem
    notes: tuple[Note, ...]


class ProblemFormat:
    """The dispatch portfolio, then the engine from its plan on; see `planner.py`."""

    def load(self, text: str) -> ReadProblem:
        """Raises ProblemError on malformed text and on references that lead nowhere."""
        read = ReadProblem(*problem_read(text))
        check_problem(read.problem)
        return read

    def solve(self, instance: ReadProblem, effort: Effort, watch: Watch) -> Outcome:
        """Bad data is named in `notes`, by code, data and in plain words."""
        best: list[RuleLog] = []

        def on_rule(entry: RuleLog) -> None:
            if not best or (entry.tiers < best[-1].tiers and not entry.is_cut):
                best.append(entry)
                watch.better(entry.tiers._asdict())

        budget = Budget(effort.iterations, watch.seconds_allowed, watch.seconds, workers=effort.workers)
        planned = plan_problem(
            instance.problem,
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
            bounds={} if planned.least_tardy is None else {"tardiness": planned.least_tardy},
            iterations=planned.iterations,
            notes={
                "made_by": planned.made_by,
                "rules": log,
                "thrown_away": planned.broken,
                "notes": [_told(note) for note in (*instance.notes, *planned.schedule.notes)],
            },
            prove=lambda: bounds_of(instance.problem),
        )

    def judge(self, instance: ReadProblem, plan: str) -> tuple[dict[str, int], list[list[str]]]:
        """Raises ProblemError on a malformed plan."""
        schedule = schedule_load(plan)
        return schedule.tiers._asdict(), [list(violation) for violation in verify(instance.problem, schedule)]

    def warm_up(self) -> None:
        """All kernels of the engine: as parks use them, and from the portfolio's plan."""
        park.FORMAT.warm_up()
        plan_problem(park.small_problem(), budget=Budget(iterations=2000), is_thorough=False)


def _told(note: Note) -> dict[str, object]:
    return {"code": note.code, **dict(note.data), "text": plain_words(note)}


FORMAT = ProblemFormat()
