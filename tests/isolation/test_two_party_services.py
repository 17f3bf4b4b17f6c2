"""The list of services that write for two parties is complete."""

from __future__ import annotations

import ast
from pathlib import Path

from mes.firms.access import TWO_PARTY_SERVICES

ROOT = Path(__file__).parents[2]


def _functions_that_switch() -> set[str]:
    found: set[str] = set()
    for package in ("mes", "orders", "procurement", "production"):
        for path in (ROOT / package).rglob("*.py"):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef) and "switched(DatabaseRole.EXCHANGE)" in ast.unparse(node):
                    found.add(f"{module}.{node.name}")
    return found


def test_only_listed_services_switch_to_the_exchange() -> None:
    assert _functions_that_switch() == TWO_PARTY_SERVICES
