"""A round of the lively park that was bought, paid and closed."""

from __future__ import annotations

from procurement.savings.services import savings_tell
from procurement.settlement import services as settlement
from tests.plans.small_park import ZERO
from tests.rounds.work import an_officer, the_time_is
from tests.settlement.work import a_settling_round, benchmarked, settled
from tests.supply.work import timed


def a_closed_round() -> None:
    """With a deposit, a fee and what it saved, which is withheld. The clock is put back."""
    found = a_settling_round("2026-R9", got=(("A", "S1", 10_000), ("B", "S2", 5_000)), material="U2R")
    benchmarked(found)
    officer = an_officer()
    deposit = timed(officer, settlement.deposit_hold, order_id=found.orders["A", "S1"].pk, fen=100_000)
    timed(officer, settlement.deposit_refund, deposit_id=deposit.pk)
    timed(officer, settlement.fee_book, round_id=found.pk, kind="inspection", fen=90_000, reference="SGS-1")
    settled(found)
    timed(officer, settlement.round_close, round_id=found.pk)
    timed(officer, savings_tell, round_id=found.pk)
    the_time_is(ZERO)
