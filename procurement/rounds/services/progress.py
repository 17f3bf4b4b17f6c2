"""How far an open round is, as all may know it: in bands, and so that no two of them tell of a firm."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from mes.core.statistics import Shares, may_be_compared, may_be_shown
from procurement.rounds.choices import OPEN_STATUSES, CommitmentStatus, ProgressBand
from procurement.rounds.models import Commitment, CommitmentEvent, LineProgress, RoundLine

_BANDS_KG = (
    (100_000, ProgressBand.UNDER_100_T),
    (500_000, ProgressBand.UNDER_500_T),
    (2_000_000, ProgressBand.UNDER_2000_T),
)


def progress_show(*, now: datetime) -> int:
    """Brings what is shown of each open line up to now, where that tells of no firm; returns of how many lines.

    Withheld below five firms or where one has more than three fifths; and what has changed since it was last shown must
    itself be a sum of such firms. Planner's role.
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
        if not may_be_shown(shares.values()):
            continue
        if before is not None and not _tells_of_nobody(before, shares):
            continue
        LineProgress.objects.update_or_create(
            line_id=line_id, defaults={"band": band_of(sum(shares.values(), Decimal())), "shown_at": now}
        )
        told += 1
    return told


def band_of(kg: Decimal) -> ProgressBand:
    """The band in which a sum lies; a band's upper end is not in it."""
    return next((band for below, band in _BANDS_KG if kg < below), ProgressBand.MORE)


def _tells_of_nobody(before: LineProgress, shares: Shares) -> bool:
    """Whether nobody learns from both, what was shown then and what is now, of a single firm."""
    events = CommitmentEvent.objects.filter(commitment__line_id=before.line_id, at__lte=before.shown_at)
    last: dict[UUID, tuple[str, int]] = {}
    for firm_id, status, kg in events.order_by("revision").values_list("firm_id", "status", "wanted_kg"):
        last[firm_id] = status, kg
    then = {firm_id: Decimal(kg) for firm_id, (status, kg) in last.items() if status == CommitmentStatus.SUBMITTED}
    return then != shares and may_be_compared(then, shares)


def _shares(rows: Iterable[tuple[UUID, UUID, int]]) -> defaultdict[UUID, dict[UUID, Decimal]]:
    found: defaultdict[UUID, dict[UUID, Decimal]] = defaultdict(dict)
    for line_id, firm_id, kg in rows:
        found[line_id][firm_id] = Decimal(kg)
    return found
