"""The chain of a round's savings: what each line's digest is over, and whether the chain holds."""

from __future__ import annotations

import hashlib
import json
from uuid import UUID

from mes.core.audit import plain
from procurement.savings.models import SavingLine

GENESIS = "0" * 64
_SAID = (
    "firm_id", "round_id", "part_id", "benchmark_id", "number", "revision", "grade", "kg", "net_fen", "balancing_fen",
    "freight_fen", "fee_fen", "financing_fen", "claims_fen", "rebates_fen", "landed_fen", "market_low_fen",
    "market_mid_fen", "market_high_fen", "alone_fen", "previous_sha256",
)  # fmt: skip


def digest_of(line: SavingLine) -> str:
    """SHA-256, hexadecimal, over the canonical JSON of all that a line says and of the digest before it."""
    said = {name: plain(getattr(line, name)) for name in _SAID}
    said["recognised_us"] = round(line.recognised_at.timestamp() * 1_000_000)
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def chain_faults(round_id: UUID) -> list[int]:
    """The numbers of lines that are not what was recognised, or not bound to the one before. Empty: the chain holds."""
    faults, before = [], GENESIS
    for place, line in enumerate(SavingLine.objects.filter(round_id=round_id).order_by("number"), start=1):
        if line.number != place or line.previous_sha256 != before or line.sha256 != digest_of(line):
            faults.append(line.number)
        before = line.sha256
    return faults
