"""Names of rows that have one in each language."""

from __future__ import annotations

from typing import Protocol

from django.utils.translation import get_language


class Named(Protocol):
    @property
    def name_zh(self) -> str: ...

    @property
    def name_en(self) -> str: ...


def name_of(row: Named) -> str:
    """The name in the reader's language, the Chinese one where there is no other."""
    return (row.name_en if get_language() == "en" else "") or row.name_zh
