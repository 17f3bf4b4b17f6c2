"""What a cell says, as its column wants it; what could be read in two ways is refused."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from mes.core.bounds import is_plausible
from mes.core.tables.cells import Cell, CellKind, NumberForm
from mes.core.tables.columns import Column, ValueKind, plain, shown

_DIGITS_KEPT = 15
_MOST_DIGITS = 18
_LARGEST_KEPT = Decimal(10) ** _DIGITS_KEPT
_NUMBER = re.compile(r"([+-]?)([0-9]{1,3}(?:,[0-9]{3})+(?![0-9,])|[0-9]+)(\.[0-9]+)?(.*)", re.ASCII)
_AMBIGUOUS = re.compile(r"[+-]?[0-9][0-9., ']*[0-9]\D*", re.ASCII)
_SERIAL = re.compile(r"[0-9]{1,7}(\.[0-9]{1,17})?(E[+-]?[0-9]{1,3})?", re.ASCII | re.IGNORECASE)
_RAW = re.compile(r"-?([0-9]+(\.[0-9]*)?|\.[0-9]+)(E[+-]?[0-9]{1,3})?", re.ASCII | re.IGNORECASE)
_DAY = re.compile(
    r"([0-9]{4})(?:([-/.])([0-9]{1,2})\2([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})[日号])(?:[ T]+(.+))?", re.ASCII
)
_DAY_OF_DIGITS = re.compile(r"(20[0-9]{2})([0-9]{2})([0-9]{2})", re.ASCII)
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?(?:\.0+)?(Z|[+-][0-9]{2}:[0-9]{2})?", re.ASCII)
_FIRST_1900 = date(1899, 12, 30)
_FIRST_1904 = date(1904, 1, 1)
_SECONDS_PER_DAY = 86_400
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

Value = str | int | Decimal | date | datetime


class Refused(Exception):
    """The cell is not taken: a code, and words for people."""

    def __init__(self, code: str, detail: str) -> None:
        self.code, self.detail = code, detail
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file counts days, and in which zone its times are meant."""

    zone: ZoneInfo
    dates_from_1904: bool = False


def value_of(cell: Cell, column: Column, reading: Reading) -> Value:
    """Raises Refused."""
    if cell.kind in _NEVER:
        code, words = _NEVER[cell.kind]
        raise Refused(code, words())
    if cell.kind is CellKind.TRUTH and column.kind is not ValueKind.TEXT:
        raise Refused("truth_value", _("The cell holds true or false."))
    if cell.form is NumberForm.SCALED:
        raise Refused("number_format_hides", _("The cell's format hides digits. Set it to General."))
    return _READERS[column.kind](cell, column, reading)


def _text(cell: Cell, column: Column, reading: Reading) -> str:
    if cell.kind is CellKind.NUMBER:
        if cell.form is not NumberForm.PLAIN:
            raise Refused("number_format_hides", _("The cell's format hides digits. Set it to General."))
        number = _stored(cell)
        if abs(number) >= _LARGEST_KEPT:
            raise Refused("number_lost_digits", _("Numbers this long lose digits. Format the column as text."))
        return f"{number.normalize():f}"
    if cell.kind is CellKind.TRUTH:
        raise Refused("truth_value", _("The cell holds true or false."))
    return _visible(cell.text)


def _words(cell: Cell, column: Column, reading: Reading) -> str:
    """A text; words of the column's choices stand for their values."""
    text = _text(cell, column, reading)
    wanted = plain(text)
    return next((value for said, value in column.choices.items() if wanted in {plain(said), plain(value)}), text)


def _whole(cell: Cell, column: Column, reading: Reading) -> int:
    number = _number(cell, column)
    if number != number.to_integral_value():
        raise Refused("not_whole", _("A whole number is wanted."))
    return int(number)


