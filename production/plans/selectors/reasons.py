"""The reasons of late and unplaced lines, and bad data that was found, as sentences for the association."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import localize, number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mes.catalog.choices import Process
from production.plans.choices import REASONS_OF_TERMS, NoteCode, ReasonCode

_MINUTES_PER_HOUR = 60
_G_PER_T = 1_000_000


def reason_for_association(code: str, data: Mapping[str, Any], *, zero_at: datetime | None) -> str:
    """One sentence. `zero_at`: the zero of the plan that gave the reason, from which its minutes count."""
    if code in REASONS_OF_TERMS:
        return _("no offer suits its firm's terms")
    words = dict(ReasonCode.choices + NoteCode.choices).get(code)
    if words is None:
        return code
    details = [text for text in _details(data, zero_at) if text]
    if not details:
        return str(words)
    return _("%(reason)s (%(details)s)") % {"reason": words, "details": pgettext("between details", "; ").join(details)}


def note_for_association(code: str, data: Mapping[str, Any], *, zero_at: datetime | None) -> str:
    """One sentence that begins with what it is about: an order line, a machine, or whose hours are missing."""
    told = reason_for_association(code, {**data, "machine": None}, zero_at=zero_at)
    one = data.get("line") or data.get("machine")
    about = [str(one)] if one else str(data.get("machines") or data.get("firms") or "").split()
    shown = ", ".join(key.replace(":", " ") for key in about)
    return _("%(about)s: %(reason)s") % {"about": shown, "reason": told}


def _details(data: Mapping[str, Any], zero_at: datetime | None) -> list[str]:
    return [
        str(data.get("machine") or data.get("machine_class") or ", ".join(str(data.get("classes", "")).split())),
        _named(_("process: %s"), _process(data.get("process"))),
        _named(_("material: %s"), data.get("material")),
        _named(_("short by %s t"), _tonnes(data.get("short_g"))),
        _named(_("pieces: %s"), _number(data.get("pieces"))),
        _named(_("least lot, pieces: %s"), _number(data.get("least_lot_pieces"))),
        _named(_("due %s"), _moment(data.get("due_min"), zero_at)),
        _named(_("from %s"), _moment(data.get("at_min", data.get("release_min", data.get("from_min"))), zero_at)),
        _named(_("until %s"), _moment(data.get("until_min"), zero_at)),
        _named(_("finish %s"), _moment(data.get("finish_min"), zero_at)),
        _named(_("overtime %s h"), _hours(data.get("overtime_min"))),
        _named(_("gives way: %s"), _lines(data.get("lines"))),
        _named(_("waits %s h"), _hours(data.get("waited_min"))),
        _named(_("closed for %s h"), _hours(data.get("closed_min"))),
        _named(_("takes %s h at least"), _hours(data.get("least_min"))),
        _named(_("there are %s h"), _hours(data.get("available_min"))),
        _named(_("longest rest: %s"), _process(data.get("longest_wait"))),
    ]


def _number(value: Any) -> str:
    return "" if value is None else number_format(value)


def _named(words: str, value: Any) -> str:
    return words % value if value else ""


def _lines(keys: Any) -> str:
    return ", ".join(key.replace(":", " ") for key in str(keys or "").split())


def _process(code: Any) -> str:
    return str(dict(Process.choices).get(code, code or ""))


def _hours(minutes: Any) -> str:
    return "" if minutes is None else number_format(minutes / _MINUTES_PER_HOUR, decimal_pos=1)


def _tonnes(grams: Any) -> str:
    return "" if grams is None else number_format(grams / _G_PER_T, decimal_pos=3)


def _moment(minutes: Any, zero_at: datetime | None) -> str:
    if minutes is None or zero_at is None:
        return ""
    return localize(timezone.localtime(zero_at + timedelta(minutes=minutes)))
