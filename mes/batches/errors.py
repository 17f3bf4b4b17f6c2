from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from mes.core.errors import DomainError


class ItemsRefused(DomainError):
    """Some of the items are refused, so none was taken; `errors` names them."""

    code = "items_refused"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    text = _("Some of the items are refused. Nothing was changed.")

    def __init__(self, found: Sequence[dict[str, str]]) -> None:
        self._found = list(found)
        super().__init__()

    def errors(self) -> list[dict[str, str]]:
        return self._found
