"""Settlement on the desk of the round officer: matching list, ledger, fees, deposits, and the end of a round."""

from procurement.settlement.admin import invoices, ledger, rounds

__all__ = ["invoices", "ledger", "rounds"]
