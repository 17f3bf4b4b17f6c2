"""Firms, people, the catalogue, machines and their hours.

Every function opens its own wall, so call them outside of one. What is asked for twice is found again by its code.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from mes.catalog.choices import MachineKind, MaterialKind, Process, StepClock
from mes.catalog.models import (
    BomLine,
    ChangeoverFamily,
    Grade,
    MachineClass,
    Material,
    Product,
    Routing,
    RoutingStep,
    StepOption,
)
from mes.core.actors import Actor, Channel, DatabaseRole, system_actor
from mes.core.wall import actor_wall, wall
from mes.firms.authentication import actor_of_user
from mes.firms.choices import Role
from mes.firms.models import Firm, Membership, User
from mes.firms.services import api_key_issue
from production.machines.choices import MovementReason
from production.machines.models import CalendarRule, FrozenBooking, Machine, Shift, ShiftPattern, StockMovement

PARK_ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 3, 2, tzinfo=PARK_ZONE)
"""00:00 in the park on an ordinary Monday: the clock of most stories."""

AROUND_THE_CLOCK = ((0, 1440),)
DAY_SHIFT = ((480, 960),)


def at(*, days: float = 0, hours: float = 0, minutes: float = 0) -> datetime:
    """So long after MONDAY."""
    return MONDAY + timedelta(days=days, hours=hours, minutes=minutes)


def a_firm(code: str = "F01", **fields: Any) -> Firm:
    """A member firm."""
    with wall(DatabaseRole.STAFF):
        firm, _new = Firm.objects.get_or_create(code=code, defaults={"name_zh": f"{code} 公司"} | fields)
    return firm


def user_of(firm: Firm | None, *roles: Role, username: str | None = None) -> User:
    """A person of a firm, or of the association (None), with roles and without a password."""
    own = "-".join(roles).lower()
    name = username or (f"{own}@{firm.code}" if firm else f"park-{own}")
    with wall(DatabaseRole.STAFF):
        user, new = User.objects.get_or_create(username=name, defaults={"firm": firm, "password": "!"})
        if new:
            Membership.objects.bulk_create(Membership(user=user, firm=firm, role=role) for role in roles)
    user.__dict__["_roles"] = frozenset(roles)
    return user


def planner_of(firm: Firm, *, channel: Channel = Channel.API) -> Actor:
    """A firm's planner, acting."""
    return actor_of_user(user_of(firm, Role.PLANNER), channel=channel)


def an_owner(firm: Firm) -> Actor:
    return actor_of_user(user_of(firm, Role.OWNER), channel=Channel.API)


def an_operator(firm: Firm) -> Actor:
    return actor_of_user(user_of(firm, Role.OPERATOR), channel=Channel.API)


def a_dispatcher() -> Actor:
    return actor_of_user(user_of(None, Role.DISPATCHER))


def an_administrator() -> Actor:
    return actor_of_user(user_of(None, Role.ADMINISTRATOR))


def the_system() -> Actor:
    """Scheduled work, under the planner's role."""
    return system_actor()


def a_pattern(code: str = "24H", shifts: tuple[tuple[int, int], ...] = AROUND_THE_CLOCK) -> ShiftPattern:
    """A shift pattern; minutes after midnight."""
    with wall(DatabaseRole.STAFF):
        pattern, new = ShiftPattern.objects.get_or_create(code=code)
        if new:
            Shift.objects.bulk_create(Shift(pattern=pattern, start_min=start, end_min=end) for start, end in shifts)
    return pattern


def a_calendar(firm: Firm, *, machine_class: MachineClass | None = None, **fields: Any) -> CalendarRule:
    """A firm's working days; without more words it works always, holidays and closure included."""
    pattern = fields.pop("pattern", None) or a_pattern()
    usual = {"pattern": pattern, "weekdays": "1234567", "keeps_holidays": False, "keeps_closure": False}
    with wall(DatabaseRole.FIRM, firm.pk):
        return CalendarRule.objects.create(firm=firm, machine_class=machine_class, **(usual | fields))


def a_machine_class(code: str = "P2", kind: str = MachineKind.PRESS, **fields: Any) -> MachineClass:
    """A machine class; a press has two daylights and a platen of 4.2 m by 2.2 m unless said otherwise."""
    press = {"daylights": 2, "platen_length_mm": 4200, "platen_width_mm": 2200, "max_thickness_mm": 100}
    usual = {"kind": kind, "name_zh": code} | (press if kind == MachineKind.PRESS else {})
    with wall(DatabaseRole.STAFF):
        row, _new = MachineClass.objects.get_or_create(code=code, defaults=usual | fields)
    return row


