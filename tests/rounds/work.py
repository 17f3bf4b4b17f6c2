"""A round, the firms that buy in it, and the clock that rules it. Each function opens the wall that it needs."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from mes.catalog.models import Material
from mes.core.actors import Actor, Channel, DatabaseRole, Sight
from mes.core.clock import business_now
from mes.core.models import Installation
from mes.core.wall import actor_wall, wall
from mes.firms.authentication import actor_of_user
from mes.firms.choices import FirmStatus, Role
from mes.firms.models import Firm
from procurement.rounds.models import Commitment, Round
from procurement.rounds.services import (
    CommitmentDraft,
    LineDraft,
    RoundDraft,
    commitment_put,
    commitment_withdraw,
    round_create,
    round_line_add,
    round_open,
)
from procurement.suppliers.choices import QualificationStatus
from procurement.suppliers.models import SupplierQualification
from production.machines.choices import MovementReason
from production.machines.models import StockMovement
from tests.database import as_owner
from tests.factories import a_firm, at, some_stock, user_of

FIRMING_AT, CLOSES_AT, QUOTATIONS_CLOSE_AT = at(days=5), at(days=7), at(days=14)
USED_KG = 1_000_000


def the_time_is(moment: datetime) -> None:
    """The park's clock stands there until it is set again."""
    with transaction.atomic(), as_owner():
        Installation.objects.all().delete()
        Installation.objects.create(kind="test", business_at=moment)


def an_officer() -> Actor:
    """As the sign-in makes him, for the worker's login too, which does not read what that reads."""
    user = user_of(None, Role.ROUND_OFFICER)
    sight = Sight(sees_members=False)
    return Actor(DatabaseRole.STAFF, Channel.ADMIN, user_id=user.pk, roles=user.roles, sight=sight)


def a_buyer(firm: Firm) -> Actor:
    return actor_of_user(user_of(firm, Role.BUYER), channel=Channel.API)


def a_supplier(code: str = "S01", *, material: str = "R1") -> Firm:
    """A supplier that is qualified for a material."""
    firm = a_firm(code, status=FirmStatus.SUPPLIER)
    with wall(DatabaseRole.STAFF):
        SupplierQualification.objects.create(
            supplier=firm, material=Material.objects.get(code=material), status=QualificationStatus.QUALIFIED
        )
    return firm


def a_user_of_resin(code: str, *, used_kg: int = USED_KG) -> Firm:
    """A member whose ledger shows what it used in the last weeks."""
    firm = a_firm(code)
    stock = some_stock(firm, kg=used_kg, available_at=at(days=-30))
    with wall(DatabaseRole.FIRM, firm.pk):
        StockMovement.objects.create(
            firm=firm,
            material_id=stock.material_id,
            mass_g=-used_kg * 1000,
            available_at=at(days=-10),
            reason=MovementReason.CONSUMPTION,
        )
    return firm


def a_line(**fields: Any) -> LineDraft:
    usual: dict[str, Any] = {
        "material_code": "R1",
        "window_from": date(2026, 4, 1),
        "window_to": date(2026, 4, 30),
        "spot_fen_per_t": 800_000,
    }
    return LineDraft(**usual | fields)


def a_draft_round(code: str = "2026-R1", *, lines: int = 1, material: str = "R1", **fields: Any) -> Round:
    """With lines that differ by their zone."""
    times = {"firming_at": FIRMING_AT, "demand_closes_at": CLOSES_AT, "quotations_close_at": QUOTATIONS_CLOSE_AT}
    officer = an_officer()
    with actor_wall(officer):
        row = round_create(actor=officer, draft=RoundDraft(**{"code": code, "title": "三月树脂", **times, **fields}))
        for number in range(lines):
            round_line_add(actor=officer, round_id=row.pk, draft=a_line(material_code=material, zone=f"Z{number + 1}"))
    return row


def an_open_round(code: str = "2026-R1", **fields: Any) -> Round:
    row, officer = a_draft_round(code, **fields), an_officer()
    with actor_wall(officer):
        return round_open(actor=officer, round_id=row.pk, now=business_now())


def a_want(kg: int, **fields: Any) -> CommitmentDraft:
    """The wanted kg exactly."""
    return CommitmentDraft(**{"least_kg": kg, "wanted_kg": kg, "most_kg": kg, **fields})


def commit(firm: Firm, row: Round, kg: int, *, number: int = 1, **fields: Any) -> Commitment:
    buyer = a_buyer(firm)
    with actor_wall(buyer):
        draft = a_want(kg, **fields)
        return commitment_put(actor=buyer, round_id=row.pk, number=number, draft=draft, now=business_now()).row


def withdraw(firm: Firm, row: Round, *, number: int = 1) -> Commitment:
    buyer = a_buyer(firm)
    with actor_wall(buyer):
        return commitment_withdraw(actor=buyer, round_id=row.pk, number=number, now=business_now())


def later(moment: datetime, **passed: float) -> datetime:
    return moment + timedelta(**passed)
