from procurement.settlement.services.closing import round_close
from procurement.settlement.services.deposits import deposit_apply, deposit_forfeit, deposit_hold, deposit_refund
from procurement.settlement.services.fees import fee_book
from procurement.settlement.services.invoices import InvoiceDraft, InvoiceLineDraft, invoice_record, invoice_void
from procurement.settlement.services.matching import invoice_match, invoice_settle

__all__ = [
    "InvoiceDraft",
    "InvoiceLineDraft",
    "deposit_apply",
    "deposit_forfeit",
    "deposit_hold",
    "deposit_refund",
    "fee_book",
    "invoice_match",
    "invoice_record",
    "invoice_settle",
    "invoice_void",
    "round_close",
]
