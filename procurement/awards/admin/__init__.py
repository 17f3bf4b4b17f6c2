"""The award on the desk of the round's officers."""

from procurement.awards.admin import plans, tables

__all__ = ["plans", "tables"]
