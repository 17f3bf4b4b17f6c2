"""What requests for quotations refuse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mes.core.errors import DomainError


@dataclass(frozen=True, slots=True)
class QuotationFault:
    """`pointer`: into the quotation as it was put, `/lines/0/breaks/1/from_kg`."""

    pointer: str
    detail: str | Promise


class QuotationInvalid(DomainError):
    """Values of a quotation break rules; each is named by its pointer."""

    code = "quotation_invalid"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    text = _("The quotation breaks rules. Nothing of it was kept.")

    def __init__(self, faults: Sequence[QuotationFault]) -> None:
        self.faults = tuple(faults)
        super().__init__()

    def errors(self) -> list[dict[str, str]]:
        return [{"pointer": fault.pointer, "detail": str(fault.detail)} for fault in self.faults]


class TenderClosed(DomainError):
    """The request takes no quotations: its time is over, it was opened or ended, or it is suspended."""

    code = "tender_closed"
    text = _("The request takes no quotations now.")


class ConditionsChanged(DomainError):
    """The conditions are of another revision than the one that is to be sealed for. Read the request again."""

    code = "tender_conditions_changed"
    text = _("The conditions have changed. Read the request again and seal for its present revision.")


class InterestBars(DomainError):
    """The officer has an interest in a firm of the round or in a supplier, or shares one with the other officer."""

    code = "interest_bars"
    status = HTTPStatus.FORBIDDEN
    text = _("Declared interests do not allow this person to take part in the opening.")


class ConsentMissing(DomainError):
    """Two officers who share no interest open together; the one who opens has consented."""

    code = "opening_consent_missing"
    text = _("Two officers open together. A consent that holds is missing.")


class SealBroken(DomainError):
    """A sealed quotation is not what its supplier sealed. Nothing is opened until it is known why."""

    code = "seal_broken"
    text = _("A sealed quotation is not what its supplier sealed. Nothing was opened.")
