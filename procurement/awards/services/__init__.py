"""Writes of awards: searched, put to the firms, answered, signed."""

from procurement.awards.services.answering import ConfirmationClosed, share_confirm, share_opt_out
from procurement.awards.services.closing import award_confirmations_close
from procurement.awards.services.proposing import award_propose
from procurement.awards.services.searching import Purchase, award_override, award_search_start
from procurement.awards.services.signing import award_consent, award_sign

__all__ = [
    "ConfirmationClosed",
    "Purchase",
    "award_confirmations_close",
    "award_consent",
    "award_override",
    "award_propose",
    "award_search_start",
    "award_sign",
    "share_confirm",
    "share_opt_out",
]
