"""An award that somebody decides against the search: exact, judged, with its cost."""

from dataclasses import dataclass

from procurement.award.award import Award
from procurement.award.codec import sorted_problem
from procurement.award.errors import AwardError
from procurement.award.problem import Problem
from procurement.award.settle import Book, Bought, settle
from procurement.award.verify import Violation, verify


@dataclass(frozen=True, slots=True)
class Override:
    """extra_mfen: how much dearer it is than the award that it replaces. broken: rules that it does not keep.

    What nobody can take of what is bought is a broken rule too (`sum`).
    """

    award: Award
    extra_mfen: int
    broken: tuple[Violation, ...]


def override_award(problem: Problem, bought: Bought, *, instead_of: Award) -> Override:
    """bought: (line, supplier) to kg. Raises AwardError for what no quotation offers."""
    book = Book(sorted_problem(problem))
    for line, supplier in bought:
        if (line, supplier) not in book.quotations:
            raise AwardError(f"Quotation[{supplier}/{line}]", "is not known")
    award = settle(book, bought).award
    extra_mfen = award.tally.total_mfen - instead_of.tally.total_mfen
    return Override(award, extra_mfen, tuple(verify(book.problem, award)))
