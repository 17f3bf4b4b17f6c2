"""What a round refuses."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from mes.core.errors import DomainError


class RoundClosed(DomainError):
    """The round takes no commitments: it is not open yet, its time is over, or it is suspended."""

    code = "round_closed"
    text = _("The round takes no commitments now.")


class UseExceeded(DomainError):
    """More than the firm's verified use allows. The association may allow more, with a reason."""

    code = "use_exceeded"
    text = _("More than your verified use of the last three months allows.")


class OnlyUpwards(DomainError):
    """In the round's last days a commitment rises, or changes within a truck."""

    code = "only_upwards"
    text = _("The quantities are firming: they may rise, or change within a full truck.")
