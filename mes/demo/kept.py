"""What a served park keeps outside its database, in a file that only its user reads: secrets, and what made it."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.db.migrations.loader import MigrationLoader

CODE = ("mes", "orders", "procurement", "production")
NAME = "kept.json"


@dataclass(slots=True)
class Kept:
    """`database`: the identity of the database that the rest belongs to. Digests tell what has changed since."""

    database: int = 0
    migrations: dict[str, str] = field(default_factory=dict)
    code: str = ""
    files: str = ""
    passwords: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)


def read(folder: Path) -> Kept:
    """What was kept in `folder`; nothing when there is no file."""
    path = folder / NAME
    return Kept(**json.loads(path.read_text())) if path.exists() else Kept()


def keep(kept: Kept, folder: Path) -> None:
    write_private(folder / NAME, json.dumps(asdict(kept), indent=1))


def write_private(path: Path, text: str) -> None:
    """Writes a file that only its owner may read, in one step."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)


def migrations_digest() -> Mapping[str, str]:
    """A digest by migration of this code."""
    found = MigrationLoader(None).disk_migrations
    return {
        f"{app}.{name}": _digest([Path(str(sys.modules[migration.__module__].__file__))])
        for (app, name), migration in sorted(found.items())
    }


def code_digest() -> str:
    """Of all that could change tables or walls."""
    return _digest(path for folder in CODE for path in sorted((settings.BASE_DIR / folder).rglob("*.py")))


def files_digest() -> str:
    """Of the names, sizes and times of all static files."""
    sha = hashlib.sha256()
    for finder in get_finders():
        for name, storage in sorted(finder.list(None), key=lambda pair: pair[0]):
            status = Path(storage.path(name)).stat()
            sha.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return sha.hexdigest()


def _digest(paths: Iterable[Path]) -> str:
    sha = hashlib.sha256()
    for path in paths:
        sha.update(path.read_bytes())
    return sha.hexdigest()
