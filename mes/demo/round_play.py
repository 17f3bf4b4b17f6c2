"""The chapter of the round: a month's resin bought together, from need to proven saving."""

from __future__ import annotations

from mes.demo import round_buying, round_delivering, round_settling
from mes.demo.board import Board
from mes.demo.round_figures import RoundFigures, round_figures
from mes.demo.round_people import People, gather
from mes.demo.sample.round_book import build_round
from mes.demo.sample.shapes import Sample
from mes.demo.seed import Index
from mes.demo.worker import Worker


def play_round(*, board: Board, database: str, sample: Sample, index: Index, worker: Worker) -> RoundFigures:
    """The whole round. The park's clock is put forward from step to step. Raises StepFailed."""
    people = People(database, index, worker)
    book = build_round(sample)
    with board.step("suppliers and officers come in") as said:
        gather(people, book)
        said.append(f"{len(people.suppliers)} suppliers")
    round_id = round_buying.collect(board, people, book)
    round_buying.ask(board, people, book, round_id)
    plan_id = round_buying.award(board, people, book, round_id)
    round_delivering.order(board, people, book, round_id)
    round_delivering.deliver(board, people, book, round_id)
    round_settling.settle(board, people, book, round_id)
    return round_figures(people, round_id=round_id, plan_id=plan_id)
