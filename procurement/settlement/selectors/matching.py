"""The three-way match of one invoice line: what was ordered, what of it was accepted, what is invoiced."""

from __future__ import annotations

from dataclasses import dataclass

from procurement.settlement.choices import Finding
from procurement.settlement.selectors.amounts import net_fen, vat_fen

MOST_ROUNDING_FEN = 6
"""Invoicing programs round price and line each in their way: up to 0.06 CNY a line is let pass and booked."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """The order: its price without VAT in thousandths of a fen, its rate, and by how many fen a line may differ."""

    price_mfen_per_t: int
    vat_permille: int
    rounding_fen: int = MOST_ROUNDING_FEN


@dataclass(frozen=True, slots=True)
class Invoiced:
    """A line as the supplier's invoice says it."""

    kg: int
    net_fen: int
    vat_permille: int
    vat_fen: int


@dataclass(frozen=True, slots=True)
class Matched:
    """`wanted_*`: what the order and the settled weight give. Differences are the invoice less that.

    `findings`: why the line is disputed; none where it is right or differs by rounding alone.
    """

    wanted_net_fen: int
    wanted_vat_fen: int
    net_difference_fen: int
    vat_difference_fen: int
    findings: tuple[Finding, ...]


def match_line(*, agreed: Agreed, settled_kg: int, invoiced: Invoiced) -> Matched:
    """Compares a line with its order and with the weight that its delivery was settled at.

    The invoice is the authority within the allowed rounding: the difference is booked. Beyond it the line is disputed.
    VAT is compared with that of the invoice's own net amount, so one wrong net is told once.
    """
    net = net_fen(kg=settled_kg, price_mfen_per_t=agreed.price_mfen_per_t)
    billed = net_fen(kg=invoiced.kg, price_mfen_per_t=agreed.price_mfen_per_t)
    vat = vat_fen(net_fen=invoiced.net_fen, vat_permille=agreed.vat_permille)
    findings = []
    if invoiced.kg != settled_kg:
        findings.append(Finding.KG)
    if abs(invoiced.net_fen - billed) > agreed.rounding_fen:
        findings.append(Finding.PRICE)
    if invoiced.vat_permille != agreed.vat_permille:
        findings.append(Finding.VAT_RATE)
    elif abs(invoiced.vat_fen - vat) > agreed.rounding_fen:
        findings.append(Finding.VAT)
    return Matched(
        wanted_net_fen=net,
        wanted_vat_fen=vat,
        net_difference_fen=invoiced.net_fen - net,
        vat_difference_fen=invoiced.vat_fen - vat,
        findings=tuple(findings),
    )
