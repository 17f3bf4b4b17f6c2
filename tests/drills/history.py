"""What clients asked and what they were told, and what may be concluded from it about what the database must hold."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Told(Enum):
    """What a client knows after an attempt."""

    DONE = "done"  # acknowledged: the effect is there, once
    REFUSED = "refused"  # 4xx: nothing was done
    UNKNOWN = "unknown"  # no answer, or 5xx: it may have come through


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call of an operation. Times are of one steady clock, in seconds; `status` None: no answer."""

    operation: str
    invoked_s: float
    ended_s: float
    status: int | None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    error: str = ""

    @property
    def told(self) -> Told:
        if self.status is None or self.status >= 500:
            return Told.UNKNOWN
        return Told.DONE if self.status < 400 else Told.REFUSED

    @property
    def took_s(self) -> float:
        return self.ended_s - self.invoked_s

    def is_polite_503(self) -> bool:
        """Whether a 5xx is what a client can work with: 503, problem+json, and when to come again."""
        media_type = self.headers.get("content-type", "")
        return self.status == 503 and media_type == "application/problem+json" and "retry-after" in self.headers


class History:
    """Attempts of many clients at once, in the order in which they ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._attempts: list[Attempt] = []

    def add(self, attempt: Attempt) -> None:
        with self._lock:
            self._attempts.append(attempt)

    @property
    def attempts(self) -> list[Attempt]:
        with self._lock:
            return list(self._attempts)

    def of_status(self, least: int) -> list[Attempt]:
        """Answers of this status or above."""
        return [attempt for attempt in self.attempts if attempt.status is not None and attempt.status >= least]

    def told(self) -> dict[str, Told]:
        """What is known of each operation after all its attempts: one acknowledgement is enough.

        An operation that was refused after an unknown attempt stays unknown.
        """
        known: dict[str, Told] = {}
        rank = [Told.REFUSED, Told.UNKNOWN, Told.DONE]
        for attempt in self.attempts:
            known[attempt.operation] = max(known.get(attempt.operation, Told.REFUSED), attempt.told, key=rank.index)
        return known


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the database holds against what clients were told. `from_nowhere`: effects that nobody asked for."""

    acknowledged: int
    unknown: int
    unknown_done: int
    refused: int
    lost: list[str]
    doubled: list[str]
    refused_yet_done: list[str]
    from_nowhere: list[str]

    @property
    def is_kept(self) -> bool:
        return not (self.lost or self.doubled or self.refused_yet_done or self.from_nowhere)

    def figures(self) -> dict[str, int]:
        return {
            "operations_acknowledged": self.acknowledged,
            "operations_unknown": self.unknown,
            "operations_unknown_done": self.unknown_done,
            "operations_refused": self.refused,
            "effects_lost": len(self.lost),
            "effects_doubled": len(self.doubled),
            "effects_of_refused": len(self.refused_yet_done),
            "effects_from_nowhere": len(self.from_nowhere),
        }


def judged(history: History, effects: Mapping[str, int]) -> Verdict:
    """Each acknowledged operation has its effect once, each unknown one at most once, each refused one never.

    `effects`: how often the effect of an operation was found.
    """
    told = history.told()
    by_told = {kind: [name for name, known in told.items() if known == kind] for kind in Told}
    return Verdict(
        acknowledged=len(by_told[Told.DONE]),
        unknown=len(by_told[Told.UNKNOWN]),
        unknown_done=sum(1 for name in by_told[Told.UNKNOWN] if effects.get(name)),
        refused=len(by_told[Told.REFUSED]),
        lost=[name for name in by_told[Told.DONE] if not effects.get(name)],
        doubled=[name for name, count in effects.items() if count > 1],
        refused_yet_done=[name for name in by_told[Told.REFUSED] if effects.get(name)],
        from_nowhere=[name for name in effects if name not in told],
    )
