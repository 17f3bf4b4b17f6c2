"""What keeps machines from working: no hours, or a downtime. For the association, which reads all firms'."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from mes.firms.choices import FirmStatus
from mes.firms.models import Firm
from production.machines.choices import MachineStatus
from production.machines.models import CalendarRule, Downtime, Machine


def firms_without_hours() -> QuerySet[Firm]:
    """Members with an installed machine for which no rule names working days: the plan leaves it idle."""
    rules = CalendarRule.objects.filter(
        Q(machine_class=None) | Q(machine_class=OuterRef("machine_class")), firm=OuterRef("firm")
    )
    idle = Machine.objects.filter(~Exists(rules), firm=OuterRef("pk"), status=MachineStatus.INSTALLED)
    return Firm.objects.filter(Exists(idle), status=FirmStatus.MEMBER)


def downtimes_under_way(*, now: datetime) -> QuerySet[Downtime]:
    """Downtimes of installed machines at `now`, the park's time."""
    return Downtime.objects.filter(starts_at__lte=now, ends_at__gt=now, machine__status=MachineStatus.INSTALLED)
