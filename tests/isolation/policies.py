"""Each policy of the catalogue on trial: what a role reaches beyond it, and the same with the policy taken away.

A probe reaches, as the policy's role, for rows that the policy's condition does not hold for: it reads, changes,
deletes or writes them, whichever the policy is for. It leaks when the database lets it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction
from psycopg import sql

from mes.core.ids import new_id
from mes.core.tenancy import BARRED_FIRMS, CLOSED_FIRMS, ROUND_CLOSED_FIRMS
from mes.core.walls import tenancy_of
from tests.database import as_owner
from tests.isolation.conftest import Park
from tests.isolation.questions import DENIED, REFUSED, asked, role_alone
from tests.isolation.rows import RowMaker

USING, CHECK = "USING", "WITH CHECK"
# In permissive policies of the association's people: what keeps back rows that are no single firm's.
_OF_INTERESTS = (
    "round_has_barred_firm", BARRED_FIRMS, "awards_awardplan", "awards_firmshare", "quotations_quotation",
)  # fmt: skip
QUESTION = """
    SELECT tablename, policyname, cmd, roles[1], permissive = 'RESTRICTIVE', qual, with_check
    FROM pg_policies WHERE schemaname = 'public' ORDER BY tablename, policyname
"""


@dataclass(frozen=True)
class Policy:
    """A row of pg_policies."""

    table: str
    name: str
    command: str
    role: str
    is_restrictive: bool
    seen: str | None
    written: str | None

    def parts(self) -> Iterator[tuple[str, str]]:
        """(part, condition) for each part that keeps any row back."""
        for part, condition in ((USING, self.seen), (CHECK, self.written)):
            if condition is not None and condition != "true":
                yield part, condition


def policies_in_catalogue() -> list[Policy]:
    with connection.cursor() as cursor:
        cursor.execute(QUESTION)
        return [Policy(*row) for row in cursor.fetchall()]


def situations(policy: Policy, park: Park) -> list[dict[str, str]]:
    """Settings of strangers: who have no row of their own where only A and B have some. A new setting is added here."""
    if policy.role == "mes_firm":
        return [{"app.firm": str(park.c)}, {"app.firm": str(park.supplier)}]
    if policy.role == "mes_staff":
        return [_barred_from({park.a, park.b, park.c} if _is_about_interests(policy) else set())]
    return [{}]


def _is_about_interests(policy: Policy) -> bool:
    return policy.is_restrictive or any(word in str(policy.seen) for word in _OF_INTERESTS)


def _barred_from(firms: set[UUID]) -> dict[str, str]:
    barred = "{" + ",".join(map(str, firms)) + "}"
    return {BARRED_FIRMS: barred, CLOSED_FIRMS: barred, ROUND_CLOSED_FIRMS: barred}


@contextmanager
def opened(policy: Policy, part: str) -> Iterator[None]:
    """A block without one part of a policy."""
    with transaction.atomic():
        _replace(policy, part)
        yield
        transaction.set_rollback(True)


@contextmanager
def alone(policy: Policy) -> Iterator[None]:
    """A block in which a policy about interests stands alone: what the bar keeps back is not a permissive one's merit,
    nor the other way round.
    """
    with transaction.atomic():
        if _is_about_interests(policy):
            for other in policies_in_catalogue():
                if (other.table, other.role, other.is_restrictive) == (
                    policy.table,
                    policy.role,
                    not policy.is_restrictive,
                ):
                    for part, _condition in other.parts():
                        _replace(other, part)
        yield
        transaction.set_rollback(True)


def leaks(policy: Policy, part: str, condition: str, model: type[models.Model], park: Park) -> list[int | str]:
    """What strangers got past the policy; nothing where it holds."""
    found = []
    for settings in situations(policy, park):
        with transaction.atomic():
            answer, wanted = _probed(policy, part, condition, _Trial(model, park, settings))
            if answer not in wanted:
                found.append(answer)
            transaction.set_rollback(True)
    return found


@dataclass(frozen=True)
class _Trial:
    model: type[models.Model]
    park: Park
    settings: Mapping[str, str]

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def is_barred(self) -> bool:
        """Whether the stranger is one of the association's people with interests."""
        return self.settings.get(BARRED_FIRMS, "{}") != "{}"

    @property
    def column(self) -> str:
        return tenancy_of(self.model).firm_columns[0]


def _probed(policy: Policy, part: str, condition: str, trial: _Trial) -> tuple[int | str, set[int | str]]:
    """(what the database answered, what it answers where the policy holds)."""
    may = {verb for verb in ("SELECT", "INSERT", "UPDATE", "DELETE") if _may(policy.role, trial.table, verb)}
    if policy.command != "ALL":
        may &= {policy.command}
    if part == USING:
        return _reached(policy.role, condition, may, trial), {0}
    if "INSERT" in may:
        return _inserted(policy.role, trial), {REFUSED}
    return _handed_over(policy.role, trial), {REFUSED}


def _reached(role: str, condition: str, may: set[str], trial: _Trial) -> int | str:
    """Without a WHERE an UPDATE and a DELETE read nothing, so that no policy on reading helps."""
    with _acting(role, trial.settings):
        if "SELECT" in may:
            return asked(f'SELECT count(*) FROM "{trial.table}" WHERE ({condition}) IS NOT TRUE')
        if "UPDATE" in may:
            return asked(f'UPDATE "{trial.table}" SET "{trial.column}" = %s', [trial.park.c])
        if "DELETE" in may:
            return asked(f'DELETE FROM "{trial.table}"')
    return DENIED


def _inserted(role: str, trial: _Trial) -> int | str:
    with as_owner():
        values = RowMaker(trial.park.a, trial.park.b).values(trial.model)
    columns = ", ".join(f'"{column}"' for column in values)
    marks = ", ".join(["%s"] * len(values))
    made_up = _barred_from({values["id"]}) if trial.table == "firms_firm" and trial.is_barred else {}
    with _acting(role, trial.settings | made_up):
        return asked(f'INSERT INTO "{trial.table}" ({columns}) VALUES ({marks})', list(values.values()))


def _handed_over(role: str, trial: _Trial) -> int | str:
    """The owner of a row gives it to another firm; the association's is a standard row."""
    if role == "mes_staff":
        with as_owner():
            RowMaker(trial.park.a, trial.park.b).make(trial.model, **{trial.column: None})
    owner: UUID = trial.park.a if role == "mes_firm" else new_id()
    with _acting(role, trial.settings | {"app.firm": str(owner)}):
        return asked(f'UPDATE "{trial.table}" SET "{trial.column}" = %s', [trial.park.c])


def _may(role: str, table: str, verb: str) -> bool:
    check = "has_any_column_privilege" if verb != "DELETE" else "has_table_privilege"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {check}(%s, quote_ident(%s), %s)", [role, table, verb])
        return bool(cursor.fetchone()[0])


@contextmanager
def _acting(role: str, settings: Mapping[str, str]) -> Iterator[None]:
    with role_alone(role), connection.cursor() as cursor:
        for name, value in settings.items():
            cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
        yield


def _replace(policy: Policy, part: str) -> None:
    statement = sql.SQL("ALTER POLICY {} ON {} {} (true)").format(
        sql.Identifier(policy.name), sql.Identifier(policy.table), sql.SQL(part)
    )
    _as_owner(statement)


def without_triggers(models_: list[type[models.Model]]) -> None:
    """Takes the triggers off, for policies are tried here, and nothing else that would refuse the same."""
    for model in models_:
        _as_owner(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(model._meta.db_table)))


def _as_owner(statement: Any) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(statement)
