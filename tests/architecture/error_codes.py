"""docs/errors.md: every code that a refusal may carry, read from the code.

python -m tests.architecture.error_codes     prints the page
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from http import HTTPStatus
from importlib import import_module

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


def page() -> str:
    """The page."""
    rows = sorted((status, code, says) for code, (status, says) in codes().items())
    return HEAD + "".join(f"| `{code}` | {int(status)} | {says} |\n" for status, code, says in rows)


def _below(error: type) -> Iterator[type]:
    yield error
    for child in error.__subclasses__():
        yield from _below(child)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mes.settings")
    django.setup()
    sys.stdout.write(page())
