"""Writes of machines, their hours, capacity offers and stock."""

from production.machines.services.calendars import (
    PeriodChanges,
    calendar_rule_set,
    downtime_add,
    downtime_change,
    downtime_remove,
    frozen_booking_add,
    overtime_add,
)
from production.machines.services.machines import machine_create, machine_status_change
from production.machines.services.offers import OfferDraft, capacity_offer_publish, capacity_offer_withdraw
from production.machines.services.stock import stock_movement_add

__all__ = [
    "OfferDraft",
    "PeriodChanges",
    "calendar_rule_set",
    "capacity_offer_publish",
    "capacity_offer_withdraw",
    "downtime_add",
    "downtime_change",
    "downtime_remove",
    "frozen_booking_add",
    "machine_create",
    "machine_status_change",
    "overtime_add",
    "stock_movement_add",
]
