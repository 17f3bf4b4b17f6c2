"""What a number format makes of a number: a day, a percentage, other digits, a unit."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mes.core.tables.cells import NumberForm
from mes.core.tables.limits import MOST_FORMAT_LENGTH, MOST_FORMATS
from mes.core.tables.markup import Budget, Listener, heard, too_large

# Formats that files name by number: days and times (also the Chinese ones), percentages, and what shows all digits.
_DAYS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_PERCENTS = frozenset({9, 10})
_PLAIN = frozenset({0, 1, 2, 3, 4, 37, 38, 39, 40, 49})
_QUOTED = re.compile(r'"([^"]*)"|\\(.)|\[[^\]]*\]|[_*].')
_DAY_LETTERS = re.compile(r"[ymdhs]", re.IGNORECASE)
_AS_IT_IS = re.compile(r"[#0,.;\-+ ()]*")
_LEADING_ZEROS = re.compile(r"0{2,}(?!\.)|.*[0#,]E", re.IGNORECASE)
_ELAPSED = re.compile(r"\[[hms]+\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Style:
    form: NumberForm = NumberForm.PLAIN
    literal: str = ""


class _Styles(Listener):
    def __init__(self) -> None:
        self._codes: dict[int, str] = {}
        self._in_cells = False
        self.styles: list[Style] = []

    def started(self, name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt":
            code = attributes.get("formatCode", "")
            if len(self._codes) >= MOST_FORMATS or len(code) > MOST_FORMAT_LENGTH:
                raise too_large()
            self._codes[_number(attributes.get("numFmtId"))] = code
        elif name == "cellXfs":
            self._in_cells = True
        elif name == "xf" and self._in_cells:
            if len(self.styles) >= MOST_FORMATS * 10:
                raise too_large()
            self.styles.append(self._style(_number(attributes.get("numFmtId"))))

    def ended(self, name: str) -> None:
        if name == "cellXfs":
            self._in_cells = False

    def _style(self, number: int) -> Style:
        code = self._codes.get(number)
        if code is not None:
            return style_of(code)
        if number in _DAYS:
            return Style(NumberForm.DAY)
        if number in _PERCENTS:
            return Style(NumberForm.PERCENT)
        return Style(NumberForm.PLAIN if number in _PLAIN else NumberForm.OTHER)


def read_styles(chunks: Iterable[bytes], budget: Budget) -> list[Style]:
    """The styles that cells name by their place."""
    listener = _Styles()
    heard(chunks, listener, budget)
    return listener.styles


def style_of(code: str) -> Style:
    """What a format's code says: `yyyy-mm-dd`, `0.00%`, `00000`, `0.00"吨"`."""
    literal = "".join(match[1] or match[2] or "" for match in _QUOTED.finditer(code)).strip()
    bare = _QUOTED.sub("", code)
    if _ELAPSED.search(code) or (bare.lower() != "general" and _DAY_LETTERS.search(bare)):
        return Style(NumberForm.DAY, literal)
    if "%" in bare:
        return Style(NumberForm.PERCENT, literal)
    if bare.lower() in {"general", "@", ""} or (_AS_IT_IS.fullmatch(bare) and not _LEADING_ZEROS.match(bare)):
        scaled = bare.split(";")[0].rstrip("_) ").endswith(",")  # a comma at the end divides by a thousand
        return Style(NumberForm.SCALED if scaled else NumberForm.PLAIN, literal)
    return Style(NumberForm.OTHER, literal + bare)


def _number(text: str | None) -> int:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 10 else 0
