"""What follows an award, on the desk of the round's officers."""

from procurement.supply.admin import agreements, deliveries, tables

__all__ = ["agreements", "deliveries", "tables"]
