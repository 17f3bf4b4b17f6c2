"""Tenancy classes: what each working role may do with a table's rows.

Every model declares one as its attribute `tenancy`; `mes.core.walls` generates row-level security policies, grants
and the keys that tie private children to their parents from it. A condition never holds an OR on a setting: that
defeats the planner (measured: 0.3 ms become 31 ms for a count).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from mes.core.actors import DatabaseRole

NONE: tuple[str, ...] = ()
READ = ("SELECT",)
ADD = ("INSERT",)
APPEND = ("SELECT", "INSERT")
WRITE = ("SELECT", "INSERT", "UPDATE")
CHANGE = ("SELECT", "UPDATE")
ALL = ("SELECT", "INSERT", "UPDATE", "DELETE")

# Arrays of firms, set with each wall of the association's people: nothing of these firms; the same for a person whose
# office looks at the members' affairs, or at their shares in rounds, else unset; what a read session opens.
BARRED_FIRMS = "app.barred_firms"
CLOSED_FIRMS = "app.closed_firms"
ROUND_CLOSED_FIRMS = "app.round_closed_firms"
SESSION_FIRMS = "app.session_firms"

THE_FIRM = "nullif(current_setting('app.firm', true), '')::uuid"

WEB_LOGIN = "mes_web"

# Of a person who has declared no interest in any firm.
NO_INTEREST = f"current_setting('{BARRED_FIRMS}', true) = '{{}}'"


class Office(StrEnum):
    """Whose affair a table's rows of firms are, within the association. The value: the setting that closes them."""

    MEMBERS = CLOSED_FIRMS
    ROUND = ROUND_CLOSED_FIRMS
    EVERY = BARRED_FIRMS


@dataclass(frozen=True, slots=True)
class Right:
    """One role's share of a table: privileges, the rows they reach, and rights on single columns.

    `write_condition` is given where a role may write fewer rows than it reads. `read_columns`: all that a role without
    SELECT reads; the model's queries must leave the others out.
    """

    role: str
    privileges: tuple[str, ...]
    condition: str = "true"
    update_columns: tuple[str, ...] = ()
    read_columns: tuple[str, ...] = ()
    write_condition: str | None = None

    @property
    def writes(self) -> bool:
        """Whether the role may put values into rows."""
        return bool({"INSERT", "UPDATE"} & set(self.privileges))


@dataclass(frozen=True, slots=True)
class Tenancy:
    """`firm_columns`: who owns a row, one firm or two parties.

    `owners` maps a foreign key's attribute to the column of the firm that must own the row it points at; only what
    is not the one owner of a private row has to be said; "" for any row that the writer sees. `office`: who of the
    association's people sees rows of firms; `of_round`: a column that says it of each row, true where it is a round's.
    """

    name: str
    rights: tuple[Right, ...]
    firm_columns: tuple[str, ...] = ()
    owners: Mapping[str, str] = field(default_factory=dict)
    office: Office = Office.MEMBERS
    of_round: str = ""

    @property
    def closed_firms(self) -> str:
        """SQL: the array of firms whose rows are closed to the association's person who reads; NULL for all."""
        if not self.of_round:
            return firms_in(self.office.value)
        return f"(CASE WHEN {self.of_round} THEN {firms_in(Office.ROUND)} ELSE {firms_in(self.office.value)} END)"


def firms_in(setting: str) -> str:
    """The array of a setting, read once for a query; NULL when it is not set."""
    return f"(SELECT nullif(current_setting('{setting}', true), '')::uuid[] AS firms)::uuid[]"


def private(
    *,
    column: str = "firm_id",
    firm: tuple[str, ...] = ALL,
    staff: tuple[str, ...] = READ,
    planner: tuple[str, ...] = READ,
    exchange: tuple[str, ...] = NONE,
    owners: Mapping[str, str] | None = None,
    office: Office = Office.MEMBERS,
) -> Tenancy:
    """Rows of one firm. `staff=NONE` keeps the association out (customers, prices, costs, recipes)."""
    rights = (
        Right(DatabaseRole.FIRM, firm, f"{column} = {THE_FIRM}"),
        Right(DatabaseRole.STAFF, staff),
        Right(DatabaseRole.PLANNER, planner),
        Right(DatabaseRole.EXCHANGE, exchange),
    )
    return Tenancy("private", rights, (column,), owners or {}, office)


