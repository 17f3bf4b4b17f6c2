"""Files of outsource orders, for both parties."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from mes.core.api.fields import PageQuery
from mes.core.api.operations import Shape, operation
from mes.core.api.transfers import FILE_PARSERS, AnyAnswer, FileAnswer, attachment, uploaded
from mes.core.api.views import FirmApi
from mes.core.clock import database_now
from mes.files.api.serializers import FileQuery
from mes.files.services import storage
from orders.outsourcing import selectors, services
from orders.outsourcing.api.serializers import OutsourceFileSerializer


class OutsourceFilesApi(FirmApi):
    resource = "exchange"
    parser_classes = FILE_PARSERS

    @operation("outsource_files_list", OutsourceFileSerializer, query=PageQuery, shape=Shape.PAGE)
    def get(self, request: Request, order_id: UUID) -> Response:
        """The files of a shared order, of both parties, the oldest first."""
        return self.page(
            lambda limit, after: selectors.outsource_files_page(
                actor=self.actor, order_id=order_id, limit=limit, after=after
            )
        )

    @operation(
        "outsource_files_add",
        OutsourceFileSerializer,
        query=FileQuery,
        takes_file=True,
        status=status.HTTP_201_CREATED,
        located=True,
    )
    def post(self, request: Request, order_id: UUID) -> Response:
        """Attaches a file, which the other party reads too: as `POST /files`, and in the sender's own room."""
        selectors.outsource_order_get(actor=self.actor, order_id=order_id)
        upload = uploaded(request)
        row = services.outsource_file_add(
            actor=self.actor,
            order_id=order_id,
            content=upload.content,
            name=self.asked().get("name") or upload.name,
            said=upload.media_type,
        )
        return self.answer(row, location=f"/api/v1/outsource-files/{row.pk}")


class OutsourceFileApi(FirmApi):
    resource = "exchange"

    @operation("outsource_files_get", OutsourceFileSerializer)
    def get(self, request: Request, file_id: UUID) -> Response:
        """One file of a shared order, without its bytes."""
        return self.answer(selectors.outsource_file_get(actor=self.actor, file_id=file_id))

    @operation("outsource_files_drop", OutsourceFileSerializer)
    def delete(self, request: Request, file_id: UUID) -> Response:
        """Its sender takes the file back while the order goes on. Answers with what was dropped."""
        shown = selectors.outsource_file_get(actor=self.actor, file_id=file_id)
        services.outsource_file_drop(actor=self.actor, file_id=file_id, now=database_now())
        return self.answer(shown)


class OutsourceFileContentApi(FirmApi):
    resource = "exchange"
    content_negotiation_class = AnyAnswer

    @operation("outsource_files_content", FileAnswer, gives_file=True)
    def get(self, request: Request, file_id: UUID) -> HttpResponse:
        """The file's bytes, always as an attachment and as plain bytes."""
        row = selectors.outsource_file_get(actor=self.actor, file_id=file_id)
        return attachment(storage.read(row.sha256), name=row.name)
