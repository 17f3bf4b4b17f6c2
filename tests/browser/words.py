"""Latin words that may stand on a Chinese page, each with its reason. Codes (with a digit, or in capitals) are data."""

from __future__ import annotations

import re
from collections.abc import Iterable

_UNIT = "a unit of measure, written so in Chinese too"

ALLOWED: dict[str, str] = {
    **dict.fromkeys(("mm", "m", "kg", "min", "kW", "km", "g", "t", "h", "s", "ml/g"), _UNIT),
    "English": "the language switch names each language in itself",
    **dict.fromkeys(("en", "zh-hans"), "the code of a language beside its name"),
    **dict.fromkeys(("scrollable", "content"), "what SimpleBar tells screen readers; it takes no other words"),
    **dict.fromkeys(("name", "chen"), "part of an example of a user name"),
    "webhook": "a term of the trade, used so in Chinese too",
    **dict.fromkeys(("esc", "Ctrl", "Shift"), "the name of a key on the keyboard"),
}

_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9_./:-]*")  # a code with its joints is one word
_ADDRESS = re.compile(r"/admin/\S*")  # in the log of pages that were read
_KEYS = re.compile(r"^[a-z_]+(\.[a-z_]+)+$")


def english_left(text: str, *, data: Iterable[str] = ()) -> set[str]:
    """Latin words of a Chinese page that are neither allowed nor data. `data`: words that rows hold, in any case."""
    known = {word.lower() for word in (*ALLOWED, *data)}
    return {
        word
        for word in (found.strip("./:-_") for found in _LATIN.findall(_ADDRESS.sub(" ", text)))
        if word and word.lower() not in known and not _is_code(word)
    }


def _is_code(word: str) -> bool:
    """An order number, a firm's code, a grade, a verb of the access table, a topic, a kind of job, part of a key."""
    return (
        word.upper() == word
        or word.startswith("mes_")
        or any(sign.isdigit() for sign in word)
        or _KEYS.match(word.lower()) is not None
    )