def two_party(
    *,
    giver: str,
    doer: str,
    staff: tuple[str, ...] = READ,
    planner: tuple[str, ...] = READ,
    exchange: tuple[str, ...] = WRITE,
    owners: Mapping[str, str] | None = None,
    office: Office = Office.MEMBERS,
) -> Tenancy:
    """A document of two firms: both read it, services that act for both write it."""
    rights = (
        Right(DatabaseRole.FIRM, READ, f"({giver} = {THE_FIRM} OR {doer} = {THE_FIRM})"),
        Right(DatabaseRole.STAFF, staff),
        Right(DatabaseRole.PLANNER, planner),
        Right(DatabaseRole.EXCHANGE, exchange),
    )
    return Tenancy("two_party", rights, (giver, doer), owners or {}, office)


def own_or_standard(*, column: str = "firm_id") -> Tenancy:
    """A catalogue: rows without a firm are everybody's and kept by the association, the others are one firm's own.

    A read session of one of the association's people shows him that firm's own.
    """
    own, opened = f"{column} = {THE_FIRM}", f"{column} = ANY ({firms_in(SESSION_FIRMS)})"
    rights = (
        Right(DatabaseRole.FIRM, ALL, f"({column} IS NULL OR {own})", write_condition=own),
        Right(DatabaseRole.STAFF, ALL, f"({column} IS NULL OR {opened})", write_condition=f"{column} IS NULL"),
        Right(DatabaseRole.PLANNER, READ),
        Right(DatabaseRole.EXCHANGE, READ),
    )
    return Tenancy("own_or_standard", rights, (column,))


def public(*, staff: tuple[str, ...] = ALL, door: bool = False, directory: bool = False) -> Tenancy:
    """Everybody inside reads, the association writes. `door`: also read before the actor is known.

    `directory`: the rows are the firms themselves.
    """
    readers = [DatabaseRole.FIRM, DatabaseRole.PLANNER, DatabaseRole.EXCHANGE, *([WEB_LOGIN] if door else [])]
    rights = (*(Right(role, READ) for role in readers), Right(DatabaseRole.STAFF, staff))
    return Tenancy("public", rights, ("id",) if directory else (), office=Office.EVERY if directory else Office.MEMBERS)


def association(*, planner: tuple[str, ...] = NONE) -> Tenancy:
    """The association's own rows; no firm reads them."""
    return Tenancy("association", (Right(DatabaseRole.STAFF, ALL), Right(DatabaseRole.PLANNER, planner)))


def planner_only(*, staff: tuple[str, ...] = NONE) -> Tenancy:
    """Holds all firms in one piece (snapshots, artefacts), so only the planner's role reads it."""
    return Tenancy("planner_only", (Right(DatabaseRole.PLANNER, ALL), Right(DatabaseRole.STAFF, staff)))


def system(  # noqa: PLR0913 - one argument per role
    *,
    firm: tuple[str, ...] = NONE,
    staff: tuple[str, ...] = NONE,
    planner: tuple[str, ...] = NONE,
    exchange: tuple[str, ...] = NONE,
    firm_condition: str = "true",
    firm_write_condition: str | None = None,
    staff_condition: str = "true",
    staff_write_condition: str | None = None,
    staff_reads: tuple[str, ...] = (),
    door: tuple[Right, ...] = (),
    owner: str | None = None,
    owners: Mapping[str, str] | None = None,
    office: Office = Office.MEMBERS,
    of_round: str = "",
) -> Tenancy:
    """Tables of the machinery itself; each right is said one by one. `owner`: the column of the firm, if it has one.

    `staff_reads`: the columns that the association reads where it has no SELECT.
    """
    rights = (
        Right(DatabaseRole.FIRM, firm, firm_condition, write_condition=firm_write_condition),
        Right(
            DatabaseRole.STAFF,
            staff,
            staff_condition,
            write_condition=staff_write_condition,
            read_columns=staff_reads,
        ),
        Right(DatabaseRole.PLANNER, planner),
        Right(DatabaseRole.EXCHANGE, exchange),
        *door,
    )
    return Tenancy("system", rights, (owner,) if owner else (), owners or {}, office, of_round)
