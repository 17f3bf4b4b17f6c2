"""What the association looks at over all apps: the first page, the scheduled jobs, the system's own tables, leaving."""

from mes.park.admin import leaving, scheduled_jobs, system, today

__all__ = ["leaving", "scheduled_jobs", "system", "today"]
