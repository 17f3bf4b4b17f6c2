"""The demo from an empty database to the card."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from mes.demo import acts, figures, parties
from mes.demo.board import Board
from mes.demo.card import Story
from mes.demo.database import migrate, own_database, set_clock
from mes.demo.figures import CaseFigures
from mes.demo.report import report_of
from mes.demo.round_figures import RoundFigures
from mes.demo.round_play import play_round
from mes.demo.sample.sample import build_sample
from mes.demo.sample.shapes import CaseOptions, Sample, SampleOrder
from mes.demo.seed import Index, sample_seed
from mes.demo.seed.index import zero_of
from mes.demo.worker import Worker, running_worker


@dataclass(frozen=True, slots=True)
class Plans:
    """The two plan runs, and how many placements were signed."""

    alone: UUID
    park: UUID
    signed_at_once: int
    signed_after_asking: int


@dataclass(frozen=True, slots=True)
class FreshPark:
    """The sample in a database of its own, and a worker that lives in it."""

    database: str
    sample: Sample
    index: Index
    worker: Worker


@contextmanager
def fresh_park(*, board: Board, seed: int, options: CaseOptions, keep: bool) -> Iterator[FreshPark]:
    """The seeded sample as long as the block lasts; its database stays only if `keep`. Its clock stands at zero.

    Raises MachineLacks or StepFailed.
    """
    with board.step("sample park drawn") as said:
        sample = build_sample(seed=seed, options=options)
        said.append(f"seed {seed}, {len(sample.park.firms)} firms, {len(sample.orders)} orders")
    with own_database(keep=keep) as name:
        with board.step("database made, tables and walls") as said:
            migrate(name)
            set_clock(name, business_at=zero_of(sample))
            said.append(name)
        with running_worker(name) as worker:
            with board.step("park seeded"):
                index = sample_seed(sample=sample)
            yield FreshPark(name, sample, index, worker)


def play(*, board: Board, seed: int, options: CaseOptions, keep: bool) -> Story:
    """Everything in a database of its own, which is dropped at the end unless `keep`.

    Raises MachineLacks or StepFailed.
    """
    with fresh_park(board=board, seed=seed, options=options, keep=keep) as park:
        plans = _plan(board, park)
        bought = play_round(
            board=board, database=park.database, sample=park.sample, index=park.index, worker=park.worker
        )
        return _story(board, park, plans, bought, options)


def _plan(board: Board, fresh: FreshPark) -> Plans:
    sample, index, worker = fresh.sample, fresh.index, fresh.worker
    case = _case_order(sample)
    with board.step(f"{case.firm_code} alone planned"):
        alone = acts.plan_alone(firm_code=case.firm_code, index=index, worker=worker, on_rule=lambda _entry: None)
    with board.step("park planned by the worker"):
        park = acts.plan_park(worker=worker, on_rule=board.rules(len(sample.orders)))
    with board.step("plan published") as said:
        publication = acts.publish(park, worker=worker)
        said.append(f"{publication.lines_published} lines, {publication.left_as_was} left as they were")
    at_once = sign_standing_terms(board, park, worker)
    with board.step("other placements answered by planners") as said:
        asked = acts.answer_the_rest(park, index=index)
        said.append(str(asked))
    return Plans(alone, park, at_once, asked)


def sign_standing_terms(board: Board, run_id: UUID, worker: Worker) -> int:
    """Waits for the placements of a published run that need nobody's answer. Returns how many were signed."""
    with board.step("placements on standing terms signed") as said:
        at_once = acts.await_standing_terms(run_id, worker=worker)
        said.append(str(at_once))
    return at_once


def _story(board: Board, fresh: FreshPark, plans: Plans, bought: RoundFigures, options: CaseOptions) -> Story:
    sample, index = fresh.sample, fresh.index
    order = _case_order(sample)
    firm_id = index.firms[order.firm_code]
    with board.step("figures read from live rows"):
        case = figures.case_figures(firm_id=firm_id, order_number=order.number, zero=index.zero)
        park = figures.park_figures(zero=index.zero)
        report = report_of(
            case=case,
            park=park,
            park_run=figures.run_figures(plans.park),
            alone_run=figures.run_figures(plans.alone),
            bought=bought,
            seed=sample.seed,
            options=options,
        )
        doer, other = _doer(case, index), _uninvolved(case, index)
        return Story(
            zero=index.zero,
            report=report,
            case=case,
            park=park,
            bought=bought,
            signed_at_once=plans.signed_at_once,
            signed_after_asking=plans.signed_after_asking,
            giver=parties.giver_view(firm_id=firm_id, line_id=case.line_id),
            doer=doer,
            other=other,
        )


def _doer(case: CaseFigures, index: Index) -> tuple[str, parties.DoerView] | None:
    """The doer with the most pieces."""
    if not case.placements:
        return None
    code = max(case.placements, key=lambda row: (row.pieces, row.firm_code)).firm_code
    return code, parties.doer_view(firm_id=index.firms[code], line_id=case.line_id)


def _uninvolved(case: CaseFigures, index: Index) -> parties.OtherView | None:
    """The first member that is no party."""
    involved = {case.firm_code, *(row.firm_code for row in case.placements)}
    code = next((code for code in sorted(index.firms) if code not in involved), None)
    if code is None:
        return None
    return parties.other_view(firm_id=index.firms[code], firm_code=code, line_id=case.line_id)


def _case_order(sample: Sample) -> SampleOrder:
    return next(order for order in sample.orders if order.number == sample.case_order_number)
