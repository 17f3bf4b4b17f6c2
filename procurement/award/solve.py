"""The award: greedy, then HiGHS from there on, handed out and judged; the best of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from procurement.award.award import Award
from procurement.award.codec import sorted_problem
from procurement.award.greedy import greedy_award
from procurement.award.milp.run import Search
from procurement.award.milp.solver import Effort
from procurement.award.problem import Problem
from procurement.award.settle import Book, Bought, settle
from procurement.award.verify import verify

MOST_SEARCHES = 6
"""Each leaves out firms that the one before could not serve; then what is best so far stands."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The award and what is known of it.

    greedy: made beside it. bound_mfen: no award costs less. made_by: "search" or "greedy". ended_by: of the first
    search. broken: rules that an award of the search broke, which was thrown away for it.
    """

    award: Award
    greedy: Award
    bound_mfen: int
    made_by: str
    ended_by: str
    searches: int
    nodes: int
    broken: tuple[str, ...] = ()

    @property
    def gap(self) -> float:
        """How much of its cost the award may be too dear, at most."""
        total = self.award.tally.total_mfen
        return (total - self.bound_mfen) / total if total > 0 else 0.0

    @property
    def greedy_extra(self) -> float:
        """How much of the award's cost the greedy one is dearer."""
        total = self.award.tally.total_mfen
        return (self.greedy.tally.total_mfen - total) / total if total > 0 else 0.0


class _Best:
    """The cheapest award that keeps the rules, and what was thrown away."""

    def __init__(self, book: Book, greedy: Award) -> None:
        self.book = book
        self.award = greedy
        self.made_by = "greedy"
        self.broken: list[str] = []

    def offer(self, bought: Bought, *, is_rough: bool = False) -> frozenset[tuple[str, str]]:
        """Takes it if it is better; gives who is out of lines of which too much is bought without them.

        is_rough: made line by line, so that it may break rules of the round.
        """
        try:
            settled = settle(self.book, bought)
        except ValueError as error:
            self.broken.append(str(error))
            return frozenset()
        if settled.stuck:
            return settled.stuck
        rules = verify(self.book.problem, settled.award)
        if not is_rough:
            self.broken += [f"{rule.code} {rule.where}: {rule.text}" for rule in rules]
        if not rules and settled.award.tally.total_mfen < self.award.tally.total_mfen:
            self.award, self.made_by = settled.award, "search"
        return frozenset()


def award_problem(
    problem: Problem, *, effort: Effort | None = None, seconds_left: Callable[[], float] | None = None
) -> Outcome:
    """The same award for the same problem and effort, unless seconds cut the search. `problem` is well formed.

    seconds_left: until the caller's deadline; None = as long as it takes.
    """
    effort = effort or Effort()
    book = Book(sorted_problem(problem))
    greedy = greedy_award(book).award
    best = _Best(book, greedy)
    excluded: frozenset[tuple[str, str]] = frozenset()
    ended_by, bound = "", 0
    searches = nodes = 0
    while searches < MOST_SEARCHES:
        left = effort.seconds if seconds_left is None else seconds_left()
        if searches and left is not None and left <= 0:
            break
        search = Search(book, excluded, replace(effort, seconds=left))
        stuck = best.offer(search.apart.bought, is_rough=True)
        found = search.together(bought_of(best.award))
        if not searches:
            ended_by, bound = found.ended_by, found.bound_mfen or 0
        nodes += found.nodes
        searches += 1
        if found.bought is not None:
            stuck = best.offer(found.bought)
        if stuck <= excluded:
            break
        excluded |= stuck
    total = best.award.tally.total_mfen
    return Outcome(best.award, greedy, min(bound, total), best.made_by, ended_by, searches, nodes, tuple(best.broken))


def bought_of(award: Award) -> Bought:
    """What the award buys."""
    return {(part.line, part.supplier): part.kg for part in award.parts}
