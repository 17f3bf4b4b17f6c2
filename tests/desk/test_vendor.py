"""The chart library that the desk serves: the bytes that were recorded, with their licences, calling no one."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

import mes.core

CORE = Path(mes.core.__file__).parent
SERVED = CORE / "static" / "vendor" / "echarts"
PINNED = CORE / "desk" / "charts" / "package-lock.json"
RECORDED = dict(reversed(line.split()) for line in (SERVED / "SHA256SUMS").read_text(encoding="utf-8").splitlines())


def test_every_file_is_recorded() -> None:
    assert set(RECORDED) == {path.name for path in SERVED.iterdir()} - {"SHA256SUMS"}
    assert {"echarts.js", "LICENSE", "NOTICE"} <= set(RECORDED)


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_the_bytes_are_those_that_were_recorded(name: str) -> None:
    assert hashlib.sha256((SERVED / name).read_bytes()).hexdigest() == RECORDED[name]


def test_the_library_names_no_address() -> None:
    assert re.findall(r"(?:https?|wss?)://|[\"'`]//", (SERVED / "echarts.js").read_text(encoding="utf-8")) == []


def test_it_is_built_from_the_pinned_versions() -> None:
    packages = json.loads(PINNED.read_text(encoding="utf-8"))["packages"]
    banner = (SERVED / "echarts.js").read_text(encoding="utf-8").splitlines()[0]
    for name in ("echarts", "zrender", "tslib"):
        assert f"{name.replace('echarts', 'Apache ECharts')} {packages[f'node_modules/{name}']['version']}" in banner
        assert "resolved" not in packages[f"node_modules/{name}"]  # no host is named


def test_the_licence_is_apaches() -> None:
    assert "Apache License" in (SERVED / "LICENSE").read_text(encoding="utf-8")
