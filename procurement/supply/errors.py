"""What is refused after an award."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from mes.core.errors import DomainError


class AgreementExhausted(DomainError):
    """So much is not left under the agreement. Its cap is hard; how much is left is told to no firm."""

    code = "agreement_exhausted"
    text = _("So much is not left under this agreement.")


class OffSpecification(DomainError):
    """Values of the lot lie outside the limits of its material, or are missing. It can be conceded or rejected."""

    code = "off_specification"
    text = _("The lot is not as specified.")

    def __init__(self, properties: Sequence[str]) -> None:
        self.properties = tuple(properties)
        super().__init__(_("The lot is not as specified: %(names)s.") % {"names": ", ".join(properties)})


class WeightOpen(DomainError):
    """The weight beyond the tolerance may still be disputed, or a third party's weight is wanted."""

    code = "weight_open"
    text = _("The weight is not settled yet.")
