"""Savings on the desk of the round officer: the lots, what was told, and the picture."""

from procurement.savings.admin import lists, picture

__all__ = ["lists", "picture"]
