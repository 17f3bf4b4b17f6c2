"""Rounds on the desk of the round officer."""

from procurement.rounds.admin import rounds, tables  # noqa: F401 - they register their lists
