"""docs/errors.md: every code that a refusal may carry, as a whole or of one value, read from the code.

python -m tests.architecture.error_codes     prints the page
"""

from __future__ import annotations

import ast
import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from http import HTTPStatus
from importlib import import_module
from typing import Any

import django
from django.utils.translation import override

HEAD = """\
# Codes of refusals

An answer of 400 or more is `application/problem+json`. Its `code` is one of these: programs decide by it, never by
`detail`, which is for people and follows `Accept-Language`. A code keeps its status and its meaning
([policy](api-policy.md)); new ones may come, so treat an unknown code by its status. `type` is always `about:blank`.
Made by `make openapi`.

| code | status | what it says |
|---|---|---|
"""

OF_VALUES = """
## Codes of single values

Where `errors` says which values are wrong, each has a `pointer` (a table's also a `cell`), and of these codes one that
names the rule. An error without a `code` is of the rule that the problem's own `code` names, and one of a cell may have
a code of the table above. `{…}` and `%(…)s` are filled in.

| code | what it says |
|---|---|
"""
# What makes an error of a value or a cell: its code first, or by name, and a sentence.
_MAKERS = {"Fault", "refuse", "Refused", "ValidationError"}


def domain_errors() -> dict[str, tuple[HTTPStatus, str]]:
    """Status and first line of the class by code, of all subclasses of DomainError in the product."""
    from mes.core.errors import DomainError
    from tests.architecture.source import sources

    for source in sources():
        if "DomainError" in source.path.read_text(encoding="utf-8"):
            import_module(source.module)
    found: dict[str, tuple[HTTPStatus, str]] = {}
    for error in _below(DomainError):
        if "code" in vars(error) and not error.__module__.startswith("tests."):
            says = " ".join((error.__doc__ or "").partition("\n\n")[0].split())
            assert error.code not in found, f"two errors share the code {error.code}"
            found[error.code] = HTTPStatus(error.status), says
    return found


def codes() -> dict[str, tuple[HTTPStatus, str]]:
    """Status and meaning of every code, in English."""
    from mes.core.api.codes import FRAME

    with override("en"):
        frame = {code: (refusal.status, str(refusal.detail)) for code, refusal in FRAME.items()}
    own = domain_errors()
    assert all(own[code][0] == frame[code][0] for code in frame.keys() & own.keys())
    return frame | own


def codes_of_values() -> dict[str, set[str]]:
    """The sentences, in English, of each code that an item of `errors` may carry."""
    found: dict[str, set[str]] = defaultdict(set)
    with override("en"):
        for code, says in [*_of_fields(), *_of_calls()]:
            found[code].add(says)
    return dict(found)


def page() -> str:
    """The page."""
    rows = sorted((status, code, says) for code, (status, says) in codes().items())
    wholes = "".join(f"| `{code}` | {int(status)} | {says} |\n" for status, code, says in rows)
    values = "".join(f"| `{code}` | {' '.join(sorted(says))} |\n" for code, says in sorted(codes_of_values().items()))
    return HEAD + wholes + OF_VALUES + values


def _of_fields() -> Iterator[tuple[str, str]]:
    """Of each field that a body or a query is read with: its own sentences, and those of its validators."""
    from mes.core.api.fields import StrictSerializer

    import_module("mes.urls")
    waiting: list[Any] = [kind() for kind in _below(StrictSerializer) if not kind.__module__.startswith("tests.")]
    while waiting:
        field = waiting.pop()
        waiting += getattr(field, "fields", {}).values()
        waiting += [field.child] if hasattr(field, "child") else []
        own = {code: str(message) for code, message in field.error_messages.items()}
        yield from own.items()
        yield from ((one.code, str(one.message)) for one in field.validators if one.code not in own)


def _of_calls() -> Iterator[tuple[str, str]]:
    """Codes that are written out where an error of a value or a cell is made, with their sentences."""
    from tests.architecture.source import called, sources

    for source in sources():
        for node in ast.walk(source.tree) if {"api", "tables"} & source.parts else ():
            if isinstance(node, ast.Call) and called(node) in _MAKERS:
                words = [*node.args, *(word.value for word in node.keywords)]
                named = [word.value for word in node.keywords if word.arg == "code"]
            elif isinstance(node, ast.Tuple) and any(isinstance(part, ast.Lambda) for part in node.elts):
                words, named = node.elts, []
            else:
                continue
            (code,) = named or words[:1]
            if isinstance(code, ast.Constant) and isinstance(code.value, str):
                yield from ((code.value, says) for says in _sentences(words, source.tree))


def _sentences(words: list[ast.expr], tree: ast.Module) -> Iterator[str]:
    """What is translated within an expression, or in what its names were last set to before it."""
    from tests.architecture.source import called

    for node in (node for word in words for node in ast.walk(word)):
        if isinstance(node, ast.Call) and called(node) == "_":
            yield str(ast.literal_eval(node.args[0]))
        elif isinstance(node, ast.Name) and node.id == "text":
            before = [one for one in ast.walk(tree) if isinstance(one, ast.Assign) and one.lineno < node.lineno]
            of_name = [one for one in before if ast.unparse(one.targets[0]) == node.id]
            yield from _sentences([max(of_name, key=lambda one: one.lineno).value] if of_name else [], tree)


def _below(error: type) -> Iterator[type]:
    yield error
    for child in error.__subclasses__():
        yield from _below(child)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mes.settings")
    django.setup()
    sys.stdout.write(page())
