from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mes.core.api.authentication import actor_of
from mes.firms import selectors


class MeApi(APIView):
    """Who the caller is: firm (none for the association's people) and roles."""

    def get(self, request: Request) -> Response:
        actor = actor_of(request)
        firm = selectors.firm_of_actor(actor=actor)
        own = firm and {"id": firm.pk, "code": firm.code, "name_zh": firm.name_zh, "name_en": firm.name_en}
        return Response({"firm": own, "roles": sorted(actor.roles)})
