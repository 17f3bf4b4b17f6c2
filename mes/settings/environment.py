"""Reads settings from the environment and tells all mistakes at once, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import environ
from django.core.exceptions import ImproperlyConfigured


@dataclass(frozen=True, slots=True)
class Variable:
    """A name that was asked for. `default` None: it must be set."""

    name: str
    purpose: str
    default: str | None


class Environment:
    """Collects values and mistakes; `finish` raises once with every mistake found.

    Values never appear in the messages: they may be secrets. `declared` lists what was asked for, in that order.
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        self.declared: list[Variable] = []
        self._values = values
        self._mistakes: list[str] = []

    def text(self, name: str, *, purpose: str, default: str | None = None, least_length: int = 1) -> str:
        """The value of `name`, or the content of the file named by `name`_FILE (for mounted secrets)."""
        self.declared.append(Variable(name, purpose, default))
        told = len(self._mistakes)
        value = self._values.get(name) or self._from_file(name)
        if len(self._mistakes) > told:
            return default or ""
        if value is None:
            if default is None:
                self._mistakes.append(f"{name} is not set: {purpose}.")
            return default or ""
        if len(value) < least_length:
            self._mistakes.append(f"{name} is too short: {purpose}, at least {least_length} characters.")
        return value

    def choice(self, name: str, *, purpose: str, choices: tuple[str, ...], default: str | None = None) -> str:
        value = self.text(name, purpose=f"{purpose}, one of {', '.join(choices)}", default=default)
        if value and value not in choices:
            self._mistakes.append(f"{name} is not one of {', '.join(choices)}: {purpose}.")
        return value

    def names(self, name: str, *, purpose: str, default: str) -> list[str]:
        """A comma separated list."""
        return [part.strip() for part in self.text(name, purpose=purpose, default=default).split(",") if part.strip()]

    def origins(self, name: str, *, purpose: str) -> list[str]:
        """A comma separated list of scheme and host, none by default."""
        found = self.names(name, purpose=purpose, default="")
        if not all(_is_origin(origin) for origin in found):
            self._mistakes.append(f"{name} is not a list of origins like https://mes.example.org: {purpose}.")
        return found

    def switch(self, name: str, *, purpose: str) -> bool:
        """Off unless said otherwise."""
        return self.choice(name, purpose=purpose, choices=("true", "false"), default="false") == "true"

    def whole_number(self, name: str, *, purpose: str, default: int, least: int = 0) -> int:
        value = self.text(name, purpose=purpose, default=str(default))
        if not value.isascii() or not value.isdigit() or int(value) < least:
            self._mistakes.append(f"{name} is not a whole number of at least {least}: {purpose}.")
            return default
        return int(value)

    def address(self, name: str, *, purpose: str) -> str:
        """An address; where X_URL holds no password, X_PASSWORD gives it, if it is set."""
        url = self.text(name, purpose=purpose)
        secret = self._password(of=name)
        parts = urlsplit(url)
        if not secret or "@" in parts.netloc:
            return url
        return urlunsplit(parts._replace(netloc=f":{quote(secret, safe='')}@{parts.netloc}"))

    def database(self, name: str, *, purpose: str) -> dict[str, Any]:
        """Django's entry for a database; where X_URL holds no password, X_PASSWORD gives it, if it is set."""
        url = self.text(name, purpose=purpose)
        secret = self._password(of=name)
        if not url:
            return {}
        if not url.startswith(("postgres://", "postgresql://")):
            self._mistakes.append(f"{name} does not begin with postgres:// : {purpose}.")
            return {}
        try:
            config: dict[str, Any] = environ.Env.db_url_config(url)
        except ValueError:
            self._mistakes.append(f"{name} is not an address of the form postgres://login:password@host:port/name.")
            return {}
        for key, word in (("NAME", "a database name"), ("USER", "a login name")):
            if not config.get(key):
                self._mistakes.append(f"{name} lacks {word}: {purpose}.")
        return {**config, "PASSWORD": config.get("PASSWORD") or secret}

    def finish(self) -> None:
        """Raises ImproperlyConfigured with one line per mistake, if there was any."""
        if self._mistakes:
            raise ImproperlyConfigured("The environment is not complete:\n  - " + "\n  - ".join(self._mistakes))

    def _password(self, *, of: str) -> str:
        name = f"{of.removesuffix('_URL')}_PASSWORD"
        return self.text(name, purpose=f"the password of {of}, where that address holds none", default="")

    def _from_file(self, name: str) -> str | None:
        path = self._values.get(f"{name}_FILE")
        if not path:
            return None
        try:
            with open(path, encoding="utf-8") as file:  # noqa: PTH123 - a mounted secret, any path
                return file.read().strip()
        except OSError as error:
            self._mistakes.append(f"{name}_FILE cannot be read: {error.strerror}.")
            return ""


def _is_origin(text: str) -> bool:
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.netloc) and not (parts.path or parts.query)
