"""Why a table is not taken: the whole file, or cell by cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from mes.core.errors import DomainError


@dataclass(frozen=True, slots=True)
class Fault:
    """`cell`: its address ("C7"), empty for the whole file. `pointer`: `/rows/7/due_at`, where 7 is the sheet's row."""

    code: str
    detail: str
    cell: str = ""
    pointer: str = ""


class TableRefused(DomainError):
    """Nothing of the table is taken; `faults` says why, at most MOST_FAULTS of them."""

    code = "table_refused"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    text = _("The table is not taken. Nothing was changed.")

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__()

    def errors(self) -> list[dict[str, str]]:
        return [
            {"pointer": fault.pointer, "cell": fault.cell, "code": fault.code, "detail": fault.detail}
            for fault in self.faults
        ]


def refuse(code: str, detail: str, cell: str = "") -> TableRefused:
    """The refusal of a whole file."""
    return TableRefused([Fault(code, detail, cell)])
