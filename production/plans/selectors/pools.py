"""What runs share, in the words of the planning problem: which pools there are, and what holds how much of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import cast
from uuid import UUID

from mes.catalog.models import Product
from mes.firms.models import Firm
from production.machines.choices import TOOLS, PoolStatus
from production.machines.models import Machine, PoolNeed
from production.machines.selectors.hours import MachineHours
from production.planning import problem as p
from production.planning.holding import Needs


class Pools:
    """The pools that something needs, and what needs them. `firms`: those planned for."""

    def __init__(
        self,
        firms: Mapping[UUID, Firm],
        needs: Iterable[PoolNeed],
        thickness_mm: Mapping[UUID, int],
        hours: MachineHours,
    ) -> None:
        """`thickness_mm`: of the products that have one which a need names."""
        self.firms = firms
        self._thickness_mm = thickness_mm
        self._of_process: defaultdict[str, list[PoolNeed]] = defaultdict(list)
        self._of_place: defaultdict[tuple[UUID, UUID], list[PoolNeed]] = defaultdict(list)
        self._unable: dict[tuple[UUID, UUID], tuple[str, ...]] = {}
        made: dict[UUID, p.Pool] = {}
        for need in needs:
            if need.pool_id not in made:
                made[need.pool_id] = _pool(need, firms[need.firm_id].code, hours)
            place = need.machine_id or need.machine_class_id
            if place is not None:
                self._of_place[need.firm_id, place].append(need)
            else:
                self._of_process[need.process].append(need)
        self._made = made
        self.pools = tuple(sorted(made.values(), key=lambda pool: pool.key))

    def of_machine(self, machine: Machine) -> Needs:
        """What whatever runs on a machine holds: the most that its own needs and its class's say of each pool."""
        places = (machine.pk, machine.machine_class_id)
        return self._most(need for place in places for need in self._of_place.get((machine.firm_id, place), ()))

    def of_step(self, process: str, product_id: UUID | None) -> Needs:
        """What a process of a product holds, at each firm of its own: the most that the firm says of each pool."""
        return self._most(self._needs(process, product_id))

    def of_run(self, machine: Machine, process: str, product_id: UUID | None) -> Needs:
        """What a run holds."""
        step = (need for need in self._needs(process, product_id) if need.firm_id == machine.firm_id)
        return (*self._most(step), *self.of_machine(machine))

    def takes_tool(self, firm_id: UUID, product_id: UUID) -> bool:
        """Whether a firm makes a product with a mould, die or frame."""
        return any(firm_id in firms for firms in self._tools(product_id).values())

    def unable(self, firm_id: UUID, product_id: UUID) -> tuple[str, ...]:
        """Firms without a tool in service for a process for which `firm_id` says that the product takes one."""
        place = (firm_id, product_id)
        if place not in self._unable:
            wanted = [firms for firms in self._tools(product_id).values() if firm_id in firms]
            lacking = (
                firm.code
                for key, firm in self.firms.items()
                if key != firm_id and not all(firms.get(key) for firms in wanted)
            )
            self._unable[place] = tuple(sorted(lacking))
        return self._unable[place]

    def _tools(self, product_id: UUID) -> dict[str, dict[UUID, bool]]:
        """By process, the firms that name tools for it, and whether all of them are in service."""
        found: dict[str, dict[UUID, bool]] = {process: {} for process in self._of_process}
        for process, firms in found.items():
            for need in self._needs(process, product_id):
                if need.pool.kind in TOOLS:
                    is_there = need.pool.status == PoolStatus.IN_SERVICE
                    firms[need.firm_id] = firms.get(need.firm_id, True) and is_there
        return found

    def _needs(self, process: str, product_id: UUID | None) -> Iterable[PoolNeed]:
        for need in self._of_process.get(process, ()):
            if need.product_id is not None:
                is_its = need.product_id == product_id
            elif need.thickness_mm is not None:
                is_its = product_id is not None and self._thickness_mm.get(product_id) == need.thickness_mm
            else:
                is_its = True
            if is_its:
                yield need

    def _most(self, needs: Iterable[PoolNeed]) -> Needs:
        found: defaultdict[str, int] = defaultdict(int)
        for need in needs:
            key = self._made[need.pool_id].key
            found[key] = max(found[key], need.units)
        return tuple(sorted(found.items()))


def pools_of(*, firms: Mapping[UUID, Firm], hours: MachineHours) -> Pools:
    """One query, and one for thicknesses where a need names one."""
    needs = list(PoolNeed.objects.filter(firm__in=firms.keys()).select_related("pool").order_by("pk"))
    named = {need.thickness_mm for need in needs if need.thickness_mm is not None}
    products = Product.objects.filter(thickness_mm__in=named).values_list("pk", "thickness_mm") if named else ()
    return Pools(firms, needs, dict(products), hours)


def _pool(need: PoolNeed, firm_code: str, hours: MachineHours) -> p.Pool:
    pool = need.pool
    return p.Pool(
        key=f"{firm_code}:{pool.code}",
        firm=firm_code,
        kind=cast("p.PoolKind", pool.kind),
        capacity=pool.size if pool.status == PoolStatus.IN_SERVICE else 0,
        calendar=hours.calendar_of_pool[pool.pk],
        out=hours.out_of_pool.get(pool.pk, ()),
    )
