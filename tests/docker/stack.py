"""What docker/ says, read as data."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"

COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if "build" in service]


@dataclass(frozen=True)
class Instruction:
    word: str
    text: str


def dockerfile() -> list[Instruction]:
    """The Dockerfile's instructions, continued lines joined."""
    text = (DOCKER / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [Instruction(*line.split(maxsplit=1)) for line in lines]


def copied_from_the_checkout() -> list[str]:
    """Each path of the checkout that the image takes in."""
    copies = [shlex.split(item.text) for item in dockerfile() if item.word == "COPY"]
    return [source for words in copies if not words[0].startswith("--from") for source in words[:-1]]


def environment_of(service: str) -> dict[str, str]:
    return dict(SERVICES[service].get("environment", {}))


def interpolated() -> set[str]:
    """Names that compose takes from .env itself; $$ is a dollar for the container's shell."""
    text = (DOCKER / "compose.yaml").read_text(encoding="utf-8").replace("$$", "")
    return set(re.findall(r"\$\{(\w+)", text))
