"""Reads XML as a stream of elements, without a tree, without a document type, and within bounds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser
from django.utils.translation import gettext as _

from mes.core.tables.archive import broken
from mes.core.tables.errors import TableRefused, refuse
from mes.core.tables.limits import MOST_DEPTH, MOST_ELEMENTS, MOST_NAMES, MOST_SILENT_BYTES


class Listener:
    """What happens in a document. Names are without their namespace; texts come in pieces."""

    def started(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def ended(self, name: str) -> None:
        """An element ends."""

    def said(self, text: str) -> None:
        """A piece of text."""


class Budget:
    """The elements that all parts of one file may have together."""

    def __init__(self) -> None:
        self.left = MOST_ELEMENTS


class _Target:
    """Hands events on, with names cut off their namespaces, and counts them."""

    def __init__(self, listener: Listener, budget: Budget) -> None:
        self._listener, self._budget = listener, budget
        self._depth = 0
        self.names: dict[str, str] = {}
        self.events = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.events += 1
        self._budget.left -= 1
        self._depth += 1
        if self._budget.left < 0 or self._depth > MOST_DEPTH:
            raise too_large()
        self._listener.started(self._short(tag), {self._short(key): value for key, value in attributes.items()})

    def end(self, tag: str) -> None:
        self.events += 1
        self._depth -= 1
        self._listener.ended(self._short(tag))

    def data(self, text: str) -> None:
        self.events += 1
        self._listener.said(text)

    def close(self) -> None:
        """Part of what a parser asks of its target."""

    def _short(self, tag: str) -> str:
        short = self.names.get(tag)
        if short is None:
            if len(self.names) >= MOST_NAMES:
                raise too_large()
            short = self.names[tag] = tag.rpartition("}")[2]
        return short


def too_large() -> TableRefused:
    return refuse("table_too_large", _("The table is too large: at most 20,000 rows and 100 columns."))


def listen(chunks: Iterable[bytes], listener: Listener, budget: Budget) -> Iterator[None]:
    """Reads a document and yields after each piece of it, so that what came so far may be taken.

    Raises TableRefused: a document type (so no entity is ever declared), broken XML, one without end, or too much.
    """
    target = _Target(listener, budget)
    parser: Any = DefusedXMLParser(target=target, forbid_dtd=True)
    silent_bytes = 0
    try:
        for chunk in chunks:
            before = target.events
            parser.feed(chunk)
            silent_bytes = 0 if target.events > before else silent_bytes + len(chunk)
            if silent_bytes > MOST_SILENT_BYTES:  # one tag or comment that the parser keeps whole
                raise too_large()
            yield
        parser.close()
    except DefusedXmlException as error:
        raise refuse("file_declares_entities", _("The file declares entities. No spreadsheet does that.")) from error
    except (ParseError, ValueError, LookupError) as error:
        raise broken() from error
    yield


def heard(chunks: Iterable[bytes], listener: Listener, budget: Budget) -> None:
    """Reads a whole document."""
    for _piece in listen(chunks, listener, budget):
        pass
