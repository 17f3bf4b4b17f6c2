"""A park several times as large as the sample: its firms under other codes, each time with an order book of its own."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from string import ascii_uppercase
from typing import Any, TypeVar

from mes.demo.sample.sample import build_sample
from mes.demo.sample.shapes import Firm, Sample

LETTERS = "F" + ascii_uppercase.replace("F", "")
CODE = re.compile(r"\bF(?=\d\d\b)")
APART_KM = Decimal("0.3")
Row = TypeVar("Row")


def larger_sample(*, times: int, seed: int = 1) -> Sample:
    """So many sample parks beside each other, `seed` and the next ones, as one park. times: 26 at the most."""
    samples = [_renamed(build_sample(seed=seed + number), number) for number in range(times)]
    first = samples[0]
    park = replace(
        first.park,
        firms=tuple(_apart(firm, number) for number, one in enumerate(samples) for firm in one.park.firms),
        machines=tuple(machine for one in samples for machine in one.park.machines),
    )
    joined = {
        name: tuple(row for one in samples for row in getattr(one, name))
        for name in ("orders", "offers", "bookings", "overtime", "stocks", "blank_stocks", "setups")
    }
    return replace(first, park=park, **joined)


def _renamed(sample: Sample, number: int) -> Sample:
    letter = LETTERS[number]
    park = replace(
        sample.park,
        firms=tuple(_with_letter(row, letter) for row in sample.park.firms),
        machines=tuple(_with_letter(row, letter) for row in sample.park.machines),
    )
    rows = {
        field.name: tuple(_with_letter(row, letter) for row in getattr(sample, field.name))
        for field in fields(sample)
        if isinstance(getattr(sample, field.name), tuple)
    }
    return replace(sample, park=park, **rows)


def _with_letter(row: Row, letter: str) -> Row:
    """The row with the letter in the place of F in each firm's code, in whatever it stands."""
    return _plain(row, letter)  # type: ignore[no-any-return]


def _plain(value: Any, letter: str) -> Any:
    if isinstance(value, str):
        return CODE.sub(letter, value)
    if isinstance(value, tuple):
        return tuple(_plain(item, letter) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: _plain(getattr(value, field.name), letter) for field in fields(value)})
    return value


def _apart(firm: Firm, number: int) -> Firm:
    """Names are used once; the gates of one park are not those of the other."""
    if not number:
        return firm
    letter = LETTERS[number]
    return replace(
        firm,
        name_zh=f"{firm.name_zh} {letter}",
        name_en=f"{firm.name_en} {letter}",
        sort_key=f"{firm.sort_key} {letter.lower()}",
        x_km=firm.x_km + number * APART_KM,
    )
