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
from production.machines.services.machines import machine_create, machine_put, machine_status_change
from production.machines.services.offers import OfferDraft, capacity_offer_publish, capacity_offer_withdraw
from production.machines.services.pools import (
    PoolChanges,
    PoolDowntimeChanges,
    pool_change,
    pool_create,
    pool_downtime_add,
    pool_downtime_change,
    pool_downtime_remove,
    pool_need_add,
    pool_need_remove,
)
from production.machines.services.stock import stock_movement_add

__all__ = [
    "OfferDraft",
    "PeriodChanges",
    "PoolChanges",
    "PoolDowntimeChanges",
    "calendar_rule_set",
    "capacity_offer_publish",
    "capacity_offer_withdraw",
    "downtime_add",
    "downtime_change",
    "downtime_remove",
    "frozen_booking_add",
    "machine_create",
    "machine_put",
    "machine_status_change",
    "overtime_add",
    "pool_change",
    "pool_create",
    "pool_downtime_add",
    "pool_downtime_change",
    "pool_downtime_remove",
    "pool_need_add",
    "pool_need_remove",
    "stock_movement_add",
]
