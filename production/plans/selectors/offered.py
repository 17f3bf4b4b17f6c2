"""The members' published offers in the words of one firm's problem: what each of them tells, and nothing behind it.

A doer is imagined from its offers alone: the offered machines at their nominal pace, working by the firm's shift rules,
set up for nothing; one machine of each class of the catalogue that forms nothing; and, where the offer is for labour
and material, as much material as is wanted. So two parks that differ in what the members have not published give the
same problem, and the same answer.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice, takewhile
from operator import itemgetter
from uuid import UUID

from mes.catalog.choices import FORMING_PROCESSES, MACHINE_OF
from mes.catalog.models import MachineClass
from mes.core.money import to_fen
from mes.firms.models import Firm
from production.machines.selectors.published import OfferView
from production.planning import problem as p
from production.planning.search.hours import Law
from production.plans.choices import ProposalStatus
from production.plans.models import Proposal
from production.plans.selectors.live import minutes_between
from production.plans.selectors.problem import Snapshot

AMPLE_G = 10**15


@dataclass(frozen=True, slots=True)
class Offered:
    """The firm's problem with the offers. `class_of`: machine class by the key of an imagined machine."""

    problem: p.Problem
    offers: Mapping[str, OfferView]
    class_of: Mapping[str, str]


def with_offers(*, snapshot: Snapshot, problem: p.Problem, offers: Iterable[OfferView], zero_at: datetime) -> Offered:
    """Adds what the offers tell. Three queries: the classes, the firm's own placements, and where the gates are.

    Of the published minutes those are gone that the firm itself has placed; what others have placed is not told.
    """
    offers = list(offers)
    doers = {offer.firm_id: offer.firm_code for offer in offers}
    firms = {firm.pk: firm for firm in Firm.objects.filter(pk__in={*doers, *snapshot.firms.values()})}
    used_min = _placed_min(snapshot, zero_at)
    made = _Imagined(snapshot, problem)
    for offer in offers:
        made.add(offer, zero_at, used_min[offer.offer_id])
    plant = replace(snapshot.plant, firms=firms)
    return Offered(
        problem=replace(
            problem,
            calendars=(*problem.calendars, *made.calendars.values()),
            firms=(*problem.firms, *made.firms.values()),
            machines=(*problem.machines, *made.machines.values()),
            arrivals=(*problem.arrivals, *made.arrivals),
            transports=plant.transports(snapshot.firms),
            offers=tuple(made.offers),
        ),
        offers={f"{offer.firm_code}:{offer.code}": offer for offer in offers},
        class_of=made.class_of,
    )


class _Imagined:
    """Calendars, machines and offers of the doers, as they are told."""

    def __init__(self, snapshot: Snapshot, problem: p.Problem) -> None:
        self.snapshot = snapshot
        self.horizon_min = problem.horizon_min
        self.calendars: dict[str, p.Calendar] = {}
        self.firms: dict[str, p.Firm] = {}
        self.machines: dict[str, p.Machine] = {}
        self.arrivals: list[p.MaterialArrival] = []
        self.offers: list[p.Offer] = []
        self.class_of: dict[str, str] = {}
        routes = [route for its in snapshot.routes.routes.values() for route in its]
        self.finishing = {snapshot.plant.classes_of(code, "")[0]: kind for code, kind in _finishing_classes()}
        self.materials = sorted({name for route in routes for step in route.steps for name, _g in step.materials})

    def add(self, offer: OfferView, zero_at: datetime, used_min: int) -> None:
        """An offer with its machines, and its firm when it is the firm's first."""
        window = (max(0, minutes_between(zero_at, offer.starts_at)), minutes_between(zero_at, offer.ends_at))
        window = (window[0], min(window[1], self.horizon_min))
        if window[0] >= window[1] or not offer.machines:
            return
        self._firm(offer)
        keys = []
        for view in offer.machines:
            key = f"{offer.firm_code}#{view.number}"
            keys.append(key)
            self.class_of[key] = view.class_code
            classes = self.snapshot.plant.classes_of(view.class_code, "")
            self.machines[key] = self._machine(key, offer, classes[0], view.kind, view.hours)
        counted = Counter(view.hours for view in offer.machines)
        open_min = sum(number * _open_min(hours, window) for hours, number in counted.items())
        self.offers.append(
            p.Offer(
                key=f"{offer.firm_code}:{offer.code}",
                firm=offer.firm_code,
                machines=tuple(sorted(keys)),
                window=window,
                fee_fen_per_t=to_fen(offer.fee_cny_per_t),
                least_lot_g=offer.least_lot_kg * 1000,
                machine_minutes=max(0, open_min * offer.share_pct // 100 - used_min),
                accept="at_once" if offer.accept == "at_once" else "ask",
                material_from="giver" if offer.material_from == "giver" else "doer",
            )
        )

    def _firm(self, offer: OfferView) -> None:
        if offer.firm_code in self.firms:
            return
        calendar = self._calendar(offer, offer.firm_hours)
        self.firms[offer.firm_code] = p.Firm(offer.firm_code, calendar)
        for machine_class, kind in self.finishing.items():
            key = f"{offer.firm_code}#{machine_class}"
            self.class_of[key] = machine_class.partition("+")[0]
            self.machines[key] = self._machine(key, offer, machine_class, kind, offer.firm_hours)
        for name in self.materials:
            key = f"{offer.firm_code}#{name}"
            self.arrivals.append(p.MaterialArrival(key, offer.firm_code, name, 0, AMPLE_G))

    def _machine(
        self, key: str, offer: OfferView, machine_class: str, kind: str, hours: tuple[p.Period, ...]
    ) -> p.Machine:
        return p.Machine(key, offer.firm_code, machine_class, self._calendar(offer, hours), changeover=kind)

    def _calendar(self, offer: OfferView, hours: tuple[p.Period, ...]) -> str:
        for key, calendar in self.calendars.items():
            if calendar.open == hours:
                return key
        key = f"#{len(self.calendars) + 1}"
        self.calendars[key] = p.Calendar(key, hours)
        return key


def _finishing_classes() -> list[tuple[str, str]]:
    """Code and kind of the catalogue's machine classes that form nothing."""
    forming = {MACHINE_OF[process] for process in FORMING_PROCESSES}
    return list(MachineClass.objects.exclude(kind__in=forming).order_by("code").values_list("code", "kind"))


def _open_min(hours: tuple[p.Period, ...], window: p.Period) -> int:
    """Open minutes in a window; the hours are sorted and apart."""
    first = bisect_right(hours, window[0], key=itemgetter(1))
    inside = takewhile(lambda period: period[0] < window[1], islice(hours, first, None))
    return sum(min(end, window[1]) - max(start, window[0]) for start, end in inside)


def _placed_min(snapshot: Snapshot, zero_at: datetime) -> defaultdict[UUID, int]:
    """By offer: forming minutes of the firm's own placements that are not finished, at the nominal pace."""
    found: defaultdict[UUID, int] = defaultdict(int)
    open_statuses = (ProposalStatus.PROPOSED, ProposalStatus.ACCEPTED)
    rows = Proposal.objects.filter(
        status__in=open_statuses, giver__in=snapshot.firms.values(), finish_at__gt=zero_at
    ).values_list("offer_id", "product_id", "pieces")
    for offer_id, product_id, pieces in rows:
        routes = snapshot.routes.routes.get(product_id, ())
        forming = next((step for route in routes for step in route.steps if step.forming), None)
        if forming is not None:
            law = Law(forming.modes[0], p.Machine("", "", "", ""))
            found[offer_id] += law.minutes(law.units(pieces))
    return found
