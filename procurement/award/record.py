"""What an award was made from and with, so that anybody can make it again and compare.

The record holds the problem itself: sealed values with it. It is kept where reserve prices are kept.
"""

import platform
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

from procurement.award.award import Award
from procurement.award.codec import award_hash, problem_hash, sorted_problem
from procurement.award.errors import AwardError
from procurement.award.milp.solver import Effort
from procurement.award.problem import Problem
from procurement.award.solve import Outcome, award_problem

FORMAT = "award-record/1"
SOLVER = "HiGHS by MathOpt"


@dataclass(frozen=True, slots=True)
class Record:
    """problem_hash, award_hash: sha256 of the canonical forms. bound_mfen: no award costs less.

    versions: `name version`. ended_by "seconds" alone allows another award of the same problem, effort and versions.
    """

    format: str
    problem_hash: str
    award_hash: str
    effort: Effort
    solver: str
    versions: tuple[str, ...]
    made_by: str
    ended_by: str
    total_mfen: int
    bound_mfen: int
    greedy_mfen: int
    problem: Problem
    award: Award


@dataclass(frozen=True, slots=True)
class Rerun:
    """Whether the same award came out; if not, what it costs against the recorded one."""

    is_same: bool
    is_same_versions: bool
    total_mfen: int
    recorded_mfen: int
    outcome: Outcome


def record_of(problem: Problem, effort: Effort, outcome: Outcome) -> Record:
    """Of an award just made."""
    return Record(
        format=FORMAT,
        problem_hash=problem_hash(problem),
        award_hash=award_hash(outcome.award),
        effort=effort,
        solver=SOLVER,
        versions=versions(),
        made_by=outcome.made_by,
        ended_by=outcome.ended_by,
        total_mfen=outcome.award.tally.total_mfen,
        bound_mfen=outcome.bound_mfen,
        greedy_mfen=outcome.greedy.tally.total_mfen,
        problem=sorted_problem(problem),
        award=outcome.award,
    )


def rerun(record: Record, *, seconds_left: Callable[[], float] | None = None) -> Rerun:
    """Makes the award again. Raises AwardError for a record whose problem or award is not what its hash says."""
    if record.format != FORMAT:
        raise AwardError("Record.format", f"must be {FORMAT}, not {record.format!r}")
    if problem_hash(record.problem) != record.problem_hash:
        raise AwardError("Record.problem", "is not the problem that was hashed")
    if award_hash(record.award) != record.award_hash:
        raise AwardError("Record.award", "is not the award that was hashed")
    outcome = award_problem(record.problem, effort=record.effort, seconds_left=seconds_left)
    return Rerun(
        is_same=award_hash(outcome.award) == record.award_hash,
        is_same_versions=versions() == record.versions,
        total_mfen=outcome.award.tally.total_mfen,
        recorded_mfen=record.total_mfen,
        outcome=outcome,
    )


def versions() -> tuple[str, ...]:
    """Of what an award depends on beside this code."""
    return (f"ortools {version('ortools')}", f"python {platform.python_version()}", platform.machine())
