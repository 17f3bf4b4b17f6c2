"""The list of services that write for two parties is complete: nothing else changes its role, in whatever words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from mes.firms.access import TWO_PARTY_SERVICES
from tests.architecture.source import sources

HOME = "mes.core.wall"
SWITCH = "switched"
# Roles are set by the wall alone, and made by who provisions a server.
MAY_SET_ROLES = {HOME, "mes.embedded.provision"}
_SETS_ROLE = re.compile(r"set_config\(\s*'role'|\bset\s+(local\s+|session\s+)?(role|session\s+authorization)\b", re.I)


def names_of_the_switch(tree: ast.Module) -> set[str]:
    """Every name under which a module holds it: imported, renamed, assigned or passed on as a default."""
    names = {SWITCH}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names |= {alias.asname for alias in node.names if alias.name == SWITCH and alias.asname}
    while True:
        found = set(names)
        for node in ast.walk(tree):
            value = getattr(node, "value", None)
            if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and value and _refers(value, names):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                found |= {part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)}
        if found == names:
            return names
        names = found


def _refers(node: ast.AST, names: set[str]) -> bool:
    """Whether it names the switch: by a name, as an attribute of a module, or by its name as a text."""
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and part.id in names:
            return True
        if isinstance(part, ast.Attribute) and part.attr == SWITCH:
            return True
        if isinstance(part, ast.Constant) and part.value == SWITCH:
            return True
    return False


def switching(tree: ast.Module) -> Iterator[str]:
    """The outermost functions and classes of a module that name the switch; "" for the module's own statements."""
    names = names_of_the_switch(tree)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if _refers(node, names):
                yield node.name
        elif not isinstance(node, ast.Import | ast.ImportFrom) and _refers(node, names):
            yield ""


def test_only_listed_services_switch_their_role() -> None:
    found = {
        f"{source.module}.{name}" for source in sources() if source.module != HOME for name in switching(source.tree)
    }
    assert found == TWO_PARTY_SERVICES


def test_no_other_statement_sets_a_role() -> None:
    found = {
        source.module
        for source in sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _SETS_ROLE.search(node.value)
    }
    assert found <= MAY_SET_ROLES


@pytest.mark.parametrize(
    "text",
    [
        "from mes.core.wall import switched\ndef f():\n    with switched(DatabaseRole.EXCHANGE): pass",
        "from mes.core.wall import switched as other\ndef f():\n    with other(role): pass",
        "from mes.core import wall\ndef f():\n    with wall.switched(role): pass",
        "import mes.core.wall as w\ndef f():\n    enter = w.switched\n    with enter(role): pass",
        "from mes.core import wall\nenter = getattr(wall, 'switched')\ndef f():\n    enter(role)",
        "from mes.core.wall import switched\ndef f(enter=switched): pass",
        "from mes.core.wall import switched\nasync def f():\n    def g(): switched(r)",
    ],
)
def test_a_switch_is_found_in_other_words_too(text: str) -> None:
    assert "f" in set(switching(ast.parse(text)))


def test_what_does_not_switch_is_not_found() -> None:
    assert list(switching(ast.parse("from mes.core.wall import switched\ndef f():\n    return 'switch'"))) == []
