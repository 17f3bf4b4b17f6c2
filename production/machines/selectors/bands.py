"""How much machine time the members offer together, in coarse bands. Of published offers alone, never of load.

The members read it, and each knows his own offers, so that a sum must tell nothing to who takes away his own or
compares it with earlier ones (`mes.core.statistics.SumsTold`). What was told is not kept: it follows from the offers,
Monday after Monday since the year's first, because neither the time of an offer's publication nor that of its
withdrawal ever changes. Nothing changes between two Mondays, or a withdrawal could be timed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from uuid import UUID

from django.utils import timezone

from mes.catalog.choices import FORMING_KINDS
from mes.catalog.models import MachineClass
from mes.core.actors import Actor, DatabaseRole
from mes.core.statistics import SumsTold
from mes.core.wall import switched
from mes.firms.access import required_firm
from mes.firms.choices import FirmStatus
from production.machines.choices import CapacityBand
from production.machines.models import OfferedMachine

WEEK = timedelta(days=7)
WEEKS = 4
HOUR = timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)

MOST_KEPT = 64
"""Classes and weeks whose bands a process keeps."""

_BOUNDS_H = (
    (100, CapacityBand.UP_TO_100),
    (500, CapacityBand.UP_TO_500),
    (2000, CapacityBand.UP_TO_2000),
)

Hours = dict[UUID, Decimal]
"""Of the clock, that each firm offers."""


@dataclass(frozen=True, slots=True)
class Band:
    """What the members offer of a machine class in the week from Monday `starts_on`; `band` None: withheld."""

    class_code: str
    starts_on: date
    band: CapacityBand | None


@dataclass(frozen=True, slots=True)
class Offered:
    """A machine of an offer."""

    firm_id: UUID
    machine_id: UUID
    class_code: str
    share_pct: int
    starts_at: datetime
    ends_at: datetime
    published_at: datetime
    withdrawn_at: datetime | None

    def stood_at(self, moment: datetime) -> bool:
        """Whether it was published before and not withdrawn before."""
        return self.published_at < moment and (self.withdrawn_at is None or self.withdrawn_at >= moment)

    def hours_in_week(self, starts_at: datetime) -> Decimal:
        """Its share of the clock's hours of its window in a week."""
        span = min(self.ends_at, starts_at + WEEK) - max(self.starts_at, starts_at)
        return Decimal(max(0, span // MICROSECOND) * self.share_pct) / (100 * (HOUR // MICROSECOND))


def capacity_bands(*, actor: Actor, now: datetime) -> list[Band]:
    """By machine class and week, for the week of `now` and three more, as of its Monday 00:00 in the park.

    The caller's own offers are in it. A firm that was suspended or has left counts until its windows end: the bands
    would else tell what it had offered. Two queries, as the exchange. Raises NotPermitted.
    """
    required_firm(actor, "capacity_band.read")
    with switched(DatabaseRole.EXCHANGE):
        classes = list(
            MachineClass.objects.filter(kind__in=FORMING_KINDS).order_by("code").values_list("code", flat=True)
        )
        rows = OfferedMachine.objects.exclude(offer__firm__status=FirmStatus.SANDBOX).order_by("offer_id", "machine_id")
        offered = [
            Offered(*row)
            for row in rows.values_list(
                "firm_id",
                "machine_id",
                "machine__machine_class__code",
                "offer__share_pct",
                "offer__starts_at",
                "offer__ends_at",
                "offer__published_at",
                "offer__withdrawn_at",
            )
        ]
    monday = _monday(now)
    of_class: defaultdict[str, list[Offered]] = defaultdict(list)
    for row in _as_of(offered, monday):
        of_class[row.class_code].append(row)
    return [
        Band(code, starts_at.date(), band)
        for code in classes
        for starts_at, band in zip(_weeks(monday), bands_of(tuple(of_class[code]), monday=monday), strict=True)
    ]


@lru_cache(MOST_KEPT)
def bands_of(offered: tuple[Offered, ...], *, monday: datetime) -> tuple[CapacityBand | None, ...]:
    """Those of one machine class, of the weeks that are told on a Monday, after all that was told in its year.

    Of the year before, what may have been told on its last four Mondays is compared.
    """
    told = SumsTold()
    bands: list[CapacityBand | None] = []
    moment = _first_monday(monday) - WEEK * WEEKS
    while moment <= monday:
        hours = hours_told(offered, monday=moment)
        if moment.year < monday.year:
            for week in hours:
                told.may_have_been_told(week)
        else:
            bands = [band_of(sum(week.values(), Decimal())) if told.tell(week) else None for week in hours]
        moment += WEEK
    return tuple(bands)


def _as_of(offered: Sequence[Offered], monday: datetime) -> Iterator[Offered]:
    """What decides of the bands of a Monday, the same all week."""
    for row in offered:
        if row.published_at < monday:
            gone = row.withdrawn_at is not None and row.withdrawn_at < monday
            yield row if gone else replace(row, withdrawn_at=None)


def hours_told(offered: Sequence[Offered], *, monday: datetime) -> list[Hours]:
    """What stood on offer on a Monday, by firm, for each of the weeks that were told then."""
    standing = [row for row in offered if row.stood_at(monday) and row.ends_at > monday]
    return [_hours(standing, starts_at) for starts_at in _weeks(monday)]


def band_of(hours: Decimal) -> CapacityBand:
    return next((band for most_h, band in _BOUNDS_H if hours <= most_h), CapacityBand.ABOVE_2000)


def _hours(offered: Sequence[Offered], starts_at: datetime) -> Hours:
    """A machine that is offered twice is not offered for more than the week."""
    machines: defaultdict[tuple[UUID, UUID], Decimal] = defaultdict(Decimal)
    for row in offered:
        machines[row.firm_id, row.machine_id] += row.hours_in_week(starts_at)
    firms: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    for (firm_id, _machine_id), hours in machines.items():
        firms[firm_id] += min(hours, Decimal(WEEK // HOUR))
    return firms


def _weeks(monday: datetime) -> Iterator[datetime]:
    return (monday + WEEK * number for number in range(WEEKS))


def _first_monday(monday: datetime) -> datetime:
    """That of its year."""
    return monday - WEEK * ((monday.timetuple().tm_yday - 1) // 7)


def _monday(moment: datetime) -> datetime:
    """The last 00:00 of a Monday in the park's zone."""
    local = timezone.localtime(moment)
    return (local - timedelta(days=local.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
