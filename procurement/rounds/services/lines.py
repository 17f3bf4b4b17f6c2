"""The lines of a draft."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from mes.catalog.models import Material
from mes.core import audit
from mes.core.actors import Actor
from mes.core.bounds import check_text, check_whole_number
from mes.core.errors import InvalidValue, NotAllowedInState, NotFound
from mes.firms.access import require
from procurement.rounds.choices import RoundStatus
from procurement.rounds.models import (
    MOST_BAG_KG,
    MOST_FEN_PER_T,
    MOST_KG,
    MOST_ZONE,
    WHOLE_PERMILLE,
    Round,
    RoundLine,
)
from procurement.rounds.services.rounds import round_locked

MOST_SUPPLIERS = 100


@dataclass(frozen=True, slots=True)
class LineDraft:
    """A material by its code, a zone ("" for the whole park) and the days of delivery. Bags and trucks in kg.

    `spot_fen_per_t`: what a tonne costs that the round does not serve, without VAT, delivered, cash.
    """

    material_code: str
    window_from: date
    window_to: date
    spot_fen_per_t: int
    zone: str = ""
    bag_kg: int = 25
    truck_kg: int = 32_000
    least_suppliers: int = 1
    most_suppliers: int | None = None
    greatest_share_permille: int = WHOLE_PERMILLE
    least_share_permille: int = 0


@transaction.atomic
def round_line_add(*, actor: Actor, round_id: UUID, draft: LineDraft) -> RoundLine:
    """Another line, under the next number. Raises InvalidValue with a pointer, NotFound, NotAllowedInState."""
    require(actor, "round.change")
    row = _draft_locked(round_id)
    last = row.lines.aggregate(last=Max("number", default=0))["last"]
    line = _filled(RoundLine(round=row, number=last + 1), draft)
    _save(line)
    changes = {"line": line.number, **asdict(draft)}
    audit.record(actor=actor, verb="round.change", obj=row, firm_id=None, changes=changes)
    return line


@transaction.atomic
def round_line_change(*, actor: Actor, round_id: UUID, number: int, draft: LineDraft) -> RoundLine:
    """The line as `draft` says it. Raises as round_line_add."""
    require(actor, "round.change")
    row = _draft_locked(round_id)
    line = _line(row, number)
    values = {name: value for name, value in asdict(draft).items() if name != "material_code"}
    changes = audit.changed(line, values)
    if line.material.code != draft.material_code:
        changes["material_code"] = audit.Change(line.material.code, draft.material_code)
    _save(_filled(line, draft))
    if changes:
        audit.record(actor=actor, verb="round.change", obj=row, firm_id=None, changes={"line": number, **changes})
    return line


@transaction.atomic
def round_line_remove(*, actor: Actor, round_id: UUID, number: int) -> None:
    """Raises NotFound, NotAllowedInState."""
    require(actor, "round.change")
    row = _draft_locked(round_id)
    _line(row, number).delete()
    audit.record(actor=actor, verb="round.change", obj=row, firm_id=None, changes=audit.removed({"line": number}))


def _draft_locked(round_id: UUID) -> Round:
    row = round_locked(round_id=round_id)
    if row.status != RoundStatus.DRAFT:
        raise NotAllowedInState(_("Firms were told: the lines stay as they are."))
    return row


def _line(row: Round, number: int) -> RoundLine:
    line = row.lines.select_related("material").filter(number=number).first()
    if line is None:
        raise NotFound
    return line


def _filled(line: RoundLine, draft: LineDraft) -> RoundLine:
    material = Material.objects.filter(code=draft.material_code).first()
    if material is None:
        raise InvalidValue(_("There is no such material."), pointer="/material_code")
    line.material = material
    check_text(draft.zone, MOST_ZONE, "/zone", may_be_empty=True)
    if draft.window_from > draft.window_to:
        raise InvalidValue(_("The last day is before the first."), pointer="/window_to")
    check_whole_number(draft.spot_fen_per_t, MOST_FEN_PER_T, "/spot_fen_per_t")
    check_whole_number(draft.bag_kg, MOST_BAG_KG, "/bag_kg")
    check_whole_number(draft.truck_kg, MOST_KG, "/truck_kg")
    check_whole_number(draft.least_suppliers, MOST_SUPPLIERS, "/least_suppliers")
    if draft.most_suppliers is not None:
        check_whole_number(draft.most_suppliers, MOST_SUPPLIERS, "/most_suppliers", least=draft.least_suppliers)
    check_whole_number(draft.greatest_share_permille, WHOLE_PERMILLE, "/greatest_share_permille")
    check_whole_number(draft.least_share_permille, draft.greatest_share_permille, "/least_share_permille", least=0)
    for name, value in asdict(draft).items():
        if name != "material_code":
            setattr(line, name, value)
    return line


def _save(line: RoundLine) -> None:
    try:
        with transaction.atomic():
            line.save()
    except IntegrityError as error:
        raise InvalidValue(_("There is a line of this material, zone and window."), pointer="/material_code") from error