def _decimal(cell: Cell, column: Column, reading: Reading) -> Decimal:
    number = _number(cell, column)
    if number != round(number, column.places):
        text = _("At most %(places)s digits after the point are wanted.") % {"places": column.places}
        raise Refused("too_many_places", text)
    return round(number, column.places).normalize() if number else Decimal(0)


def _number(cell: Cell, column: Column) -> Decimal:
    if cell.kind is CellKind.DAY_TEXT or cell.form is NumberForm.DAY:
        raise Refused("day_for_number", _("The cell is formatted as a day. A number is wanted."))
    if cell.form is NumberForm.PERCENT:
        raise Refused("percent", _("A percentage is not taken."))
    if cell.kind is CellKind.NUMBER:
        _check_literal(cell.literal, column)
        number = _stored(cell)
    else:
        number = _number_of(_visible(cell.text), column)
    if abs(number) >= Decimal(10) ** _MOST_DIGITS:
        raise Refused("number_too_large", _("The number is out of range."))
    return number


def _number_of(text: str, column: Column) -> Decimal:
    normal = unicodedata.normalize("NFKC", text).strip()
    match = _NUMBER.fullmatch(normal)
    rest = "" if match is None else match[4].strip()
    if match is None or rest[:1] in {",", ".", "'"} or rest[:1].isdigit():
        if _AMBIGUOUS.fullmatch(normal):
            raise Refused("number_ambiguous", _("Which digits stand after the point? Write it as 1234.5."))
        raise Refused("not_a_number", _("A number is wanted."))
    if rest in {"%", "‰"}:
        raise Refused("percent", _("A percentage is not taken."))
    if rest and not column.takes_unit(rest):
        raise _wrong_unit(rest, column)
    if len(match[2]) + len(match[3] or "") > 2 * _MOST_DIGITS:
        raise Refused("number_too_large", _("The number is out of range."))
    return Decimal(match[1] + match[2].replace(",", "") + (match[3] or ""))


def _stored(cell: Cell) -> Decimal:
    """A stored number as the spreadsheet shows it: binary fractions have 15 digits that count."""
    if not _RAW.fullmatch(cell.text.strip()):
        raise Refused("not_a_number", _("A number is wanted."))
    number = float(cell.text)
    if not abs(number) < float(10**_MOST_DIGITS):
        raise Refused("number_too_large", _("The number is out of range."))
    return Decimal(f"{number:.{_DIGITS_KEPT}g}")


def _check_literal(literal: str, column: Column) -> None:
    """Letters that a number format adds are a unit; a currency's sign is none."""
    unit = "".join(sign for sign in literal if sign.isalpha())
    if unit and unit.casefold() not in {"cny", "rmb", "e"} and not column.takes_unit(unit):
        raise _wrong_unit(unit, column)


def _wrong_unit(unit: str, column: Column) -> Refused:
    words = {"unit": shown(unit), "wanted": column.units[0] if column.units else _("no unit")}
    return Refused("unit_wrong", _("The unit is %(unit)s, wanted is: %(wanted)s.") % words)


def _choice(cell: Cell, column: Column, reading: Reading) -> str:
    text = _text(cell, column, reading)
    wanted = plain(text)
    for said, value in column.choices.items():
        if wanted in {plain(said), plain(value)}:
            return value
    names = ", ".join(column.choices)
    raise Refused("choice_unknown", _("One of these is wanted: %(names)s.") % {"names": names})


def _day(cell: Cell, column: Column, reading: Reading) -> date:
    day, at, _offset = _moment(cell, reading)
    if at is not None and at != time():
        raise Refused("day_has_time", _("A day without a time is wanted."))
    return day


def _instant(cell: Cell, column: Column, reading: Reading) -> datetime:
    day, at, offset = _moment(cell, reading)
    if at is None:
        day, at = (day + timedelta(days=1) if column.until_end_of_day else day), time()
    return datetime.combine(day, at, tzinfo=reading.zone if offset is None else offset)


