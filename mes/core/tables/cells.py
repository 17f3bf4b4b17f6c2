"""A cell as it stands in a file, before anybody asks what it means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

_ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})", re.ASCII)
_LETTERS = 26


class CellKind(Enum):
    """FORMULA: whatever value a file gives beside it is not trusted. TOO_LONG: a text over the bound, left out."""

    TEXT = auto()
    NUMBER = auto()
    TRUTH = auto()
    DAY_TEXT = auto()
    ERROR = auto()
    FORMULA = auto()
    TOO_LONG = auto()


class NumberForm(Enum):
    """What the cell's number format makes of a number. OTHER: more or other signs; SCALED: shown divided."""

    PLAIN = auto()
    DAY = auto()
    PERCENT = auto()
    OTHER = auto()
    SCALED = auto()


@dataclass(frozen=True, slots=True)
class Cell:
    """`text`: what the file holds, for a number its digits. `literal`: words that the number format adds to it."""

    kind: CellKind
    text: str = ""
    form: NumberForm = NumberForm.PLAIN
    literal: str = ""


@dataclass(frozen=True, slots=True)
class TableRow:
    """`cells` by column, from 0; empty cells are left out. `number`: the row's number in the file, from 1."""

    number: int
    cells: dict[int, Cell]
    hidden: bool = False


def column_letters(column: int) -> str:
    """A for 0."""
    letters = ""
    rest = column + 1
    while rest:
        rest, letter = divmod(rest - 1, _LETTERS)
        letters = chr(ord("A") + letter) + letters
    return letters


def address(column: int, row: int) -> str:
    """C7 for column 2 and row 7."""
    return f"{column_letters(column)}{row}"


def parsed_address(text: str) -> tuple[int, int] | None:
    """Column from 0 and row from 1; None for what is no address."""
    match = _ADDRESS.fullmatch(text)
    if match is None:
        return None
    column = 0
    for letter in match[1]:
        column = column * _LETTERS + ord(letter) - ord("A") + 1
    return column - 1, int(match[2])
