"""Reads the long documents that tests and checks compare."""

from __future__ import annotations

from typing import Any

import yaml


def parsed(text: str | bytes) -> Any:
    """What a YAML document says, read by libyaml: Python's own reader takes seconds for the schema of the API."""
    return yaml.load(text, Loader=yaml.CSafeLoader)
