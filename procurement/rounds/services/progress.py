"""How far an open round is, as all may know it: in bands, and so that no two of them tell of a firm."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from mes.core.statistics import Shares, SumsTold, may_be_shown_to_each
from procurement.rounds.choices import OPEN_STATUSES, CommitmentStatus, ProgressBand
from procurement.rounds.models import Commitment, CommitmentEvent, LineProgress, RoundLine

_BANDS_KG = (
    (100_000, ProgressBand.UNDER_100_T),
    (500_000, ProgressBand.UNDER_500_T),
    (2_000_000, ProgressBand.UNDER_2000_T),
)


def progress_show(*, now: datetime) -> int:
    """Brings what is shown of each open line up to now, where that tells of no firm; returns of how many lines.

    Each reader has a part in the sum: it is told only if nobody learns of another firm from it, his own share and all
    that was told of the line before (`mes.core.statistics.SumsTold`). Planner's role.
    """
    lines = {line.pk: line for line in RoundLine.objects.filter(round__status__in=OPEN_STATUSES)}
    shown = {row.line_id: row for row in LineProgress.objects.filter(line__in=lines)}
    present = _shares(
        Commitment.objects.filter(line__in=lines, status=CommitmentStatus.SUBMITTED).values_list(
            "line_id", "firm_id", "wanted_kg"
        )
    )
    told = 0
    for line_id in sorted(lines):
        shares, before = present[line_id], shown.get(line_id)
        moments = before.told_at if before is not None else []
        if not _tells_of_nobody(line_id, moments, shares):
            continue
        band = band_of(sum(shares.values(), Decimal()))
        values = {"band": band, "shown_at": now, "told_at": [*moments, now]}
        LineProgress.objects.update_or_create(line_id=line_id, defaults=values)
        told += 1
    return told


def band_of(kg: Decimal) -> ProgressBand:
    """The band in which a sum lies; a band's upper end is not in it."""
    return next((band for below, band in _BANDS_KG if kg < below), ProgressBand.MORE)


def _tells_of_nobody(line_id: UUID, moments: Sequence[datetime], shares: Shares) -> bool:
    """Whether the sum is another than the last one and may be told after those of the moments, in their order."""
    if not may_be_shown_to_each(shares.values()):
        return False
    before = _shares_at(line_id, moments)
    if before and before[-1] == shares:
        return False
    told = SumsTold()
    for earlier in before:
        told.tell(earlier)
    return told.tell(shares)


def _shares_at(line_id: UUID, moments: Sequence[datetime]) -> list[Shares]:
    """What stood at each of the moments, by firm."""
    events = CommitmentEvent.objects.filter(commitment__line_id=line_id).order_by("revision")
    rows = list(events.values_list("at", "firm_id", "status", "wanted_kg"))
    found: list[Shares] = []
    for moment in moments:
        last = {firm_id: (status, kg) for at, firm_id, status, kg in rows if at <= moment}
        standing = ((firm_id, kg) for firm_id, (status, kg) in last.items() if status == CommitmentStatus.SUBMITTED)
        found.append({firm_id: Decimal(kg) for firm_id, kg in standing})
    return found


def _shares(rows: Iterable[tuple[UUID, UUID, int]]) -> defaultdict[UUID, dict[UUID, Decimal]]:
    found: defaultdict[UUID, dict[UUID, Decimal]] = defaultdict(dict)
    for line_id, firm_id, kg in rows:
        found[line_id][firm_id] = Decimal(kg)
    return found
