"""`fjsp`: a flexible job shop as FJSPLIB text, for the least makespan."""

from production.planning.command.formats import Effort, Outcome, Watch
from production.planning.jobshop.instance import JobShop, job_shop_load
from production.planning.jobshop.plan import plan_dump, plan_load
from production.planning.jobshop.search.island import warm_up
from production.planning.jobshop.search.solve import solve
from production.planning.jobshop.verify import verify

SMALL = "2 2\n2 2 1 3 2 4 1 2 5\n2 1 1 2 2 1 6 2 2\n"


class JobShopFormat:
    """Walks beside a prover; see `jobshop/search/solve.py`."""

    def load(self, text: str) -> JobShop:
        """Raises ProblemError naming the line."""
        return job_shop_load(text)

    def solve(self, instance: JobShop, effort: Effort, watch: Watch) -> Outcome:
        """Until the bound is reached or the effort is spent."""
        found = solve(
            instance,
            seed=effort.seed,
            workers=effort.workers,
            iterations=effort.iterations,
            seconds_left=watch.seconds_left,
            on_better=lambda value: watch.better({"makespan": value}),
        )
        return Outcome(
            plan=plan_dump(found.plan),
            tiers={"makespan": found.plan.makespan},
            objective=found.plan.makespan,
            bounds=found.bounds,
            iterations=found.iterations,
            notes={},
        )

    def judge(self, instance: JobShop, plan: str) -> tuple[dict[str, int], list[list[str]]]:
        """Raises ProblemError on a malformed plan."""
        loaded = plan_load(plan)
        return {"makespan": loaded.makespan}, [list(violation) for violation in verify(instance, loaded)]

    def warm_up(self) -> None:
        """One of each, on something small."""
        warm_up(self.load(SMALL))


FORMAT = JobShopFormat()
