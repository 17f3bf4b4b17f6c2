"""Which weight of a delivery is paid, by the rule that is part of the contract. Plain numbers."""

from __future__ import annotations

from dataclasses import dataclass

from procurement.supply.choices import WeightBasis

_WHOLE_PERMILLE = 1000


@dataclass(frozen=True, slots=True)
class WeightRule:
    """tolerance_permille: of the supplier's ticket. Within it the weight of `within` is paid, else that of `beyond`."""

    tolerance_permille: int
    within: str
    beyond: str


@dataclass(frozen=True, slots=True)
class Weight:
    """`kg` None: a third party's weight is wanted."""

    kg: int | None
    basis: str
    is_beyond: bool


def paid_weight(*, rule: WeightRule, ticket_kg: int, received_kg: int, third_kg: int | None = None) -> Weight:
    """All net, whole kg. A third party's weight, once there is one, decides.

    `excess_only`: the ticket, corrected by what goes beyond the tolerance, rounded towards the ticket.
    """
    difference = received_kg - ticket_kg
    is_beyond = abs(difference) * _WHOLE_PERMILLE > rule.tolerance_permille * ticket_kg
    if third_kg is not None:
        return Weight(third_kg, WeightBasis.THIRD_PARTY, is_beyond)
    basis = rule.beyond if is_beyond else rule.within
    if basis == WeightBasis.TICKET:
        return Weight(ticket_kg, basis, is_beyond)
    if basis == WeightBasis.RECEIVED:
        return Weight(received_kg, basis, is_beyond)
    if basis == WeightBasis.EXCESS_ONLY:
        excess = (abs(difference) * _WHOLE_PERMILLE - rule.tolerance_permille * ticket_kg) // _WHOLE_PERMILLE
        return Weight(ticket_kg + (excess if difference > 0 else -excess), basis, is_beyond)
    return Weight(None, basis, is_beyond)
