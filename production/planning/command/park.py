"""`park`: the benchmark's parks, for least lateness and then least tonnes away from home."""

from dataclasses import dataclass

from production.planning.codec import sorted_problem
from production.planning.command.formats import Effort, Outcome, Watch
from production.planning.engine.budget import Budget
from production.planning.engine.decode import Decoder
from production.planning.engine.solve import Key, Search
from production.planning.park.bounds import outsourced_bound_t
from production.planning.park.instance import Park, park_load
from production.planning.park.plan import Making, Plan, Task, plan_dump, plan_load
from production.planning.park.problem import FEN_PER_T, OUTSIDE, park_problem
from production.planning.park.verify import figures, verify
from production.planning.problem import Problem

FEN_PER_KG = FEN_PER_T // 1000
SMALL = """{"firms": [{"id": "A", "calendar": "6x16"}, {"id": "B", "calendar": "6x24"}],
"machines": [{"id": "A1", "firm": "A", "kind": "press", "eff": 1}, {"id": "A2", "firm": "A", "kind": "mill", "eff": 1},
{"id": "B1", "firm": "B", "kind": "press", "eff": 1}, {"id": "B2", "firm": "B", "kind": "mill", "eff": 1}],
"families": [{"id": "P", "kind": "press", "firms": ["A", "B"], "form_h_t": 20, "cool_h": 4, "cut_h_t": 6}],
"orders": [{"id": "1", "family": "P", "home": "A", "tonnes": 1, "due_h": 40},
{"id": "2", "family": "P", "home": "A", "tonnes": 2, "due_h": 60},
{"id": "3", "family": "P", "home": "A", "tonnes": 3, "due_h": 50}]}"""


@dataclass(frozen=True, slots=True)
class ParkInstance:
    """A park and, sorted, the Problem that it is."""

    park: Park
    problem: Problem


class ParkFormat:
    """The compiled engine; see `engine/solve.py`."""

    def load(self, text: str) -> ParkInstance:
        """Raises ProblemError naming the place in the file."""
        park = park_load(text)
        return ParkInstance(park, sorted_problem(park_problem(park)))

    def solve(self, instance: ParkInstance, effort: Effort, watch: Watch) -> Outcome:
        """Until the effort is spent."""
        search = Search(instance.problem, seed=effort.seed, on_better=lambda key: watch.better(tiers(key)))
        search.run(
            Budget(
                iterations=effort.iterations,
                seconds=watch.seconds_allowed,
                now=watch.seconds,
                workers=effort.workers,
            )
        )
        plan = plan_of(instance, search)
        return Outcome(
            plan=plan_dump(plan),
            tiers=tiers(search.key),
            objective=list(tiers(search.key).values()),
            bounds={},
            iterations=search.iterations,
            notes={**figures(instance.park, plan), "notes": instance.park.notes()},
            prove=lambda: bounds(instance.park),
        )

    def judge(self, instance: ParkInstance, plan: str) -> tuple[dict[str, int], list[list[str]]]:
        """Raises ProblemError on a malformed plan."""
        loaded = plan_load(plan)
        worth = figures(instance.park, loaded)
        counted = {
            "lateness_min": round(worth["lateness_h"] * 60),
            "outsourced_kg": round(worth["outsourced_t"] * 1000),
        }
        return counted, [list(violation) for violation in verify(instance.park, loaded)]

    def warm_up(self) -> None:
        """Solves something small from nothing."""
        Search(small_problem()).run(Budget(iterations=2000))


def small_problem() -> Problem:
    """Two firms and three orders."""
    return FORMAT.load(SMALL).problem


def tiers(key: Key) -> dict[str, int]:
    """The search's tuple in the words of parks. An order without a place counts as very late."""
    tardy, fen, _ = key
    return {"lateness_min": tardy, "outsourced_kg": round(fen / FEN_PER_KG)}


def bounds(park: Park) -> dict[str, int]:
    """What cannot be beaten, by what it bounds."""
    tonnes = outsourced_bound_t(park)
    return {} if tonnes is None else {"outsourced_kg_if_none_late": int(tonnes * 1000)}


def plan_of(instance: ParkInstance, search: Search) -> Plan:
    """The best plan, in the park's order."""
    machine_firm = {machine.key: machine.firm for machine in instance.park.machines}
    tasks: dict[str, list[Task]] = {}
    for line, machine, work_min, end_min in Decoder(search.problem, search.g, search.best).work():
        tasks.setdefault(line, []).append(Task(machine, work_min / 60, end_min / 60))
    assert OUTSIDE not in machine_firm.values()
    return {
        order.key: Making(machine_firm[tasks[order.key][0].machine], *tasks[order.key])
        for order in instance.park.orders
        if order.key in tasks
    }


FORMAT = ParkFormat()
