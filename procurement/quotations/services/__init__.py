"""Writes of requests for quotations and of what suppliers quote."""

from procurement.quotations.services.drafts import BreakDraft, DiscountDraft, LineDraft, QuotationDraft
from procurement.quotations.services.opening import opening_consent, tender_open
from procurement.quotations.services.quotations import (
    Put,
    quotation_put,
    quotation_seal,
    quotation_unseal,
    quotation_withdraw,
)
from procurement.quotations.services.tenders import TenderChanges, TenderDraft, tender_change, tender_publish

__all__ = [
    "BreakDraft",
    "DiscountDraft",
    "LineDraft",
    "Put",
    "QuotationDraft",
    "TenderChanges",
    "TenderDraft",
    "opening_consent",
    "quotation_put",
    "quotation_seal",
    "quotation_unseal",
    "quotation_withdraw",
    "tender_change",
    "tender_open",
    "tender_publish",
]
