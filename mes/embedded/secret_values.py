"""Secrets that the environment gives, and those of a checkout, kept in a file that only its owner reads."""

import json
import os
import secrets
from pathlib import Path

from mes.embedded.errors import MachineLacks

NAMES = (
    "POSTGRES_PASSWORD",
    "VALKEY_PASSWORD",
    "MES_OWNER_PASSWORD",
    "MES_WEB_PASSWORD",
    "MES_WORKER_PASSWORD",
    "SECRET_KEY",
    "API_KEY_PEPPER",
)


def secret_values(folder: Path) -> dict[str, str]:
    """All secrets by name: from the environment if it gives one, else from ``secrets.json``, else new."""
    path = folder / "secrets.json"
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    values = {name: kept.get(name) or secrets.token_urlsafe(48) for name in NAMES}
    if values != kept:
        fresh = path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:  # noqa: PTH123
            json.dump(values, file, indent=1)
        fresh.replace(path)
    return values | {name: value for name in NAMES if (value := given(name))}


def given(name: str) -> str:
    """What the environment gives: the variable itself, or the file that `name`_FILE names (a mounted secret); or "".

    Raises MachineLacks when that file cannot be read.
    """
    path = os.environ.get(f"{name}_FILE")
    if os.environ.get(name) or not path:
        return os.environ.get(name, "")
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        raise MachineLacks(f"{name}_FILE cannot be read: {error.strerror}") from error
