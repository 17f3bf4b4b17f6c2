"""Writes of rounds and of what firms commit to."""

from procurement.rounds.services.commitments import CommitmentDraft, Put, commitment_put, commitment_withdraw
from procurement.rounds.services.freezing import round_freeze
from procurement.rounds.services.lines import LineDraft, round_line_add, round_line_change, round_line_remove
from procurement.rounds.services.moves import (
    round_cancel,
    round_fail,
    round_firm,
    round_open,
    round_resume,
    round_suspend,
)
from procurement.rounds.services.rounds import RoundChanges, RoundDraft, round_change, round_create, use_allowance_grant

__all__ = [
    "CommitmentDraft",
    "LineDraft",
    "Put",
    "RoundChanges",
    "RoundDraft",
    "commitment_put",
    "commitment_withdraw",
    "round_cancel",
    "round_change",
    "round_create",
    "round_fail",
    "round_firm",
    "round_freeze",
    "round_line_add",
    "round_line_change",
    "round_line_remove",
    "round_open",
    "round_resume",
    "round_suspend",
    "use_allowance_grant",
]
