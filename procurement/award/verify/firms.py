"""Checks of what each firm gets: all that is delivered, whole bags, what it committed to, for the reasons said."""

from procurement.award.problem import Commitment, Line
from procurement.award.verify.book import Book


def check_firms(book: Book) -> None:
    """Each share, each delivery handed out, each commitment answered."""
    for share in book.award.shares:
        where = f"{share.firm}/{share.line}"
        commitment = book.commitments[share.line, share.firm]
        if share.kg % book.lines[share.line].bag_kg:
            book.say("bag", where, f"{share.kg} kg is not whole bags")
        if commitment.approved is not None and share.supplier not in commitment.approved:
            book.say("approved", where, f"does not take {share.supplier}")
    handed: dict[tuple[str, str], int] = {}
    for share in book.award.shares:
        handed[share.line, share.supplier] = handed.get((share.line, share.supplier), 0) + share.kg
    delivered = {(part.line, part.supplier): part.kg for part in book.award.parts}
    for line, supplier in sorted(handed.keys() | delivered.keys()):
        given, kg = handed.get((line, supplier), 0), delivered.get((line, supplier), 0)
        if given != kg:
            book.say("sum", f"{supplier}/{line}", f"delivers {kg} kg, firms get {given}")
    for commitment in book.problem.commitments:
        _check_commitment(book, commitment, book.lines[commitment.line])


def _check_commitment(book: Book, commitment: Commitment, line: Line) -> None:
    where = f"{commitment.firm}/{commitment.line}"
    kg = book.got(commitment.line, commitment.firm)
    reason = book.outs.get((commitment.line, commitment.firm))
    if (reason is None) != (kg > 0):
        book.say("answer", where, "gets something or is out, one of them")
    if kg and not commitment.least_kg <= kg <= commitment.most_kg:
        book.say("commitment", where, f"gets {kg} kg, takes {commitment.least_kg} to {commitment.most_kg}")
    dearer = book.is_dearer_than(commitment.reserve_fen_per_t, line.key)
    if dearer != (reason == "price"):
        book.say("reserve", where, "is out by price exactly when the line's price is above its reserve")
    if (not book.parts(line.key)) != (reason == "no_award"):
        book.say("answer", where, "is without an award exactly when nothing of the line is bought")
    if reason == "least" and not commitment.least_kg:
        book.say("answer", where, "can use any quantity")
