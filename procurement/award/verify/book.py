"""The award and the problem by their keys, and what was found."""

from typing import NamedTuple

from procurement.award.award import Award, Part, Share
from procurement.award.problem import Commitment, Problem


class Violation(NamedTuple):
    """code: the rule. where: key of what breaks it. text: in plain words."""

    code: str
    where: str
    text: str


class Book:
    """Looks things up and collects violations."""

    def __init__(self, problem: Problem, award: Award) -> None:
        self.problem = problem
        self.award = award
        self.violations: list[Violation] = []
        self.lines = {line.key: line for line in problem.lines}
        self.suppliers = {supplier.key: supplier for supplier in problem.suppliers}
        self.quotations = {(item.line, item.supplier): item for item in problem.quotations}
        self.commitments = {(item.line, item.firm): item for item in problem.commitments}
        self.outs = {(item.line, item.firm): item.reason for item in award.outs}
        self._parts: dict[str, list[Part]] = {}
        for part in award.parts:
            self._parts.setdefault(part.line, []).append(part)
        self._shares: dict[str, list[Share]] = {}
        self._got: dict[tuple[str, str], int] = {}
        for share in award.shares:
            self._shares.setdefault(share.line, []).append(share)
            self._got[share.line, share.firm] = self._got.get((share.line, share.firm), 0) + share.kg

    def say(self, code: str, where: str, text: str) -> None:
        """A rule is broken."""
        self.violations.append(Violation(code, where, text))

    def parts(self, line: str) -> list[Part]:
        """What is delivered of a line."""
        return self._parts.get(line, [])

    def shares(self, line: str) -> list[Share]:
        """What firms get of a line."""
        return self._shares.get(line, [])

    def of_line(self, line: str) -> list[Commitment]:
        """Who has committed on a line."""
        return [item for item in self.problem.commitments if item.line == line]

    def got(self, line: str, firm: str) -> int:
        """kg that a firm gets of a line."""
        return self._got.get((line, firm), 0)

    def is_dearer_than(self, reserve_fen_per_t: int | None, line: str) -> bool:
        """Whether the line's one price, its cost by its kg, is above a reserve."""
        cost, kg = sum(part.cost_mfen for part in self.parts(line)), sum(part.kg for part in self.parts(line))
        return reserve_fen_per_t is not None and cost > reserve_fen_per_t * kg
