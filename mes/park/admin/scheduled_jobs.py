"""The page of scheduled jobs."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mes.core.clock import business_now, database_now
from mes.core.desk.pages import DeskPage, actor_of, register
from mes.core.desk.sections import Section
from mes.core.errors import DomainError
from mes.firms.access import can
from mes.park.selectors.scheduled_jobs import scheduled_jobs
from mes.park.services import scheduled_job_run


@register
class ScheduledJobsPage(DeskPage):
    """When each scheduled job ran last and is due next, with a button to run it now."""

    name = "scheduled_jobs"
    path = "scheduled-jobs/"
    title = gettext_lazy("Scheduled jobs")
    key_element = ".desk-jobs"
    section = Section.SYSTEM
    icon = "schedule"
    template_name = "park/scheduled_jobs.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        jobs = scheduled_jobs(business_now=business_now(), database_now=database_now())
        may_run = can(actor_of(self.request), "background_job.run")
        return super().get_context_data(jobs=jobs, may_run=may_run, **kwargs)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Runs the job that the button names, and says on the page how that went."""
        try:
            scheduled_job_run(actor=actor_of(request), kind=request.POST.get("kind", ""))
        except DomainError as refusal:
            messages.error(request, str(refusal.detail))
        else:
            messages.success(request, _("The job is queued. A worker takes it in a moment."))
        return HttpResponseRedirect(self.address())
