"""A round's award in the recorded story: what a firm is asked, and what a supplier is told to deliver."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.api.recording import RecordedProgram
from tests.factories.rounds import OpenedRound, Quote, Want, an_opened_round
from tests.plans.small_park import ZERO
from tests.procurement.work import closed_now, proposed, searched, signed
from tests.rounds.work import the_time_is

RESIN = (Want("A", 64, "U2R", most_t=96), Want("B", 32, "U2R"))
OFFERED = (Quote("S02", ((0, 900_000), (64, 880_000)), "U2R", capacity_t=400),)


def awarded(as_web: Any, owner: RecordedProgram, supplier: RecordedProgram) -> OpenedRound:
    """The owner of firm A answers its share; when all have been signed, the supplier S02 reads its award."""
    with as_web():
        opened = an_opened_round(RESIN, OFFERED, code="2026-R6", opened_at=ZERO)
    searched(opened)
    with as_web():
        proposed(opened)
        shared(owner, str(opened.pk))
        the_time_is(ZERO + timedelta(days=3))
    closed_now()
    with as_web():
        signed(opened)
        delivered(supplier)
    return opened


def shared(program: RecordedProgram, round_id: str) -> None:
    listed = program.get(f"rounds/{round_id}/shares")
    share_id = listed["results"][0]["id"]
    program.get(f"resin-shares/{share_id}")
    program.post(f"resin-shares/{share_id}/opt-out")
    program.post(f"resin-shares/{share_id}/confirm")


def delivered(program: RecordedProgram) -> None:
    listed = program.get("resin-awards?limit=1")
    program.get(f"resin-awards/{listed['results'][0]['id']}")
