"""Promises in words and JSON for the firm that asked: own machines by name, others by class, fees to the payer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from production.planning.promise.answer import Answer, Displaced
from production.planning.promise.lacking import Lacking
from production.planning.schedule import Lot
from production.plans.selectors.promise_board import FirmBoard

FEN_PER_CNY = 100
HARMLESS = frozenset({"horizon_min", "material", "process", "short_g"})


@dataclass(frozen=True, slots=True)
class Told:
    """Says minutes of a board as times. wanted_at: the date that was asked for, None for none."""

    board: FirmBoard
    wanted_at: datetime | None

    def at(self, minutes: int) -> datetime:
        """The instant so many minutes after the board's zero."""
        return timezone.localtime(self.board.zero_at + timedelta(minutes=minutes))

    def in_house(self, answer: Answer) -> dict[str, Any]:
        """`finish_at`, `is_in_time` (null without a wish), `parts`: pieces with the own machine that makes them."""
        return self._finish(answer) | {"parts": [self._own_part(answer, lot) for lot in answer.lots]}

    def with_offers(self, answer: Answer) -> dict[str, Any]:
        """As in house, with fee and transport; a part elsewhere names the machine's class and the offer's terms."""
        return self._finish(answer) | {
            "fee_cny": _cny(answer.fee_fen),
            "transport_cny": _cny(answer.transport_fen),
            "parts": [self._part(answer, lot) for lot in answer.lots],
        }

    def with_displacement(self, answer: Answer) -> dict[str, Any]:
        """As in house, with the own lines that give way and how late each becomes."""
        return self.in_house(answer) | {"gives_way": [self._displaced(item) for item in answer.displaced]}

    def lacking(self, lacking: Lacking) -> dict[str, Any]:
        """`code` and `data` as a line's reasons have them; classes without the approvals of who has them."""
        data = {name: value for name, value in lacking.data if name in HARMLESS}
        for name, value in lacking.data:
            if name == "pool":
                data[name] = str(value).removeprefix(f"{self.board.firm_code}:")
            elif name == "classes":
                data[name] = " ".join(sorted({key.partition("+")[0] for key in str(value).split()}))
        return {"code": lacking.code, "data": data}

    def _finish(self, answer: Answer) -> dict[str, Any]:
        finish_at = self.at(answer.finish_min)
        in_time = None if self.wanted_at is None else finish_at <= self.wanted_at
        return {"finish_at": finish_at.isoformat(), "is_in_time": in_time}

    def _own_part(self, answer: Answer, lot: Lot) -> dict[str, Any]:
        machine = self.board.snapshot.machines[_maker(answer, lot)]
        return {
            "pieces": lot.pieces,
            "machine_code": machine.code,
            "machine_class": machine.class_code,
            "finish_at": self.at(lot.finish_min).isoformat(),
        }

    def _part(self, answer: Answer, lot: Lot) -> dict[str, Any]:
        nobody = {"fee_cny_per_t": None, "fee_cny": None, "transport_cny": None, "accept": None, "material_from": None}
        if lot.offer is None:
            return self._own_part(answer, lot) | nobody
        offer = self.board.offers[lot.offer]
        return {
            "pieces": lot.pieces,
            "machine_code": None,
            "machine_class": self.board.class_of[_maker(answer, lot)],
            "finish_at": self.at(lot.finish_min).isoformat(),
            "fee_cny_per_t": str(offer.fee_cny_per_t),
            "fee_cny": _cny(lot.fee_fen),
            "transport_cny": _cny(lot.transport_fen),
            "accept": offer.accept,
            "material_from": offer.material_from,
        }

    def _displaced(self, item: Displaced) -> dict[str, Any]:
        line = self.board.snapshot.lines[item.line]
        number = item.line.removeprefix(f"{self.board.firm_code}:").rpartition(":")[0]
        return {
            "sales_order_line_id": str(line.line_id),
            "sales_order_number": number,
            "finish_before_at": self.at(item.finish_before_min).isoformat(),
            "finish_at": None if item.finish_min is None else self.at(item.finish_min).isoformat(),
            "late_min": item.late_min,
            "missing_pieces": item.missing,
        }


def processes_of(answer: Answer) -> Mapping[tuple[str, int], str]:
    """The process of each step of the line's lots, by lot and number of the step."""
    steps = {route.key: route.steps for route in answer.line.routes}
    return {(lot.key, number): step.process for lot in answer.lots for number, step in enumerate(steps[lot.route])}


def material_of(answer: Answer) -> dict[str, int]:
    """Grams by material that the line's lots take."""
    needed: dict[str, int] = {}
    routes = {route.key: route for route in answer.line.routes}
    for lot in answer.lots:
        for material, grams in (need for step in routes[lot.route].steps for need in step.materials):
            needed[material] = needed.get(material, 0) + grams * lot.pieces
    return needed


def _maker(answer: Answer, lot: Lot) -> str:
    """The machine that forms the lot; that of its last step where nothing is formed."""
    steps = next(route.steps for route in answer.line.routes if route.key == lot.route)
    forming = next((number for number, step in enumerate(steps) if step.forming), len(steps) - 1)
    return next(machine for machine, step in _machines(answer, lot) if step == forming)


def _machines(answer: Answer, lot: Lot) -> Iterable[tuple[str, int]]:
    for run in answer.runs:
        for part in run.parts:
            if part.lot == lot.key:
                yield run.machine, part.step


def _cny(fen: int) -> str:
    return str((Decimal(fen) / FEN_PER_CNY).quantize(Decimal("0.01")))
