"""What the command line does: reads, calls the core, and says it in one row of figures."""

import argparse
import resource
from collections.abc import Callable
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from time import perf_counter, process_time

from procurement.award.award import Award
from procurement.award.check import check_problem
from procurement.award.codec import award_hash, dump, load, problem_dump, problem_hash, problem_load
from procurement.award.errors import AwardError
from procurement.award.fairness import Fairness, fairness
from procurement.award.generate import generate
from procurement.award.milp.solver import Effort
from procurement.award.problem import Problem
from procurement.award.record import Record, record_of, rerun
from procurement.award.solve import Outcome, award_problem
from procurement.award.verify import verify
from procurement.award.warehouses import warehouses_load

Said = tuple[dict[str, object] | str, bool]
"""The line, and whether all is well."""

MFEN_PER_CNY = 10**5
GAP = 1e-4
WAREHOUSES_GAP = 1e-9
"""The literature's optima are published to the last digit."""


def solve(options: argparse.Namespace) -> Said:
    """The award, its bound, and greedy beside it."""
    problem, gap = _read(options.file)
    effort = Effort(options.seed, options.gap or gap, options.seconds, options.nodes)
    with ExitStack() as files:
        for file in (options.out, options.record):
            if file is not None:
                files.enter_context(file.open("a", encoding="utf-8"))  # refused now, not after the search
        started, cpu_started = perf_counter(), process_time()
        outcome = award_problem(problem, effort=effort, seconds_left=_left(options.seconds))
        seconds, cpu_seconds = perf_counter() - started, process_time() - cpu_started
    rules = verify(problem, outcome.award)
    report = {
        "instance": options.file.stem,
        **_sizes(problem),
        **_figures(outcome),
        "seconds": round(seconds, 3),
        "cpu_seconds": round(cpu_seconds, 3),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "problem_hash": problem_hash(problem),
        "award_hash": award_hash(outcome.award),
        "violations": len(rules),
        "broken_rules": [list(rule) for rule in rules],
    }
    if options.fairness:
        report["fairness"] = _told(fairness(problem, outcome.award, effort=effort, seconds_left=_left(options.seconds)))
    if options.out is not None:
        options.out.write_text(dump(outcome.award) + "\n", encoding="utf-8")
    if options.record is not None:
        options.record.write_text(dump(record_of(problem, effort, outcome)) + "\n", encoding="utf-8")
    return report, not rules


def generated(options: argparse.Namespace) -> Said:
    """A round that was drawn."""
    problem = generate(
        firms=options.firms,
        grades=options.grades,
        suppliers=options.suppliers,
        breaks=options.breaks,
        kind=options.kind,
        seed=options.seed,
    )
    check_problem(problem)
    if options.out is None:
        return problem_dump(problem), True
    options.out.write_text(problem_dump(problem) + "\n", encoding="utf-8")
    return {"instance": options.out.stem, **_sizes(problem), "problem_hash": problem_hash(problem)}, True


def judged(options: argparse.Namespace) -> Said:
    """The rules that an award breaks."""
    problem, _ = _read(options.file)
    award = load(Award, _text(options.award))
    rules = verify(problem, award)
    report = {
        "instance": options.file.stem,
        "objective_cny": _cny(award.tally.total_mfen),
        "violations": len(rules),
        "broken_rules": [list(rule) for rule in rules],
    }
    return report, not rules


def made_again(options: argparse.Namespace) -> Said:
    """Whether a record's award comes out again."""
    record = load(Record, _text(options.file))
    check_problem(record.problem)
    again = rerun(record, seconds_left=_left(record.effort.seconds))
    rules = verify(record.problem, again.outcome.award)
    report = {
        "instance": options.file.stem,
        "is_same": again.is_same,
        "is_same_versions": again.is_same_versions,
        "recorded_cny": _cny(again.recorded_mfen),
        "objective_cny": _cny(again.total_mfen),
        "bound_cny": _cny(again.outcome.bound_mfen),
        "ended_by": again.outcome.ended_by,
        "violations": len(rules),
    }
    return report, again.is_same and not rules


def _read(file: Path) -> tuple[Problem, float]:
    """The problem and how near to the best is near enough for its kind."""
    text = _text(file)
    is_json = text.lstrip()[:1] in ("{", "[", '"', "")
    problem = problem_load(text) if is_json else warehouses_load(text)
    check_problem(problem)
    return problem, GAP if is_json else WAREHOUSES_GAP


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise AwardError(file.name, f"is not UTF-8 text (byte {error.start})") from error


def _left(seconds: float | None) -> Callable[[], float] | None:
    if seconds is None:
        return None
    started = perf_counter()
    return lambda: seconds - (perf_counter() - started)


def _cny(mfen: int) -> float:
    return float(Decimal(mfen) / MFEN_PER_CNY)


def _sizes(problem: Problem) -> dict[str, object]:
    return {
        "firms": len({item.firm for item in problem.commitments}),
        "lines": len(problem.lines),
        "suppliers": len(problem.suppliers),
        "commitments": len(problem.commitments),
        "quotations": len(problem.quotations),
    }


def _figures(outcome: Outcome) -> dict[str, object]:
    tally = outcome.award.tally
    reasons = [out.reason for out in outcome.award.outs]
    return {
        "objective_cny": _cny(tally.total_mfen),
        "bound_cny": _cny(outcome.bound_mfen),
        "gap": round(outcome.gap, 9),
        "purchase_cny": _cny(tally.purchase_mfen),
        "fixed_cny": _cny(tally.fixed_mfen),
        "unserved_cny": _cny(tally.unserved_mfen),
        "kg": sum(part.kg for part in outcome.award.parts),
        "outs": {reason: reasons.count(reason) for reason in sorted(set(reasons))},
        "greedy_cny": _cny(outcome.greedy.tally.total_mfen),
        "greedy_extra_pct": round(100 * outcome.greedy_extra, 4),
        "greedy_unserved_cny": _cny(outcome.greedy.tally.unserved_mfen),
        "made_by": outcome.made_by,
        "ended_by": outcome.ended_by,
        "searches": outcome.searches,
        "nodes": outcome.nodes,
        "thrown_away": list(outcome.broken),
    }


def _told(figures: Fairness) -> dict[str, object]:
    return {
        "compared": len(figures.bills),
        "not_compared": len(figures.not_compared),
        "dearer_than_alone": [bill.firm for bill in figures.dearer],
        "above_reserve": [list(place) for place in figures.above_reserve],
        "dominant": [[item.grade, item.firm, item.permille] for item in figures.dominant],
        "blocs": [
            {"firms": bloc.firms, "gain_pct": round(100 * bloc.gain_mfen / bloc.paid_mfen, 4)} for bloc in figures.blocs
        ],
    }
