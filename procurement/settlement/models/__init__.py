"""Invoices and their match, the ledger of a round, fees and deposits. Amounts in whole fen."""

from procurement.settlement.models.deposits import MOST_DEPOSIT_SHARE, Deposit
from procurement.settlement.models.invoices import MOST_NUMBER, MOST_VAT_PERMILLE, Invoice, InvoiceLine
from procurement.settlement.models.ledger import MOST_FEN, MOST_REFERENCE, Fee, LedgerEntry, Posting

__all__ = [
    "MOST_DEPOSIT_SHARE",
    "MOST_FEN",
    "MOST_NUMBER",
    "MOST_REFERENCE",
    "MOST_VAT_PERMILLE",
    "Deposit",
    "Fee",
    "Invoice",
    "InvoiceLine",
    "LedgerEntry",
    "Posting",
]
