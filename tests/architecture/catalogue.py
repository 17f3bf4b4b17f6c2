"""The catalogue of translations: `python -m tests.architecture.catalogue update|check`.

English is in the source, Simplified Chinese in the catalogue. `update` writes it anew from the source: what is there
keeps its translation, what is new gets an empty one, what is gone goes. The header is fixed, without dates and names,
so that the file changes with the strings only. `check` names what is missing or broken and ends with 1.

The desk's skin comes without translations: what it says and Django does not translate is read from its files too.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import django
import unfold
from babel.messages import Catalog
from babel.messages.catalog import Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir, extract_python
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = ROOT / "babel.cfg"
SOURCES = ("mes", "orders", "procurement", "production")
LOCALE = "zh_Hans"
CATALOGUE = ROOT / "mes" / "core" / "locale" / LOCALE / "LC_MESSAGES" / "django.po"

SKIN = Path(unfold.__file__).parent
UNUSED_IN_SKIN = re.compile(r"contrib/(?!filters/)")
SAID_BETTER = (" By %(filter_title)s ", "Log out")
"""What Django translates and we say otherwise."""
TRANSLATED_BY_DJANGO = ("conf", "contrib/admin", "contrib/auth")

HEADER = r"""# Simplified Chinese.
msgid ""
msgstr ""
"Language: zh_Hans\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: nplurals=1; plural=0;\n"

"""

KEYWORDS: Mapping[str, Any] = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
_PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[a-z]|\{\w*\}")
_INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)


def template_messages(
    source: IO[bytes], keywords: Collection[str], comment_tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[Any]:
    """Babel's extraction method for Django's templates: Django turns their tags into calls, Babel reads those."""
    calls = _INDENTATION.sub("", templatize(source.read().decode()))
    return extract_python(BytesIO(calls.encode()), keywords, comment_tags, dict(options))


def from_source() -> Catalog:
    """All strings of the source and of the skin, without translations."""
    catalog = Catalog(locale=LOCALE)
    for folder in SOURCES:
        for name, text, context in _strings(ROOT / folder):
            catalog.add(text, locations=[(f"{folder}/{name}", 0)], context=context)
    known = _known_to_django()
    known -= {(text, None) for text in SAID_BETTER}
    for name, text, context in _strings(SKIN):
        if not UNUSED_IN_SKIN.match(name) and (_first(text), context) not in known:
            catalog.add(text, locations=[("unfold", 0)], context=context)
    return catalog


def _strings(folder: Path) -> Iterator[tuple[str, Any, str | None]]:
    """(file, string or its forms, context) of each call and tag in a folder."""
    with CONFIGURATION.open() as configuration:
        methods, options = parse_mapping_cfg(configuration)
    for name, _line, text, _comments, context in extract_from_dir(folder, methods, options, KEYWORDS):
        yield name, text, context


def _known_to_django() -> set[tuple[str, str | None]]:
    """What Django itself says in Chinese."""
    found = set()
    for part in TRANSLATED_BY_DJANGO:
        path = Path(django.__file__).parent / part / "locale" / LOCALE / "LC_MESSAGES" / "django.po"
        with path.open("rb") as file:
            catalog = read_po(file, locale=LOCALE)
        found |= {
            (_first(message.id), message.context)
            for message in catalog
            if all(_texts(message.string)) and not message.fuzzy
        }
    return found


def _first(text: str | Sequence[str]) -> str:
    return text if isinstance(text, str) else text[0]


def stored() -> Catalog:
    """The catalogue as it is kept."""
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale=LOCALE)


def update() -> None:
    """Bring the catalogue up to the source."""
    catalog = stored()
    catalog.update(from_source(), no_fuzzy_matching=True)
    text = BytesIO()
    write_po(
        text, catalog, width=100, omit_header=True, sort_output=True, ignore_obsolete=True, include_lineno=False
    )  # fmt: skip
    CATALOGUE.write_text(HEADER + text.getvalue().decode().lstrip("\n"), encoding="utf-8")


def faults(source: Catalog, catalog: Catalog) -> list[str]:
    """What is wrong with the catalogue, one sentence each: missing, not translated, fuzzy, other placeholders."""
    found: list[str] = []
    for message in source:
        if message.id:
            entry = catalog.get(message.id, message.context)
            found.extend(f"{message.id!r}: {fault}" for fault in _faults(entry))
    return found


def _faults(entry: Message | None) -> Iterator[str]:
    if entry is None:
        yield "is not in the catalogue"
    elif not all(_texts(entry.string)):
        yield "is not translated"
    else:
        if entry.fuzzy:
            yield "is marked as fuzzy"
        wanted = _placeholders(_texts(entry.id)[-1])
        if any(_placeholders(text) != wanted for text in _texts(entry.string)):
            yield f"has other placeholders in {entry.string!r}"


def _texts(text: str | Sequence[str] | None) -> Sequence[str]:
    return (text or "",) if text is None or isinstance(text, str) else text


def _placeholders(text: str) -> Counter[str]:
    return Counter(_PLACEHOLDER.findall(text))


def main(arguments: Sequence[str]) -> int:
    if list(arguments) == ["update"]:
        update()
        untranslated = [message.id for message in stored() if not all(_texts(message.string))]
        sys.stdout.writelines(f"to translate: {text!r}\n" for text in untranslated)
        return 0
    if list(arguments) == ["check"]:
        found = faults(from_source(), stored())
        sys.stderr.writelines(f"{CATALOGUE.relative_to(ROOT)}: {fault}\n" for fault in found)
        return 1 if found else 0
    sys.stderr.write(f"{__doc__}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
