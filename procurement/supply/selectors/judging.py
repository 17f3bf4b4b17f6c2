"""Whether a lot is as specified: each limit of its material against what was measured."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from procurement.supply.choices import Verdict
from procurement.supply.models import CertificateValue, DeliveryLot, ResinLimit


@dataclass(frozen=True, slots=True)
class Judged:
    """One limit beside the value that it judges; `value` None: nothing was measured that it could judge."""

    property: str
    method: str
    least: Decimal | None
    most: Decimal | None
    value: Decimal | None
    verdict: Verdict


def judged_lot(lot: DeliveryLot) -> list[Judged]:
    """By property. What the association has measured again counts before the certificate."""
    limits = ResinLimit.objects.filter(material=lot.delivery.agreement.material_id).order_by("property", "method")
    return judged(limits, list(CertificateValue.objects.filter(lot=lot)))


def judged(limits: Iterable[ResinLimit], values: list[CertificateValue]) -> list[Judged]:
    """A limit with a method judges what was measured by it, or calculated by that equation, and nothing else."""
    return [_judged(limit, values) for limit in limits]


def outside(found: Iterable[Judged]) -> list[str]:
    """The properties that keep a lot from being released: outside their limits, or not shown to be within."""
    return sorted({item.property for item in found if item.verdict is not Verdict.WITHIN})


def _judged(limit: ResinLimit, values: list[CertificateValue]) -> Judged:
    fitting = [
        value
        for value in values
        if value.property == limit.property and limit.method in {"", value.method, value.equation}
    ]
    again = [value for value in fitting if value.retest]
    counted = [value.value for value in again or fitting]
    if not counted:
        return Judged(limit.property, limit.method, limit.least, limit.most, None, Verdict.NOT_JUDGED)
    wrong = [value for value in counted if not _is_within(limit, value)]
    verdict = Verdict.OUTSIDE if wrong else Verdict.WITHIN
    return Judged(limit.property, limit.method, limit.least, limit.most, (wrong or counted)[0], verdict)


def _is_within(limit: ResinLimit, value: Decimal) -> bool:
    return (limit.least is None or value >= limit.least) and (limit.most is None or value <= limit.most)
