"""What the seeding knows by business numbers: keys of rows, and the sample's zero."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from mes.core.money import to_cny
from mes.demo.sample.shapes import Sample

PARK_ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Index:
    """Keys of the rows made so far, by code. `zero` is 00:00 in the park on the sample's date."""

    zero: datetime
    firms: dict[str, UUID] = field(default_factory=dict)
    people: dict[str, UUID] = field(default_factory=dict)
    patterns: dict[str, UUID] = field(default_factory=dict)
    grades: dict[str, UUID] = field(default_factory=dict)
    materials: dict[str, UUID] = field(default_factory=dict)
    families: dict[str, UUID] = field(default_factory=dict)
    classes: dict[str, UUID] = field(default_factory=dict)
    products: dict[str, UUID] = field(default_factory=dict)

    def at(self, minutes: int) -> datetime:
        """The instant so many minutes after zero."""
        return self.zero + timedelta(minutes=minutes)


def local_midnight(day: date) -> datetime:
    """00:00 of a day in the park, aware."""
    return datetime.combine(day, time(), tzinfo=PARK_ZONE)


def zero_of(sample: Sample) -> datetime:
    """Where the demo's business clock stands."""
    return local_midnight(sample.park.sample_date)


def cny_per_t(fen_per_t: int) -> Decimal:
    """A price of whole fen per tonne in CNY per tonne."""
    return to_cny(fen_per_t)
