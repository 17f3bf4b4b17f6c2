"""A round's opened quotations and locked commitments as the award's problem. For the planner's role alone.

Keys are business numbers (a line's number, firms' codes), so that the same data gives the same problem and digest.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast
from uuid import UUID

from mes.firms.models import Firm
from procurement.award.problem import Break, BreakKind, Commitment, Discount, Line, Problem, Quotation, Supplier
from procurement.quotations.choices import QuotationStatus
from procurement.quotations.models import Quotation as QuotationRow
from procurement.quotations.models import QuotationLine
from procurement.quotations.selectors import normalised
from procurement.rounds.models import WHOLE_PERMILLE, CommitmentReserve, LockedCommitment, Round, RoundLine

FirmLine = tuple[str, str]
"""A firm's code and a line's key."""


@dataclass(frozen=True, slots=True)
class Posed:
    """The problem, and the rows behind its keys. `firms`: members and suppliers by code."""

    problem: Problem
    lines: Mapping[str, RoundLine]
    firms: Mapping[str, UUID]
    locked: Mapping[FirmLine, LockedCommitment]


def line_key(number: int) -> str:
    """Of a round's line. Sorted as numbers are."""
    return f"{number:03}"


def award_problem_of(*, round_id: UUID, day: date, without: Collection[FirmLine] = ()) -> Posed:
    """What the round's award depends on. `day`: quotations are valid then. `without`: who has opted out of what.

    What no rule of the round lets anybody buy is left out: a quotation of which no multiple fits, and all of a line
    that fewer suppliers quote than its rules want.
    """
    a_round = Round.objects.get(pk=round_id)
    lines = {
        line_key(line.number): line
        for line in RoundLine.objects.filter(round_id=round_id).select_related("material").order_by("number")
    }
    keys = {line.pk: key for key, line in lines.items()}
    locked = _locked(round_id, keys, without)
    opened = _opened(round_id, day)
    quoted = _quoted(opened, keys, lines)
    approved = {key for row in locked.values() for key in row.approved_suppliers}
    codes = _codes({row.supplier_id for row in opened} | approved)
    quotations = _reachable(lines, [_quotation(codes[line.supplier_id], key, line) for key, line in quoted])
    served = {item.line for item in quotations}
    problem = Problem(
        lines=tuple(_line(key, line, is_quoted=key in served) for key, line in lines.items()),
        commitments=_commitments(locked, codes),
        suppliers=_suppliers(codes, opened, quotations),
        quotations=quotations,
        greatest_supplier_share_permille=a_round.greatest_supplier_share_permille,
    )
    firms = {row.firm.code: row.firm_id for row in locked.values()} | {code: key for key, code in codes.items()}
    return Posed(problem, lines, firms, locked)


def _locked(
    round_id: UUID, keys: Mapping[UUID, str], without: Collection[FirmLine]
) -> dict[FirmLine, LockedCommitment]:
    rows = LockedCommitment.objects.filter(snapshot__line__round_id=round_id).select_related("firm", "snapshot")
    found = {(row.firm.code, keys[row.snapshot.line_id]): row for row in rows}
    return {place: found[place] for place in sorted(found) if place not in without}


def _opened(round_id: UUID, day: date) -> list[QuotationRow]:
    rows = QuotationRow.objects.filter(
        tender__round_id=round_id, status=QuotationStatus.OPENED, opened_at__isnull=False, valid_until__gte=day
    )
    return list(rows.select_related("supplier").prefetch_related("discounts").order_by("supplier__code"))


