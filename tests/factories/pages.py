"""What the READMEs quote from the code, rendered from the code."""

from __future__ import annotations

from django.apps import apps

from mes.core.actors import DatabaseRole
from mes.core.tenancy import Right
from mes.core.walls import tenancy_of

COLUMNS = {
    DatabaseRole.FIRM: "firm",
    DatabaseRole.STAFF: "association",
    DatabaseRole.PLANNER: "planner",
    DatabaseRole.EXCHANGE: "exchange",
}
LETTERS = {"SELECT": "r", "INSERT": "a", "UPDATE": "w", "DELETE": "d"}


def rights_table(*labels: str) -> str:
    """A Markdown table of the tenancy class and the roles' rights on the tables of some apps."""
    lines = [f"| table | class | {' | '.join(COLUMNS.values())} |", "|---|---|---|---|---|---|"]
    for label in labels:
        for model in sorted(apps.get_app_config(label).get_models(), key=lambda model: model.__name__):
            tenancy = tenancy_of(model)
            rights = {right.role: _letters(right) for right in tenancy.rights}
            cells = " | ".join(rights.get(role) or "–" for role in COLUMNS)
            lines.append(f"| `{model.__name__}` | {tenancy.name} | {cells} |")
    return "\n".join(lines)


def _letters(right: Right) -> str:
    return "".join(letter for privilege, letter in LETTERS.items() if privilege in right.privileges)
