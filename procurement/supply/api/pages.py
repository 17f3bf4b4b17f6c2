"""What all doors of resin that was bought have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import QuerySet
from rest_framework.response import Response

from mes.core.api.views import FirmApi
from procurement.supply.selectors import reading


class ResinApi(FirmApi):
    resource = "rounds"

    def followed(
        self, rows: QuerySet[Any], *, whole: Callable[[Sequence[Any]], Sequence[Any]] = lambda found: found
    ) -> Response:
        """A page of what has become otherwise since the query's instant. `whole` adds to rows what is shown in them."""
        since = self.filters().get("updated_since")
        return self.page(
            lambda limit, after: whole(reading.followed(rows, actor=self.actor, limit=limit, after=after, since=since))
        )
