"""What an officer and a supplier agree on later: more kg, other terms."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, TypedDict
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from mes.core import audit
from mes.core.actors import Actor, DatabaseRole
from mes.core.bounds import check_text, check_whole_number, is_plausible
from mes.core.errors import InvalidValue, NotAllowedInState, NotFound
from mes.core.wall import switched
from mes.firms.access import require
from procurement.quotations.services.interests import check_no_interest
from procurement.rounds.choices import RoundStatus
from procurement.rounds.models import MOST_KG
from procurement.rounds.services.rounds import round_locked
from procurement.supply.choices import WeightBasis
from procurement.supply.models import Delivery, FrameworkAgreement, FrameworkBalance
from procurement.supply.models.agreements import MOST_MFEN_PER_T, MOST_TERMS


class AgreementChanges(TypedDict, total=False):
    """`cap_kg`: of all orders together. `price_mfen_per_t`: of later call-offs. A basis holds from the first delivery
    on and does not change any more.
    """

    cap_kg: int
    price_mfen_per_t: int
    price_terms: str
    until_on: date
    basis_within: str
    basis_beyond: str


@transaction.atomic
def agreement_change(
    *, actor: Actor, agreement_id: UUID, changes: AgreementChanges, now: datetime
) -> FrameworkAgreement:
    """Keeps what was agreed with the supplier. Orders that were made keep their price.

    Raises InvalidValue for a cap below what is ordered and for what is out of range, NotFound, NotAllowedInState,
    NotPermitted.
    """
    require(actor, "resin_agreement.change")
    seen = FrameworkAgreement.objects.select_related("line").filter(pk=agreement_id).first()
    if seen is None:
        raise NotFound
    row = round_locked(round_id=seen.line.round_id)
    check_no_interest(actor=actor, round_id=row.pk)
    if row.status != RoundStatus.DELIVERING:
        raise NotAllowedInState
    values: dict[str, Any] = dict(changes)
    cap_kg = values.pop("cap_kg", None)
    _check(seen, values)
    with switched(DatabaseRole.EXCHANGE):
        told: dict[str, Any] = _cap(seen, cap_kg) if cap_kg is not None else {}
        if {"basis_within", "basis_beyond"} & set(values) and Delivery.objects.filter(agreement=seen).exists():
            raise NotAllowedInState(_("Deliveries were announced under the present rule."))
        told |= audit.changed(seen, values)
        for name, value in values.items():
            setattr(seen, name, value)
        if values:
            seen.save(update_fields=list(values))
        audit.record(actor=actor, verb="resin_agreement.change", obj=seen, firm_id=seen.supplier_id, changes=told)
    return seen


def _check(seen: FrameworkAgreement, values: dict[str, Any]) -> None:
    if "price_mfen_per_t" in values:
        check_whole_number(values["price_mfen_per_t"], MOST_MFEN_PER_T, "/price_mfen_per_t")
    if "price_terms" in values:
        check_text(values["price_terms"], MOST_TERMS, "/price_terms", may_be_empty=True)
    if values.get("basis_within", WeightBasis.TICKET) not in {WeightBasis.TICKET, WeightBasis.RECEIVED}:
        raise InvalidValue(pointer="/basis_within")
    if values.get("basis_beyond", WeightBasis.RECEIVED) not in WeightBasis.values:
        raise InvalidValue(pointer="/basis_beyond")
    until_on = values.get("until_on", seen.until_on)
    if until_on < seen.from_on or not is_plausible(until_on):
        raise InvalidValue(pointer="/until_on")


def _cap(seen: FrameworkAgreement, cap_kg: int) -> dict[str, audit.Change]:
    check_whole_number(cap_kg, MOST_KG, "/cap_kg")
    balance = FrameworkBalance.objects.select_for_update(of=("self",)).get(agreement=seen)
    remaining_kg = balance.remaining_kg + cap_kg - balance.cap_kg
    if remaining_kg < 0:
        raise InvalidValue(_("More than this is ordered."), pointer="/cap_kg")
    told = audit.changed(balance, {"cap_kg": cap_kg})
    balance.cap_kg, balance.remaining_kg = cap_kg, remaining_kg
    balance.save(update_fields=["cap_kg", "remaining_kg"])
    return told
