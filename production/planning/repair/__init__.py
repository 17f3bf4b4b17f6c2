"""Re-planning after something has changed: what still holds stays where it is, and only the rest is planned anew."""

from production.planning.repair.repair import Repaired, repair

__all__ = ["Repaired", "repair"]
