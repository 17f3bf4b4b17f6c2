"""The database's half of the walls: SQL generated from the tenancy classes.

`manage.py migrate` applies it after the migrations, in one transaction, so the database and the classes cannot
drift apart; until then a new table has no grants and is readable by nobody.

Foreign keys do not know row-level security: a firm could point at another firm's row and learn that it exists. So a
reference to a row with one owner is checked by (firm, id) together, and any other reference that a firm or the
association writes must lead to a row that the writer sees.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from django.apps import apps
from django.db import models
from psycopg import sql

from mes.core.actors import DatabaseRole
from mes.core.tenancy import ALL, BARRED_FIRMS, READ, WEB_LOGIN, Right, Tenancy, firms_in

WORKER_LOGIN = "mes_worker"
ROLES = (WEB_LOGIN, WORKER_LOGIN, *DatabaseRole)
PEOPLE = (DatabaseRole.FIRM, DatabaseRole.STAFF)
SEEN_PREFIX = "seen_"
OWNER_PREFIX = "owner_"
BAR = "mes_staff_bar"

# Tables of libraries: who may do what, and why. A table in neither list fails the catalogue test.
LIBRARY_TABLES: dict[str, tuple[tuple[Right, ...], str]] = {
    "django_migrations": (
        (Right(WEB_LOGIN, READ), Right(WORKER_LOGIN, READ)),
        "readiness compares it with the code",
    ),
    "django_session": (
        (Right(WEB_LOGIN, ALL), Right(DatabaseRole.FIRM, ALL), Right(DatabaseRole.STAFF, ALL)),
        "the session is read before the actor is known, and written by sign-in and sign-out inside the request",
    ),
    "django_content_type": ((Right(DatabaseRole.STAFF, READ),), "the admin resolves its object links"),
    "auth_permission": ((), "unused: the access table decides; the library's migrations make it"),
    "auth_group": ((), "unused, as auth_permission"),
    "auth_group_permissions": ((), "unused, as auth_permission"),
    "django_admin_log": ((), "not written: object names leak; audit rows replace it"),
}

# Refuses, with one and the same words, a reference to what does not exist and to what the writer may not see.
_SEEN_FUNCTION = """
CREATE OR REPLACE FUNCTION reference_is_seen() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    wanted text := to_jsonb(NEW) ->> TG_ARGV[0];
    seen boolean;
BEGIN
    IF wanted IS NULL OR (TG_OP = 'UPDATE' AND to_jsonb(OLD) ->> TG_ARGV[0] IS NOT DISTINCT FROM wanted) THEN
        RETURN NEW;
    END IF;
    EXECUTE format('SELECT EXISTS (SELECT FROM public.%I WHERE id = $1)', TG_ARGV[1]) INTO seen USING wanted::uuid;
    IF NOT seen THEN
        RAISE EXCEPTION '% of % points at nothing', TG_ARGV[0], TG_TABLE_NAME USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NEW;
