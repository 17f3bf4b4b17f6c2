"""Refusals of the settlement."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from mes.core.errors import DomainError


class RoundNotSettled(DomainError):
    """Something of the round is still open; `pointer` names what."""

    code = "round_not_settled"
    text = _("The round is not settled yet.")
