"""Who calls whom, read from the files: calls of functions of our own that are named, here or by an import."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache

from tests.architecture.source import Source, sources

Node = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Function:
    """A function at the top of a module."""

    module: str
    node: Node

    @property
    def name(self) -> str:
        return f"{self.module}.{self.node.name}"

    @property
    def parameters(self) -> list[str]:
        return [argument.arg for argument in (*self.node.args.args, *self.node.args.kwonlyargs)]

    def calls(self) -> list[tuple[str, ast.Call]]:
        """Each call with the full name of what is called, as far as it is ours."""
        return _calls(self)

    def given(self, call: ast.Call) -> dict[str, ast.expr]:
        """The arguments of a call of this function by their parameters' names."""
        by_place = dict(zip(self.parameters, call.args, strict=False))
        return by_place | {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}


@cache
def functions() -> dict[str, Function]:
    found = (
        Function(source.module, node)
        for source in sources()
        for node in source.tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return {function.name: function for function in found}


@cache
def reached(name: str) -> frozenset[str]:
    """The function and all of ours that it calls, and so on."""
    seen, waiting = set[str](), [name]
    while waiting:
        now = waiting.pop()
        if now not in seen:
            seen.add(now)
            if now in functions():
                waiting += [called for called, _node in functions()[now].calls()]
    return frozenset(seen)


@cache
def _calls(function: Function) -> list[tuple[str, ast.Call]]:
    names, found = _names(function.module), []
    for node in ast.walk(function.node):
        if isinstance(node, ast.Call):
            head, _dot, rest = _dotted(node.func).partition(".")
            if head in names:
                found.append((_followed(f"{names[head]}.{rest}" if rest else names[head]), node))
    return found


def _dotted(node: ast.expr) -> str:
    """`a.b.c` as it is written, nothing for any other expression."""
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return node.id if isinstance(node, ast.Name) else ""


@cache
def _sources() -> dict[str, Source]:
    return {source.module: source for source in sources()}


@cache
def _names(module: str) -> dict[str, str]:
    """What each name at the top of a module stands for."""
    names: dict[str, str] = {}
    for node in _sources()[module].tree.body:
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names[node.name] = f"{module}.{node.name}"
    return names


def _followed(name: str) -> str:
    """Where a name that a package hands on is defined."""
    module, _dot, last = name.rpartition(".")
    if name not in functions() and module in _sources() and last in _names(module):
        return _followed(_names(module)[last])
    return name