END $$
"""


def walled_models() -> list[type[models.Model]]:
    """Every concrete model of our own, by table name."""
    ours = (model for model in apps.get_models(include_auto_created=True) if _is_ours(model))
    return sorted(ours, key=lambda model: model._meta.db_table)


def tenancy_of(model: type[models.Model]) -> Tenancy:
    """The declared class. Raises LookupError when a model declares none."""
    declared = getattr(model, "tenancy", None)
    if not isinstance(declared, Tenancy):
        raise LookupError(f"{model._meta.label} declares no tenancy class.")
    return declared


def statements() -> Iterator[sql.Composable]:
    """All SQL that brings policies, grants and checks of references to what the classes say."""
    for model in walled_models():
        yield from _table_statements(model._meta.db_table, tenancy_of(model).rights, policies=True)
        yield from _bar_statements(model)
    for table, (rights, _reason) in sorted(LIBRARY_TABLES.items()):
        yield from _table_statements(table, rights, policies=False)
    yield from _owner_statements()
    yield sql.SQL(_SEEN_FUNCTION)
    for model in walled_models():
        table = model._meta.db_table
        yield _drop_triggers(table)
        for column, parent in seen_references(model):
            yield _seen_trigger(table, column, parent)


def firm_columns(model: type[models.Model]) -> Iterator[tuple[str, bool]]:
    """(column, whether it may be empty) of each column that names a firm: as owner, party, actor or by reference."""
    owners = tenancy_of(model).firm_columns
    for field in model._meta.concrete_fields:
        parent, column = field.related_model, str(field.column)
        by_key = isinstance(parent, type) and _is_ours(parent) and tenancy_of(parent).firm_columns == ("id",)
        plain = isinstance(field, models.UUIDField) and column.endswith("firm_id")
        if column in owners or by_key or plain:
            yield column, field.null


def bar_of(model: type[models.Model]) -> tuple[str, str, str | None] | None:
    """(command, condition to see, to write) of what keeps the association's people from rows of barred firms.

    Rows without a firm stay; where the setting is missing, each row with a firm is hidden. Who may not look at the
    members' affairs may still add what he did to the audit. None where they read nothing or no firm is named.
    """
    tenancy = tenancy_of(model)
    staff = [right for right in tenancy.rights if right.role == DatabaseRole.STAFF]
    if not any(right.privileges or right.read_columns or right.update_columns for right in staff):
        return None
    columns = list(firm_columns(model))
    if not columns:
        return None
    seen = tenancy.closed_firms
    if any(right.writes for right in staff):
        return "ALL", _none_in(seen, columns), _none_in(firms_in(BARRED_FIRMS), columns)
    return "SELECT", _none_in(seen, columns), None


def owner_keys(model: type[models.Model]) -> Iterator[tuple[str, str, str]]:
    """(column, column of the owning firm, parent table) for each reference to a row with one owner.

    Left out is what names "" as its owner: any row that the writer sees.

    Raises LookupError when such a reference does not say who owns what it points at.
    """
    tenancy = tenancy_of(model)
    for column, name, parent in _references(model):
        if tenancy_of(parent).name not in {"private", "system"} or len(tenancy_of(parent).firm_columns) != 1:
            continue
        owner = tenancy.owners.get(name)
        if owner == "":
            continue
        if owner is None and tenancy.name in {"private", "system"} and tenancy.firm_columns:
            owner = tenancy.firm_columns[0]
        if owner is None:
            raise LookupError(f"{model._meta.label}.{name} points at rows of one firm and names no owner.")
        yield column, owner, parent._meta.db_table


def seen_references(model: type[models.Model]) -> Iterator[tuple[str, str]]:
    """(column, parent table) for each reference that a firm or the association writes and no owner key checks."""
    rights = tenancy_of(model).rights
    if not any(right.writes for right in rights if right.role in PEOPLE):
        return
    checked = {column for column, _owner, _parent in owner_keys(model)}
    for column, _name, parent in _references(model):
        if column not in checked and tenancy_of(parent).name != "public":
            yield column, parent._meta.db_table


def owner_key_name(*parts: str) -> str:
    """The constraint's name: it changes with what the constraint says."""
    return OWNER_PREFIX + hashlib.sha256(".".join(parts).encode()).hexdigest()[:16]


def seen_trigger_name(column: str) -> str:
    return SEEN_PREFIX + column


def policies_of(right: Right) -> list[tuple[str, str, str | None, str | None]]:
    """(name, command, condition to see, condition to write) of a right's policies."""
    role = str(right.role)
    if not right.privileges and not right.update_columns:
        return []
    if right.write_condition is not None:
        write = right.write_condition
        changes = {"INSERT": (None, write), "UPDATE": (write, write), "DELETE": (write, None)}
        return [
            (role, "SELECT", right.condition, None),
            *((f"{role}_{verb.lower()}", verb, *both) for verb, both in changes.items() if verb in right.privileges),
        ]
    if right.privileges == READ and not right.update_columns:
        return [(role, "SELECT", right.condition, None)]
    if right.privileges == ("INSERT",):
        read = [(f"{role}_select", "SELECT", right.condition, None)] if right.read_columns else []
        return [(role, "INSERT", None, right.condition), *read]
    return [(role, "ALL", right.condition, right.condition)]


def _none_in(firms: str, columns: list[tuple[str, bool]]) -> str:
    """None of the columns names a firm of the array. An empty one never does."""
    conditions = [
        f"COALESCE({column} <> ALL ({firms}), {column} IS NULL)" if empty else f"{column} <> ALL ({firms})"
        for column, empty in columns
    ]
    return " AND ".join(f"({condition})" for condition in conditions)


def _is_ours(model: type[models.Model]) -> bool:
    return model.__module__.split(".")[0] in {"mes", "orders", "procurement", "production"}


def _references(model: type[models.Model]) -> Iterator[tuple[str, str, type[models.Model]]]:
    """(column, attribute, parent) of each foreign key to a table of our own."""
    for field in model._meta.concrete_fields:
        if isinstance(field, models.ForeignKey):
            parent = field.related_model
            if not isinstance(parent, str) and _is_ours(parent):
                yield field.column, field.name, parent


def _table_statements(table: str, rights: tuple[Right, ...], *, policies: bool) -> Iterator[sql.Composed]:
    name = sql.Identifier(table)
    roles = sql.SQL(", ").join([sql.SQL("PUBLIC"), *map(sql.Identifier, ROLES)])
    yield sql.SQL("REVOKE ALL ON {} FROM {}").format(name, roles)
    if policies:
        yield sql.SQL("ALTER TABLE {} ENABLE ROW LEVEL SECURITY").format(name)
        yield _drop_policies(table)
    for right in rights:
        role = sql.Identifier(str(right.role))
        if right.privileges:
            grant = sql.SQL(", ".join(right.privileges))
            yield sql.SQL("GRANT {} ON {} TO {}").format(grant, name, role)
        for verb, granted in (("UPDATE", right.update_columns), ("SELECT", right.read_columns)):
            if granted:
                columns = sql.SQL(", ").join(map(sql.Identifier, granted))
                yield sql.SQL("GRANT {} ({}) ON {} TO {}").format(sql.SQL(verb), columns, name, role)
        if policies:
            for policy, command, seen, written in policies_of(right):
                yield _policy(name, policy, command, role, seen, written)


