"""Who of the association read what is otherwise closed of the firm, when and why."""

from __future__ import annotations

from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from mes.core.api.fields import PageQuery
from mes.core.api.operations import Shape, operation
from mes.core.api.views import FirmApi
from mes.firms import selectors
from mes.firms.models import ReadSession, SessionRead


class ReadSessionSerializer(serializers.ModelSerializer[ReadSession]):
    """It is over at `until_at`, or at `ended_at` before. `reads`: how many pages were opened meanwhile."""

    reads = serializers.IntegerField()

    class Meta:
        model = ReadSession
        fields = ("id", "role", "reason", "opened_at", "until_at", "ended_at", "reads")


class SessionReadSerializer(serializers.ModelSerializer[SessionRead]):
    """A page of the desk, with its keys as `*`. `object_id`: the firm's row whose page it was."""

    class Meta:
        model = SessionRead
        fields = ("at", "method", "page", "object_id")


class ReadSessionsApi(FirmApi):
    resource = "oversight"

    @operation("read_sessions_list", ReadSessionSerializer, query=PageQuery, shape=Shape.PAGE)
    def get(self, request: Request) -> Response:
        """The read sessions for the firm, the oldest first: the office and the reason, not the person."""
        return self.page(
            lambda limit, after: selectors.read_sessions_page(actor=self.actor, limit=limit, after=after),
            by="opened_at",
        )


class ReadSessionApi(FirmApi):
    resource = "oversight"

    @operation("read_sessions_get", ReadSessionSerializer)
    def get(self, request: Request, read_session_id: UUID) -> Response:
        """One read session."""
        return self.answer(selectors.read_session_get(actor=self.actor, read_session_id=read_session_id))


class SessionReadsApi(FirmApi):
    resource = "oversight"

    @operation("read_session_reads_list", SessionReadSerializer, query=PageQuery, shape=Shape.PAGE)
    def get(self, request: Request, read_session_id: UUID) -> Response:
        """The pages that were opened under the session, the oldest first."""
        return self.page(
            lambda limit, after: selectors.session_reads_page(
                actor=self.actor, read_session_id=read_session_id, limit=limit, after=after
            ),
            by="at",
        )
