"""What the association looks at over all apps: the first page, the scheduled jobs, the system's own tables."""

from mes.park.admin import scheduled_jobs, system, today

__all__ = ["scheduled_jobs", "system", "today"]