def _bar_statements(model: type[models.Model]) -> Iterator[sql.Composed]:
    bar = bar_of(model)
    if bar is not None:
        command, seen, written = bar
        table, role = _ids(model._meta.db_table, DatabaseRole.STAFF)
        yield _policy(table, BAR, command, role, seen, written, restrictive=True)


def _policy(
    table: sql.Identifier,
    name: str,
    command: str,
    role: sql.Identifier,
    seen: str | None,
    written: str | None,
    *,
    restrictive: bool = False,
) -> sql.Composed:
    kind = sql.SQL("RESTRICTIVE" if restrictive else "PERMISSIVE")
    parts = [
        sql.SQL("CREATE POLICY {} ON {} AS {} FOR {} TO {}").format(
            sql.Identifier(name), table, kind, sql.SQL(command), role
        ),
        *([sql.SQL("USING ({})").format(sql.SQL(seen))] if seen is not None else []),
        *([sql.SQL("WITH CHECK ({})").format(sql.SQL(written))] if written is not None else []),
    ]
    return sql.SQL(" ").join(parts)


def _owner_statements() -> Iterator[sql.Composed]:
    """Owner keys: those no longer wanted go, keys before what they refer to; those that lack are added."""
    wanted = {
        owner_key_name(model._meta.db_table, column, owner, parent): (model._meta.db_table, column, owner, parent)
        for model in walled_models()
        for column, owner, parent in owner_keys(model)
    }
    targets = {owner_key_name(parent): parent for _table, _column, _owner, parent in wanted.values()}
    for kind, names in (("f", list(wanted)), ("u", list(targets))):
        yield _drop_constraints(kind, names)
    owned = {model._meta.db_table: tenancy_of(model).firm_columns for model in walled_models()}
    for name, parent in targets.items():
        unique = sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} UNIQUE ({}, id)").format(
            *_ids(parent, name, owned[parent][0])
        )
        yield _unless_exists(name, unique)
    for name, (table, column, owner, parent) in wanted.items():
        key = sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} FOREIGN KEY ({}, {}) REFERENCES {} ({}, id)")
        yield _unless_exists(name, key.format(*_ids(table, name, owner, column, parent, owned[parent][0])))


def _seen_trigger(table: str, column: str, parent: str) -> sql.Composed:
    """For people's roles only: the planner and the exchange see what they connect, in bulk."""
    return sql.SQL(
        "CREATE TRIGGER {} BEFORE INSERT OR UPDATE ON {} FOR EACH ROW WHEN (current_user = ANY ({}))"
        " EXECUTE FUNCTION reference_is_seen({}, {})"
    ).format(
        sql.Identifier(seen_trigger_name(column)),
        sql.Identifier(table),
        sql.Literal([str(role) for role in PEOPLE]),
        sql.Literal(column),
        sql.Literal(parent),
    )


def _drop_policies(table: str) -> sql.Composed:
    return _for_each(
        "SELECT policyname AS name FROM pg_policies WHERE schemaname = 'public' AND tablename = {}",
        "DROP POLICY %I ON public.%I",
        table,
    )


def _drop_triggers(table: str) -> sql.Composed:
    return _for_each(
        "SELECT tgname AS name FROM pg_trigger WHERE NOT tgisinternal AND starts_with(tgname, 'seen_')"
        " AND tgrelid = ('public.' || quote_ident({}))::regclass",
        "DROP TRIGGER %I ON public.%I",
        table,
    )


def _for_each(question: str, action: str, table: str) -> sql.Composed:
    template = (
        "DO $wall$ DECLARE found record; BEGIN FOR found IN " + question + " LOOP"
        " EXECUTE format({}, found.name, {}); END LOOP; END $wall$"
    )
    return sql.SQL(template).format(*map(sql.Literal, (table, action, table)))


def _drop_constraints(kind: str, wanted: list[str]) -> sql.Composed:
    template = (
        "DO $wall$ DECLARE found record; BEGIN FOR found IN SELECT conname, conrelid::regclass AS relation"
        " FROM pg_constraint WHERE contype = {} AND starts_with(conname, {}) AND conname <> ALL ({}::text[]) LOOP"
        " EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', found.relation, found.conname);"
        " END LOOP; END $wall$"
    )
    return sql.SQL(template).format(*map(sql.Literal, (kind, OWNER_PREFIX, wanted)))


def _unless_exists(constraint: str, statement: sql.Composed) -> sql.Composed:
    template = (
        "DO $wall$ BEGIN IF NOT EXISTS (SELECT FROM pg_constraint WHERE conname = {}) THEN {}; END IF; END $wall$"
    )
    return sql.SQL(template).format(sql.Literal(constraint), statement)


def _ids(*names: str) -> list[sql.Identifier]:
    return [sql.Identifier(name) for name in names]
