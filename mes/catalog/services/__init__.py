"""Writes of the catalogue."""

from mes.catalog.services.item_numbers import item_number_drop, item_number_set
from mes.catalog.services.product_puts import product_put
from mes.catalog.services.products import (
    MOST_STEPS,
    OptionDraft,
    ProductDraft,
    RoutingDraft,
    StepDraft,
    product_create,
)
from mes.catalog.services.standards import (
    StandardChanges,
    standard_product_change,
    standard_product_restore,
    standard_product_retire,
)

__all__ = [
    "MOST_STEPS",
    "OptionDraft",
    "ProductDraft",
    "RoutingDraft",
    "StandardChanges",
    "StepDraft",
    "item_number_drop",
    "item_number_set",
    "product_create",
    "product_put",
    "standard_product_change",
    "standard_product_restore",
    "standard_product_retire",
]