def a_machine(firm: Firm, code: str = "P2-01", *, machine_class: MachineClass | None = None, **fields: Any) -> Machine:
    """A machine of a firm; a press unless said otherwise."""
    its_class = machine_class or a_machine_class()
    with wall(DatabaseRole.FIRM, firm.pk):
        return Machine.objects.create(firm=firm, code=code, machine_class=its_class, **fields)


def a_booking(machine: Machine, *, starts_at: datetime, ends_at: datetime) -> FrozenBooking:
    """Machine time that is promised to other work."""
    with wall(DatabaseRole.FIRM, machine.firm_id):
        return FrozenBooking.objects.create(
            firm_id=machine.firm_id, machine=machine, starts_at=starts_at, ends_at=ends_at
        )


def some_stock(firm: Firm, *, kg: int, material: str = "R1", available_at: datetime = MONDAY) -> StockMovement:
    """Resin at hand, or coming when `available_at` lies ahead."""
    resin = _material(material)
    reason = MovementReason.OPENING if available_at <= MONDAY else MovementReason.ARRIVAL
    with wall(DatabaseRole.FIRM, firm.pk):
        return StockMovement.objects.create(
            firm=firm, material=resin, mass_g=kg * 1000, available_at=available_at, reason=reason
        )


def a_product(code: str = "PANEL-30", **fields: Any) -> Product:
    """A standard product: a panel of 2 m by 1 m, 30 mm thick, 57 kg a piece."""
    usual = {
        "name_zh": code,
        "form": "panel",
        "length_mm": 2000,
        "width_mm": 1000,
        "thickness_mm": 30,
        "unit_mass_g": 57_000,
        "grade": _grade(),
        "colour": "natural",
    }
    with wall(DatabaseRole.STAFF):
        product, _new = Product.objects.get_or_create(code=code, firm=None, defaults=usual | fields)
    return product


def a_routing(
    product: Product, *, machine_class: MachineClass | None = None, family: str = "", variant: str = "A"
) -> Routing:
    """Pressed two at a time in an hour, rested for a day, packed in working hours. Takes 60 kg of R1 a piece."""
    its_class = machine_class or a_machine_class()
    resin = _material("R1")
    its_family = _family(family) if family else None
    with wall(DatabaseRole.STAFF):
        routing = Routing.objects.create(product=product, variant=variant)
        press = RoutingStep.objects.create(
            routing=routing, number=10, process=Process.PRESS, family=its_family, transfer_pieces=24
        )
        StepOption.objects.create(step=press, machine_class=its_class, pieces_per_cycle=2, cycle_s=3600)
        RoutingStep.objects.create(
            routing=routing, number=20, process=Process.REST, fixed_min=1440, clock=StepClock.ELAPSED
        )
        RoutingStep.objects.create(routing=routing, number=30, process=Process.PACK, seconds_per_piece=60)
        BomLine.objects.create(routing=routing, material=resin, kg_per_piece=60)
    return routing


def _grade(code: str = "R1") -> Grade:
    with wall(DatabaseRole.STAFF):
        grade, _new = Grade.objects.get_or_create(code=code, defaults={"name_zh": code, "family": "standard"})
    return grade


def _material(code: str) -> Material:
    grade = _grade(code)
    with wall(DatabaseRole.STAFF):
        material, _new = Material.objects.get_or_create(
            code=code, defaults={"kind": MaterialKind.RESIN, "grade": grade}
        )
    return material


def _family(code: str) -> ChangeoverFamily:
    with wall(DatabaseRole.STAFF):
        family, _new = ChangeoverFamily.objects.get_or_create(
            code=code, defaults={"grade_family": "standard", "colour": "natural", "thickness_mm": 30}
        )
    return family


def an_api_key(firm: Firm, role: Role = Role.PLANNER, *, scopes: list[str] | None = None) -> dict[str, str]:
    """Headers of a request by a firm's program, acting for a person with the role."""
    user = user_of(firm, role)
    owner = an_owner(firm)
    with actor_wall(owner):
        key = api_key_issue(actor=owner, user=user, label="test", scopes=scopes)
    return {"Authorization": f"Bearer {key}"}
