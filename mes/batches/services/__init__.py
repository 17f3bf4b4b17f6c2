"""Many items at once: at once, or by a worker."""

from mes.batches.services.batches import batch_start
from mes.batches.services.items import ItemAnswer, Kind, items_do, register

__all__ = ["ItemAnswer", "Kind", "batch_start", "items_do", "register"]