def _quoted(
    opened: Iterable[QuotationRow], keys: Mapping[UUID, str], lines: Mapping[str, RoundLine]
) -> list[tuple[str, QuotationLine]]:
    """(line key, row) of what can be bought at all."""
    rows = QuotationLine.objects.filter(quotation__in=[row.pk for row in opened])
    found = []
    for row in rows.select_related("line", "quotation__tender").prefetch_related("breaks"):
        key = keys[row.line.line_id]
        lot, firsts = math.lcm(row.multiple_kg, lines[key].bag_kg), [item.from_kg for item in row.breaks.all()]
        capacity = min(row.capacity_kg, row.quotation.capacity_kg or row.capacity_kg)
        least = max(row.least_kg, min(firsts, default=0), 1)
        if firsts and -(-least // lot) * lot <= capacity:
            found.append((key, row))
    return found


def _codes(firm_ids: Collection[UUID]) -> dict[UUID, str]:
    return dict(Firm.objects.filter(pk__in=firm_ids).values_list("pk", "code"))


def _line(key: str, line: RoundLine, *, is_quoted: bool) -> Line:
    """Of a line that nobody delivers the rules of its suppliers do not count."""
    return Line(
        key=key,
        grade=line.material.code,
        spot_fen_per_t=line.spot_fen_per_t,
        zone=line.zone,
        window=f"{line.window_from}/{line.window_to}",
        bag_kg=line.bag_kg,
        least_suppliers=line.least_suppliers if is_quoted else 1,
        most_suppliers=line.most_suppliers if is_quoted else None,
        greatest_share_permille=line.greatest_share_permille,
        least_share_permille=line.least_share_permille,
    )


def _commitments(locked: Mapping[FirmLine, LockedCommitment], codes: Mapping[UUID, str]) -> tuple[Commitment, ...]:
    ids = [row.commitment_id for row in locked.values()]
    reserves = dict(
        CommitmentReserve.objects.filter(commitment__in=ids).values_list("commitment_id", "reserve_fen_per_t")
    )
    return tuple(
        Commitment(
            firm=firm,
            line=line,
            least_kg=row.least_kg,
            wanted_kg=row.wanted_kg,
            most_kg=row.most_kg,
            tie=row.tie,
            priority=row.priority,
            approved=tuple(sorted(codes[key] for key in row.approved_suppliers)) or None,
            reserve_fen_per_t=reserves.get(row.commitment_id),
        )
        for (firm, line), row in locked.items()
    )


def _quotation(supplier: str, key: str, row: QuotationLine) -> Quotation:
    breaks = sorted(row.breaks.all(), key=lambda item: item.from_kg)
    interest = row.quotation.tender.interest_permille
    return Quotation(
        supplier=supplier,
        line=key,
        capacity_kg=row.capacity_kg,
        breaks=tuple(
            Break(item.from_kg, normalised(row.quotation, item.price_fen_per_t, interest_permille=interest))
            for item in breaks
            if item.from_kg <= row.capacity_kg
        ),
        least_kg=row.least_kg,
        lot_kg=row.multiple_kg,
        kind=cast(BreakKind, str(row.kind)),
    )


def _reachable(lines: Mapping[str, RoundLine], quotations: Iterable[Quotation]) -> tuple[Quotation, ...]:
    """In whole bags; without lines that fewer suppliers quote than may deliver them."""
    of_line: dict[str, list[Quotation]] = defaultdict(list)
    for item in quotations:
        of_line[item.line].append(item)
    kept: list[Quotation] = []
    for key, items in sorted(of_line.items()):
        line = lines[key]
        most = min(len(items), line.most_suppliers or len(items))
        if line.least_suppliers <= len(items) and line.greatest_share_permille * most >= WHOLE_PERMILLE:
            kept += [_in_bags(item, line.bag_kg) for item in items]
    return tuple(kept)


def _in_bags(item: Quotation, bag_kg: int) -> Quotation:
    return Quotation(
        item.supplier,
        item.line,
        item.capacity_kg,
        item.breaks,
        item.least_kg,
        math.lcm(item.lot_kg, bag_kg),
        item.kind,
    )


def _suppliers(
    codes: Mapping[UUID, str], opened: Iterable[QuotationRow], quotations: Iterable[Quotation]
) -> tuple[Supplier, ...]:
    quoted: dict[str, int] = defaultdict(int)
    for item in quotations:
        quoted[item.supplier] += item.capacity_kg
    rows = {row.supplier_id: row for row in opened}
    return tuple(
        _supplier(code, rows.get(key), quoted[code]) for key, code in sorted(codes.items(), key=lambda pair: pair[1])
    )


def _supplier(code: str, row: QuotationRow | None, quoted_kg: int) -> Supplier:
    """A supplier that is approved by a firm and has not quoted has no limits."""
    if row is None:
        return Supplier(code)
    most = min(quoted_kg, row.capacity_kg or quoted_kg)
    discounts = sorted(row.discounts.all(), key=lambda item: item.from_kg)
    return Supplier(
        code,
        row.capacity_kg,
        discounts=tuple(Discount(item.from_kg, item.permille) for item in discounts if item.from_kg <= most),
    )
