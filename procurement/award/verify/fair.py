"""Checks that nobody could be served more fairly by handing a bag on, through whatever suppliers they take.

A firm competes with those that hold what it takes, and with those that hold what these take instead, and so on.
"""

from procurement.award.problem import Commitment, Line
from procurement.award.verify.book import Book


def check_fair(book: Book) -> None:
    """Each line: by class, in proportion within a bag; surplus only where all who compete have what they wanted."""
    for line in book.problem.lines:
        inside = [item for item in book.of_line(line.key) if book.outs.get((line.key, item.firm)) in (None, "short")]
        got = {item.firm: book.got(line.key, item.firm) for item in inside}
        rivals = Rivals(book, line)
        for commitment in inside:
            if got[commitment.firm] < commitment.wanted_kg:
                for other in rivals.of(commitment):
                    _check_pair(book, line, commitment, other, got)
        if all(item.approved is None for item in inside):
            _check_order(book, line, inside, got)
        _check_least(book, line, rivals)


class Rivals:
    """Who holds what a firm could have in exchange."""

    def __init__(self, book: Book, line: Line) -> None:
        self.suppliers = {part.supplier for part in book.parts(line.key)}
        self.holders: dict[str, set[str]] = {key: set() for key in self.suppliers}
        for share in book.shares(line.key):
            self.holders.setdefault(share.supplier, set()).add(share.firm)
        self.commitments = {item.firm: item for item in book.of_line(line.key)}

    def of(self, commitment: Commitment) -> list[Commitment]:
        """Without the firm itself, sorted."""
        found: set[str] = set()
        open_firms = [commitment.firm]
        seen: set[str] = set()
        while open_firms:
            approved = self.commitments[open_firms.pop()].approved
            for supplier in self.suppliers if approved is None else self.suppliers & set(approved):
                if supplier not in seen:
                    seen.add(supplier)
                    open_firms += self.holders[supplier] - found
                    found |= self.holders[supplier]
        return [self.commitments[firm] for firm in sorted(found - {commitment.firm})]


def _check_pair(book: Book, line: Line, one: Commitment, other: Commitment, got: dict[str, int]) -> None:
    """`one` wants more; `other` holds what could come to it."""
    has, holds = got[one.firm], got.get(other.firm, 0)
    where = f"{one.firm}/{line.key}"
    if holds > other.wanted_kg:
        book.say("surplus", where, f"is short while {other.firm} has more than it wanted")
    elif other.priority > one.priority and holds:
        book.say("class", where, f"is short while {other.firm}, of a later class, has something")
    elif (
        other.priority == one.priority
        and holds
        and (has + line.bag_kg) * other.wanted_kg <= (holds - line.bag_kg) * one.wanted_kg
    ):
        book.say("proportion", where, f"gets less in proportion than {other.firm}, by more than a bag")


def _check_order(book: Book, line: Line, inside: list[Commitment], got: dict[str, int]) -> None:
    """Where all take any supplier: a larger commitment gets no less, and equals are told apart by their ties."""
    for one in inside:
        for other in inside:
            if one.priority != other.priority or got[one.firm] >= min(got[other.firm], one.wanted_kg):
                continue
            if (one.wanted_kg, other.tie) > (other.wanted_kg, one.tie):
                book.say("order", f"{one.firm}/{line.key}", f"gets less than {other.firm}")


def _check_least(book: Book, line: Line, rivals: Rivals) -> None:
    """Nobody is out for the least that he can use while so much is surplus with others."""
    for commitment in book.of_line(line.key):
        if book.outs.get((line.key, commitment.firm)) != "least":
            continue
        over = sum(max(0, book.got(line.key, item.firm) - item.wanted_kg) for item in rivals.of(commitment))
        if over >= commitment.wanted_kg:
            book.say("least", f"{commitment.firm}/{line.key}", f"is out while {over} kg are surplus")
