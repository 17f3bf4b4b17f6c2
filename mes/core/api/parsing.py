"""Reads JSON bodies strictly: what a lenient reader would guess at, run out of stack on, or round is a 400."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import IO, Any, ClassVar, NoReturn

from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser

MOST_BYTES = 1_000_000
MOST_LARGE_BYTES = 10_000_000
MOST_DEPTH = 20


class BodyTooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "body_too_large"
    default_detail = _("The body is too large.")


class StrictJsonParser(JSONParser):
    """UTF-8 JSON of at most 1 MB and 20 levels; no NaN, no name twice. Fractions stay exact (Decimal)."""

    most_bytes: ClassVar[int] = MOST_BYTES

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        raw = stream.read(self.most_bytes + 1)
        if len(raw) > self.most_bytes:
            raise BodyTooLarge
        if _depth(raw) > MOST_DEPTH:
            raise ParseError(_("The body is nested too deeply."))
        try:
            return json.loads(
                raw.decode("utf-8"), parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=_each_once
            )
        except (ValueError, ArithmeticError) as error:
            raise ParseError(_("The body is not JSON.")) from error


class LargeJsonParser(StrictJsonParser):
    """The same for bodies of many items, of at most 10 MB."""

    most_bytes = MOST_LARGE_BYTES


def _depth(raw: bytes) -> int:
    """How deeply brackets are nested outside texts, counted without recursion."""
    deepest = depth = 0
    in_text = escaped = False
    for byte in raw:
        if in_text:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                in_text = False
        elif byte == 0x22:
            in_text = True
        elif byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number.")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("A name stands twice.")
    return found
