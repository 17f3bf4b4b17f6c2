"""Machines, bookings and trips of the planning problem."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from math import isqrt
from uuid import UUID

from mes.catalog.models import TransportTariff
from mes.core.money import to_fen
from mes.firms.models import Firm
from production.machines.choices import MachineStatus
from production.machines.models import FirmApproval, Machine
from production.machines.selectors.hours import MachineHours
from production.planning import problem as p
from production.plans.selectors.pools import Pools

KG_PER_T = 1000


@dataclass(frozen=True, slots=True)
class Plant:
    """The installed machines of the firms planned for.

    `classes` maps (machine class code, approval or "") to the classes of the problem that may serve it: a machine's
    class there names its firm's approvals, so that work that needs one meets only firms that hold it.
    """

    firms: Mapping[UUID, Firm]
    rows: Mapping[str, Machine]
    key_of: Mapping[UUID, str]
    machines: tuple[p.Machine, ...]
    bookings: tuple[p.FixedLot, ...]
    classes: Mapping[tuple[str, str], tuple[str, ...]]
    tariff: TransportTariff | None

    def classes_of(self, class_code: str, need: str) -> tuple[str, ...]:
        """The problem's classes that serve a machine class under an approval; one without machines where there is none,
        so that what a reason names does not tell which machines the members have.
        """
        return self.classes.get((class_code, need)) or (_class_key(class_code, {need} - {""}),)

    def open_minutes(self, machine_id: UUID, window: p.Period, hours: MachineHours) -> int:
        """Open minutes of a machine inside a window, less its downtime and bookings."""
        calendar = hours.calendars[hours.calendar_of_machine[machine_id]]
        closed = (*hours.closed_of_machine.get(machine_id, ()), *hours.bookings_of_machine.get(machine_id, ()))
        total = 0
        for start, end in calendar:
            period = (max(start, window[0]), min(end, window[1]))
            if period[0] < period[1]:
                total += period[1] - period[0] - sum(_common(period, other) for other in closed)
        return max(0, total)

    def transports(self, codes: Iterable[str]) -> tuple[p.Transport, ...]:
        """Trips between each firm and each of those named by `codes`, both ways."""
        if self.tariff is None:
            return ()
        by_code = {firm.code: firm for firm in self.firms.values()}
        pairs = {
            pair for code in set(codes) for other in by_code if other != code for pair in ((code, other), (other, code))
        }
        return tuple(_transport(by_code[start], by_code[end], self.tariff) for start, end in sorted(pairs))


def plant_of(*, firms: Mapping[UUID, Firm], hours: MachineHours, pools: Pools) -> Plant:
    """Three queries: machines, approvals, tariff."""
    approvals: defaultdict[UUID, set[str]] = defaultdict(set)
    for firm_id, code in FirmApproval.objects.values_list("firm_id", "code"):
        approvals[firm_id].add(code)
    installed = Machine.objects.filter(status=MachineStatus.INSTALLED, firm__in=firms.keys())
    rows = {
        f"{firms[row.firm_id].code}:{row.code}": row
        for row in installed.select_related("machine_class", "family").order_by("firm__code", "code")
    }
    machines = tuple(_machine(key, row, firms, approvals[row.firm_id], hours, pools) for key, row in rows.items())
    return Plant(
        firms=firms,
        rows=rows,
        key_of={row.pk: key for key, row in rows.items()},
        machines=machines,
        bookings=tuple(_bookings(rows, firms, hours, pools)),
        classes=_classes(rows.values(), approvals),
        tariff=TransportTariff.objects.order_by("pk").first(),
    )


def _machine(
    key: str, row: Machine, firms: Mapping[UUID, Firm], approvals: set[str], hours: MachineHours, pools: Pools
) -> p.Machine:
    return p.Machine(
        key=key,
        firm=firms[row.firm_id].code,
        machine_class=_class_key(row.machine_class.code, approvals),
        calendar=hours.calendar_of_machine[row.pk],
        efficiency_permille=row.efficiency_permille,
        closed=hours.closed_of_machine.get(row.pk, ()),
        changeover=row.machine_class.kind,
        family_at_zero=row.family.code if row.family else "",
        pool_needs=pools.of_machine(row),
    )


def _class_key(class_code: str, approvals: set[str]) -> str:
    return "+".join((class_code, *sorted(approvals)))


def _classes(rows: Iterable[Machine], approvals: Mapping[UUID, set[str]]) -> dict[tuple[str, str], tuple[str, ...]]:
    found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        held = approvals.get(row.firm_id, set())
        for need in ("", *held):
            found[row.machine_class.code, need].add(_class_key(row.machine_class.code, held))
    return {place: tuple(sorted(keys)) for place, keys in found.items()}


def _bookings(
    rows: Mapping[str, Machine], firms: Mapping[UUID, Firm], hours: MachineHours, pools: Pools
) -> Iterable[p.FixedLot]:
    for key, row in rows.items():
        needs = pools.of_machine(row)
        for start, end in hours.bookings_of_machine.get(row.pk, ()):
            yield p.FixedLot(
                key=f"booking:{key}:{start}",
                line="",
                firm=firms[row.firm_id].code,
                pieces=0,
                runs=(p.FixedRun(key, start, end, pool_needs=needs),),
                finish_min=end,
            )


def _common(first: p.Period, second: p.Period) -> int:
    return max(0, min(first[1], second[1]) - max(first[0], second[0]))


def _transport(start: Firm, end: Firm, tariff: TransportTariff) -> p.Transport:
    """Straight-line distance; the handling of a full truck is part of its price."""
    metres = isqrt((start.gate_east_m - end.gate_east_m) ** 2 + (start.gate_north_m - end.gate_north_m) ** 2)
    km = Decimal(metres) / 1000
    minutes = tariff.fixed_min + int((tariff.min_per_km * km).to_integral_value(rounding=ROUND_CEILING))
    truck_cny = (
        tariff.fixed_cny_per_truck + tariff.cny_per_km * km + tariff.handling_cny_per_t * tariff.truck_kg / KG_PER_T
    )
    return p.Transport(
        from_firm=start.code,
        to_firm=end.code,
        minutes=minutes,
        truck_fen=to_fen(truck_cny.quantize(Decimal("0.01"), rounding=ROUND_CEILING)),
        truck_g=tariff.truck_kg * 1000,
    )
