"""The award: greedy, then HiGHS from there on, handed out and judged; the best of them."""

from dataclasses import dataclass

from procurement.award.award import Award
from procurement.award.codec import sorted_problem
from procurement.award.errors import AwardError
from procurement.award.greedy import greedy_award
from procurement.award.milp.run import Search
from procurement.award.milp.solver import Effort, Left
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
    """The cheapest award that keeps the rules, and what was thrown away.

    stuck: (line, firm) of those who are out of a line of which, without them, more is bought than the others take: by
    what was offered last. cut: lines that left a firm less than it can use, by whatever was offered.
    """

    def __init__(self, book: Book, greedy: Award) -> None:
        self.book = book
        self.award = greedy
        self.made_by = "greedy"
        self.broken: list[str] = []
        self.stuck: frozenset[tuple[str, str]] = frozenset()
        self.cut: frozenset[str] = frozenset()

    def offer(self, bought: Bought, *, is_rough: bool = False) -> None:
        """Takes it if it is better. is_rough: made line by line, so that it may break rules of the round."""
        try:
            settled = settle(self.book, bought)
        except AwardError as error:
            self.broken.append(str(error))
            return
        self.stuck = settled.stuck
        self.cut |= {out.line for out in settled.award.outs if out.reason == "least"}
        if settled.stuck:
            return
        rules = verify(self.book.problem, settled.award)
        if not is_rough:
            self.broken += [f"{rule.code} {rule.where}: {rule.text}" for rule in rules]
        if not rules and settled.award.tally.total_mfen < self.award.tally.total_mfen:
            self.award, self.made_by = settled.award, "search"


def award_problem(problem: Problem, *, effort: Effort | None = None, seconds_left: Left = None) -> Outcome:
    """The same award for the same problem and effort, unless seconds cut the search. `problem` is well formed.

    seconds_left: until the caller's deadline; None = as long as it takes.
    """
    effort = effort or Effort()
    book = Book(sorted_problem(problem))
    greedy = greedy_award(book).award
    best = _Best(book, greedy)
    search = Search(book, frozenset(), bought_of(greedy), effort, seconds_left)
    best.offer(search.apart.bought, is_rough=True)
    first = search.together(bought_of(best.award))
    found, searches, nodes = first, 1, first.nodes
    excluded: frozenset[tuple[str, str]] = frozenset()
    best.stuck = frozenset()
    if first.bought is not None:
        best.offer(first.bought)
    stuck = best.stuck
    while searches < MOST_SEARCHES and (stuck - excluded or (best.cut and searches == 1)):
        if seconds_left is not None and seconds_left() <= 0:
            break
        if searches == 1 and best.cut:
            found = search.together(bought_of(best.award), best.cut)
        else:
            excluded |= stuck
            search = Search(book, excluded, bought_of(best.award), effort, seconds_left)
            found = search.together(bought_of(best.award))
        searches += 1
        nodes += found.nodes
        if found.bought is not None:
            best.offer(found.bought)
            stuck |= best.stuck
    total = best.award.tally.total_mfen
    return Outcome(
        best.award,
        greedy,
        min(first.bound_mfen or 0, total),
        best.made_by,
        first.ended_by,
        searches,
        nodes,
        tuple(best.broken),
    )


def bought_of(award: Award) -> Bought:
    """What the award buys."""
    return {(part.line, part.supplier): part.kg for part in award.parts}
