"""Pooled rounds: what is bought together, until when firms say how much they need, and what they have said.

A commitment is written only while its round is open: a trigger takes the round's lock and asks the park's clock,
whoever writes (`migrations`). What was locked at the freeze stands in the snapshot.
"""

from procurement.rounds.models.commitments import Commitment, CommitmentEvent, CommitmentReserve, UseAllowance
from procurement.rounds.models.demand import DemandSnapshot, LineProgress, LockedCommitment
from procurement.rounds.models.rounds import (
    MOST_BAG_KG,
    MOST_CODE,
    MOST_FEN_PER_T,
    MOST_KG,
    MOST_REASON,
    MOST_TITLE,
    MOST_ZONE,
    WHOLE_PERMILLE,
    Round,
    RoundLine,
    RoundMove,
    no_interest,
    round_of_line,
)

__all__ = [
    "MOST_BAG_KG",
    "MOST_CODE",
    "MOST_FEN_PER_T",
    "MOST_KG",
    "MOST_REASON",
    "MOST_TITLE",
    "MOST_ZONE",
    "WHOLE_PERMILLE",
    "Commitment",
    "CommitmentEvent",
    "CommitmentReserve",
    "DemandSnapshot",
    "LineProgress",
    "LockedCommitment",
    "Round",
    "RoundLine",
    "RoundMove",
    "UseAllowance",
    "no_interest",
    "round_of_line",
]
