"""What a seal holds: the digest of a quotation and of the conditions that it answers."""

from __future__ import annotations

import hashlib
import json

from mes.core.audit import plain
from procurement.quotations.models import PriceBreak, Quotation, QuotationLine, SupplierDiscount

TERMS = (
    "valid_until", "capacity_kg", "payment_days", "with_vat", "vat_permille", "basis", "freight_fen_per_t",
)  # fmt: skip
_OF_LINE = ("capacity_kg", "least_kg", "multiple_kg", "kind")


def digest_of(row: Quotation, *, revision: int) -> str:
    """SHA-256, hexadecimal, over canonical JSON of all that the quotation says, for a revision of its request."""
    breaks: dict[object, list[list[int]]] = {}
    for found in PriceBreak.objects.filter(line__quotation=row).order_by("from_kg"):
        breaks.setdefault(found.line_id, []).append([found.from_kg, found.price_fen_per_t])
    lines = QuotationLine.objects.filter(quotation=row).select_related("line").order_by("line__number")
    discounts = SupplierDiscount.objects.filter(quotation=row).order_by("from_kg")
    said = {
        "tender": str(row.tender_id),
        "revision": revision,
        "supplier": str(row.supplier_id),
        "terms": {name: plain(getattr(row, name)) for name in TERMS},
        "lines": [
            [line.line.number, *(getattr(line, name) for name in _OF_LINE), breaks.get(line.pk, [])] for line in lines
        ],
        "discounts": [[found.from_kg, found.permille] for found in discounts],
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
