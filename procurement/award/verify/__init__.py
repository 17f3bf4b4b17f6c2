"""The judge of an award: says each rule that it breaks, and prices it again from the problem alone.

It shares nothing with the search but the shapes, and is slow and plain on purpose. An empty list means that the award
may be stored.
"""

from procurement.award.award import Award
from procurement.award.problem import Problem
from procurement.award.verify.book import Book, Violation
from procurement.award.verify.fair import check_fair
from procurement.award.verify.firms import check_firms
from procurement.award.verify.price import check_tally
from procurement.award.verify.purchase import check_known, check_purchase

__all__ = ["Violation", "verify"]


def verify(problem: Problem, award: Award) -> list[Violation]:
    """All broken rules of `award` as an answer to a well-formed `problem`, sorted. Raises nothing for a wrong award."""
    book = Book(problem, award)
    check_known(book)
    if not book.violations:
        check_purchase(book)
        check_firms(book)
        check_fair(book)
        check_tally(book)
    return sorted(set(book.violations))
