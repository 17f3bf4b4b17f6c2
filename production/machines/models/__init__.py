"""Machines, their calendars, the firm's stock and the capacity that it offers to the others."""

from production.machines.models.calendars import (
    CalendarDay,
    CalendarRule,
    Downtime,
    FrozenBooking,
    Overtime,
    Shift,
    ShiftPattern,
)
from production.machines.models.machines import FirmApproval, Machine
from production.machines.models.offers import CapacityOffer, CapacityOfferTerms, OfferedMachine
from production.machines.models.pools import Pool, PoolDowntime, PoolNeed
from production.machines.models.stock import StockMovement

__all__ = [
    "CalendarDay",
    "CalendarRule",
    "CapacityOffer",
    "CapacityOfferTerms",
    "Downtime",
    "FirmApproval",
    "FrozenBooking",
    "Machine",
    "OfferedMachine",
    "Overtime",
    "Pool",
    "PoolDowntime",
    "PoolNeed",
    "Shift",
    "ShiftPattern",
    "StockMovement",
]
