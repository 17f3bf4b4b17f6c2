"""Files in bodies and answers: taken whole within a bound, given as attachments that a browser never runs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import quote

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from mes.core.api.parsing import BodyTooLarge

MOST_FILE_BYTES = 10_000_000
FRAME_BYTES = 65_536
FIELD = "file"
PLAIN = "application/octet-stream"
_NO_RIGHTS = "default-src 'none'; sandbox"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came. `name` and `media_type` are the sender's words; both may be empty."""

    content: bytes
    name: str = ""
    media_type: str = ""

    def __str__(self) -> str:
        """What the kept answers of repeated calls know of it."""
        return f"{hashlib.sha256(self.content).hexdigest()} {self.name} {self.media_type}"


class RawFileParser(BaseParser):
    """The body is the file."""

    media_type = "*/*"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        content = stream.read(MOST_FILE_BYTES + 1)
        if len(content) > MOST_FILE_BYTES:
            raise BodyTooLarge
        return Upload(content, media_type=(media_type or "").partition(";")[0].strip().lower())


class FormFileParser(MultiPartParser):
    """A form with one part, `file`."""

    def parse(  # type: ignore[override]  # the form is the file
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Upload:
        length = str((parser_context or {})["request"].META.get("CONTENT_LENGTH") or 0)
        if length.isdigit() and int(length) > MOST_FILE_BYTES + FRAME_BYTES:
            raise BodyTooLarge
        form = super().parse(stream, media_type, parser_context)
        parts = [part for _name, part in form.files.lists()]
        if set(form.data) | set(form.files) != {FIELD} or len(parts) != 1 or len(parts[0]) != 1:
            raise ValidationError({FIELD: [_("One part with the name file is wanted.")]})
        (part,) = parts[0]
        if part.size > MOST_FILE_BYTES:
            raise BodyTooLarge
        return Upload(part.read(), name=part.name or "", media_type=(part.content_type or "").lower())


def uploaded(request: Request) -> Upload:
    """The file of a call whose view reads bodies by FILE_PARSERS; an empty one where there was no body."""
    data: Any = request.data
    return data if isinstance(data, Upload) else Upload(b"")


FILE_PARSERS = (FormFileParser, RawFileParser)


class FileAnswer(serializers.Serializer[Any]):
    """An answer that is a file."""


class AnyAnswer(DefaultContentNegotiation):
    """Whatever the caller would like: a file has one form only, and refusals are JSON."""

    def select_renderer(  # type: ignore[override]
        self, request: Request, renderers: Sequence[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], str(renderers[0].media_type)


def attachment(content: bytes, *, name: str) -> HttpResponse:
    """The file to be kept, never to be shown: no browser guesses at it or runs what is in it."""
    response = HttpResponse(content, content_type=PLAIN)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    response["Content-Security-Policy"] = _NO_RIGHTS
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