def _moment(cell: Cell, reading: Reading) -> tuple[date, time | None, tzinfo | None]:
    """Day, time of the day (None: not said), and its offset (None: the firm's zone)."""
    if cell.kind is CellKind.NUMBER and cell.form is NumberForm.DAY:
        day, at = _of_serial(cell.text, reading)
    elif cell.kind is CellKind.NUMBER:
        day, at = _of_digits(_text(cell, Column("", (), ValueKind.TEXT), reading)), None
    else:
        return _of_text(unicodedata.normalize("NFKC", _visible(cell.text)))
    return _plausible(day), at, None


def _of_serial(text: str, reading: Reading) -> tuple[date, time | None]:
    if not _SERIAL.fullmatch(text.strip()):
        raise _no_day()
    try:
        days, fraction = divmod(Decimal(text.strip()), 1)
        seconds = round(fraction * _SECONDS_PER_DAY)
        first = _FIRST_1904 if reading.dates_from_1904 else _FIRST_1900
        moment = datetime.combine(first, time()) + timedelta(days=int(days), seconds=seconds)
    except (InvalidOperation, OverflowError) as error:
        raise _no_day() from error
    return moment.date(), (moment.time() if seconds else None)


def _of_digits(text: str) -> date:
    """20261220, which people write as a number too."""
    match = _DAY_OF_DIGITS.fullmatch(text)
    if match is None:
        raise Refused("number_for_day", _("The cell is not formatted as a day. A day is wanted, as 2026-12-20."))
    return _date(match[1], match[2], match[3])


def _of_text(text: str) -> tuple[date, time | None, tzinfo | None]:
    if _DAY_OF_DIGITS.fullmatch(text):
        return _plausible(_of_digits(text)), None, None
    match = _DAY.fullmatch(text)
    if match is None:
        raise _no_day()
    day = _date(match[1], match[3] or match[5], match[4] or match[6])
    if match[7] is None:
        return _plausible(day), None, None
    return _plausible(day), *_time(match[7].strip())


def _time(text: str) -> tuple[time, tzinfo | None]:
    match = _TIME.fullmatch(text)
    if match is None:
        raise _no_day()
    try:
        aware = time.fromisoformat(f"{int(match[1]):02}:{match[2]}:{match[3] or '00'}{match[4] or ''}")
    except ValueError as error:
        raise _no_day() from error
    return aware.replace(tzinfo=None), aware.tzinfo


def _date(year: str, month: str, day: str) -> date:
    try:
        return date(int(year), int(month), int(day))
    except ValueError as error:
        raise _no_day() from error


def _plausible(day: date) -> date:
    if not is_plausible(day):
        raise Refused("day_out_of_range", _("The year is out of range."))
    return day


def _no_day() -> Refused:
    return Refused("not_a_day", _("A day is wanted, as 2026-12-20, perhaps with a time, as 2026-12-20 08:00."))


def _visible(text: str) -> str:
    """The text without the spaces around it. What would be executed elsewhere (`=…`) is a text here."""
    found = text.strip()
    if any(unicodedata.category(sign) in _INVISIBLE for sign in found):
        raise Refused("invisible_characters", _("The text holds characters that cannot be seen."))
    return found


_NEVER: Mapping[CellKind, tuple[str, Callable[[], str]]] = {
    CellKind.FORMULA: ("formula", lambda: _("The cell holds a formula. Paste its value in its place.")),
    CellKind.ERROR: ("error_value", lambda: _("The cell holds an error of the spreadsheet.")),
    CellKind.TOO_LONG: ("text_too_long", lambda: _("The text has more than 10,000 characters.")),
}
_READERS: Mapping[ValueKind, Callable[[Cell, Column, Reading], Value]] = {
    ValueKind.TEXT: _words,
    ValueKind.WHOLE: _whole,
    ValueKind.DECIMAL: _decimal,
    ValueKind.DAY: _day,
    ValueKind.INSTANT: _instant,
    ValueKind.CHOICE: _choice,
}
