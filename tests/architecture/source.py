"""The project's Python files as the tests of its shape read them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
ROOTS = ("mes", "orders", "procurement", "production")


@dataclass(frozen=True)
class Source:
    path: Path

    @property
    def name(self) -> str:
        """The path from the checkout, with slashes."""
        return self.path.relative_to(CHECKOUT).as_posix()

    @property
    def module(self) -> str:
        return self.name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def parts(self) -> set[str]:
        return set(self.module.split("."))

    @property
    def lines(self) -> int:
        return len(self.path.read_text(encoding="utf-8").splitlines())

    @property
    def tree(self) -> ast.Module:
        return _parsed(self.path)

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))

    def calls(self, name: str) -> Iterator[ast.Call]:
        """Calls of a function of that name, with or without its module before it."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and called(node) == name:
                yield node

    def imported(self) -> Iterator[str]:
        """Modules and names that are imported, written with dots."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def sources(*folders: str) -> tuple[Source, ...]:
    """Hand-written files of these folders, of the code alone when none is named. Migrations are generated."""
    found = (path for folder in folders or ROOTS for path in sorted((CHECKOUT / folder).rglob("*.py")))
    return tuple(Source(path) for path in found if "migrations" not in path.parts and "__pycache__" not in path.parts)
