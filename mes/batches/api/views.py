from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from mes.batches import selectors
from mes.batches.api.serializers import JobItemSerializer, JobSerializer
from mes.batches.services.items import kind_of
from mes.core.api.fields import PageQuery
from mes.core.api.operations import Shape, operation
from mes.core.api.views import FirmApi


class JobsApi(FirmApi):
    resource = "jobs"

    @operation("jobs_list", JobSerializer, query=PageQuery, shape=Shape.PAGE)
    def get(self, request: Request) -> Response:
        """The firm's jobs of the last seven days, the oldest first."""
        return self.page(lambda limit, after: selectors.batches_page(actor=self.actor, limit=limit, after=after))


class JobApi(FirmApi):
    resource = "jobs"

    @operation("jobs_get", JobSerializer)
    def get(self, request: Request, job_id: UUID) -> Response:
        """One job: its state and how far it is."""
        return self.answer(selectors.batch_get(actor=self.actor, batch_id=job_id))


class JobItemsApi(FirmApi):
    resource = "jobs"

    @operation("job_items_list", JobItemSerializer, query=PageQuery, shape=Shape.PAGE)
    def get(self, request: Request, job_id: UUID) -> Response:
        """What became of each item of a job, in their order. A key needs a scope of what the items are as well."""
        resource = kind_of(selectors.batch_get(actor=self.actor, batch_id=job_id).kind).resource
        self.require_scope(f"{resource}:read", f"{resource}:write")
        return self.page(
            lambda limit, after: selectors.batch_items_page(actor=self.actor, batch_id=job_id, limit=limit, after=after)
        )
