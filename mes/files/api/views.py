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
from mes.files import selectors, services
from mes.files.api.serializers import FileQuery, StoredFileSerializer
from mes.files.services import storage


class FilesApi(FirmApi):
    resource = "files"
    parser_classes = FILE_PARSERS

    @operation("files_list", StoredFileSerializer, query=PageQuery, shape=Shape.PAGE)
    def get(self, request: Request) -> Response:
        """The firm's files, the oldest first."""
        return self.page(lambda limit, after: selectors.files_page(actor=self.actor, limit=limit, after=after))

    @operation(
        "files_store",
        StoredFileSerializer,
        query=FileQuery,
        takes_file=True,
        status=status.HTTP_201_CREATED,
        located=True,
    )
    def post(self, request: Request) -> Response:
        """Keeps a file (PDF, PNG, JPEG, WebP, xlsx, DXF, DWG; at most 10 MB): the body with its `name` in the query, or
        the part `file` of a form. What it is, is found in its bytes; type and name must not say otherwise."""
        upload = uploaded(request)
        name = self.asked().get("name") or upload.name
        row = services.file_store(actor=self.actor, content=upload.content, name=name, said=upload.media_type)
        return self.answer(row, location=f"{request.path}/{row.pk}")


class FileApi(FirmApi):
    resource = "files"

    @operation("files_get", StoredFileSerializer)
    def get(self, request: Request, file_id: UUID) -> Response:
        """One file, without its bytes."""
        return self.answer(selectors.file_get(actor=self.actor, file_id=file_id))

    @operation("files_drop", StoredFileSerializer)
    def delete(self, request: Request, file_id: UUID) -> Response:
        """Drops the file. Its room is free a day later. Answers with what was dropped."""
        shown = selectors.file_get(actor=self.actor, file_id=file_id)
        services.file_drop(actor=self.actor, file_id=file_id, now=database_now())
        return self.answer(shown)


class FileContentApi(FirmApi):
    resource = "files"
    content_negotiation_class = AnyAnswer

    @operation("files_content", FileAnswer, gives_file=True)
    def get(self, request: Request, file_id: UUID) -> HttpResponse:
        """The file's bytes, always as an attachment and as plain bytes."""
        row = selectors.file_get(actor=self.actor, file_id=file_id)
        return attachment(storage.read(row.sha256), name=row.name)
