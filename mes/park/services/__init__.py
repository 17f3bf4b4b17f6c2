"""What the association's people set going across all apps."""

from mes.park.services.membership import firm_leave
from mes.park.services.scheduled_jobs import scheduled_job_run

__all__ = ["firm_leave", "scheduled_job_run"]
