from __future__ import annotations

from uuid import UUID

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from mes.core.api.fields import PageQuery
from mes.core.api.operations import Shape, operation
from mes.core.api.views import FirmApi
from mes.core.clock import business_now
from procurement.suppliers import selectors, services
from procurement.suppliers.api import serializers


class QualificationsApi(FirmApi):
    resource = "rounds"

    @operation("qualifications_list", serializers.QualificationSerializer, query=PageQuery, shape=Shape.PAGE)
    def get(self, request: Request) -> Response:
        """Which supplier is qualified for which material; a supplier reads its own, whatever became of them."""
        return self.page(lambda limit, after: selectors.qualifications_page(actor=self.actor, limit=limit, after=after))

    @operation(
        "qualifications_propose",
        serializers.QualificationSerializer,
        body=serializers.QualificationRequest,
        status=status.HTTP_201_CREATED,
        located=True,
    )
    def post(self, request: Request) -> Response:
        """A supplier asks to be qualified for a material. The association decides."""
        row = services.qualification_propose(actor=self.actor, now=business_now(), **self.asked())
        shown = selectors.qualification_get(actor=self.actor, qualification_id=row.pk)
        return self.answer(shown, location=f"{request.path}/{row.pk}")


class QualificationApi(FirmApi):
    resource = "rounds"

    @operation("qualifications_get", serializers.QualificationSerializer)
    def get(self, request: Request, qualification_id: UUID) -> Response:
        """One of them."""
        return self.answer(selectors.qualification_get(actor=self.actor, qualification_id=qualification_id))
