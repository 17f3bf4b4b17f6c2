"""The database's half of the walls: SQL generated from the tenancy classes.

`manage.py migrate` applies it after the migrations, in one transaction, so the database and the classes cannot
drift apart; until then a new table has no grants and is readable by nobody.

Foreign keys do not know row-level security: a firm could point at another firm's row and learn that it exists. So a
private child's reference is checked by (firm, id) together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from django.apps import apps
from django.db import models
from psycopg import sql

from mes.core.actors import DatabaseRole
from mes.core.tenancy import ALL, READ, WEB_LOGIN, Right, Tenancy

ROLES = (WEB_LOGIN, "mes_worker", *DatabaseRole)

# Tables of libraries: who may do what, and why. A table in neither list fails the catalogue test.
LIBRARY_TABLES: dict[str, tuple[tuple[Right, ...], str]] = {
    "django_migrations": (
        (Right(WEB_LOGIN, READ), Right("mes_worker", READ)),
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


def statements() -> Iterator[sql.Composed]:
    """All SQL that brings policies, grants and owner keys to what the classes say."""
    for model in walled_models():
        yield from _table_statements(model._meta.db_table, tenancy_of(model).rights, policies=True)
    for table, (rights, _reason) in sorted(LIBRARY_TABLES.items()):
        yield from _table_statements(table, rights, policies=False)
    for model in walled_models():
        for child_column, owner_column, parent in owner_keys(model):
            yield from _owner_key_statements(model._meta.db_table, child_column, owner_column, parent)


def owner_keys(model: type[models.Model]) -> Iterator[tuple[str, str, str]]:
    """(column, column of the owning firm, parent table) for each reference to a firm's private row.

    Raises LookupError when a reference to private rows does not say who owns what it points at.
    """
    tenancy = tenancy_of(model)
    for field in model._meta.concrete_fields:
        if not isinstance(field, models.ForeignKey):
            continue
        parent = field.related_model
        if isinstance(parent, str) or not _is_ours(parent) or tenancy_of(parent).name != "private":
            continue
        owner = tenancy.owners.get(field.name)
        if owner is None and tenancy.name == "private":
            owner = tenancy.firm_columns[0]
        if owner is None:
            raise LookupError(f"{model._meta.label}.{field.name} points at private rows and names no owner.")
        if owner:
            yield field.column, owner, parent._meta.db_table


def owner_key_name(table: str, column: str) -> str:
    return "owner_" + hashlib.sha256(f"{table}.{column}".encode()).hexdigest()[:16]


def _is_ours(model: type[models.Model]) -> bool:
    return model.__module__.split(".")[0] in {"mes", "orders", "procurement", "production"}


def _table_statements(table: str, rights: tuple[Right, ...], *, policies: bool) -> Iterator[sql.Composed]:
    name = sql.Identifier(table)
    roles = sql.SQL(", ").join(map(sql.Identifier, ROLES))
    yield sql.SQL("REVOKE ALL ON {} FROM {}").format(name, roles)
    if policies:
        yield sql.SQL("ALTER TABLE {} ENABLE ROW LEVEL SECURITY").format(name)
        for role in ROLES:
            yield sql.SQL("DROP POLICY IF EXISTS {} ON {}").format(sql.Identifier(str(role)), name)
    for right in rights:
        if not right.privileges and not right.update_columns:
            continue
        role = sql.Identifier(str(right.role))
        if right.privileges:
            grant = sql.SQL(", ".join(right.privileges))
            yield sql.SQL("GRANT {} ON {} TO {}").format(grant, name, role)
        if right.update_columns:
            columns = sql.SQL(", ").join(map(sql.Identifier, right.update_columns))
            yield sql.SQL("GRANT UPDATE ({}) ON {} TO {}").format(columns, name, role)
        if policies:
            yield _policy(name, right)


def _policy(table: sql.Identifier, right: Right) -> sql.Composed:
    role = sql.Identifier(str(right.role))
    condition = sql.SQL(right.condition)
    if right.privileges == READ and not right.update_columns:
        return sql.SQL("CREATE POLICY {} ON {} FOR SELECT TO {} USING ({})").format(role, table, role, condition)
    if right.privileges == ("INSERT",):
        return sql.SQL("CREATE POLICY {} ON {} FOR INSERT TO {} WITH CHECK ({})").format(role, table, role, condition)
    return sql.SQL("CREATE POLICY {} ON {} TO {} USING ({}) WITH CHECK ({})").format(
        role, table, role, condition, condition
    )


def _owner_key_statements(table: str, column: str, owner: str, parent: str) -> Iterator[sql.Composed]:
    unique = owner_key_name(parent, "id")
    key = owner_key_name(table, column)
    yield _unless_exists(
        unique, sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} UNIQUE (firm_id, id)").format(*_ids(parent, unique))
    )
    yield _unless_exists(
        key,
        sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} FOREIGN KEY ({}, {}) REFERENCES {} (firm_id, id)").format(
            *_ids(table, key, owner, column, parent)
        ),
    )


def _unless_exists(constraint: str, statement: sql.Composed) -> sql.Composed:
    template = (
        "DO $wall$ BEGIN IF NOT EXISTS (SELECT FROM pg_constraint WHERE conname = {}) THEN {}; END IF; END $wall$"
    )
    return sql.SQL(template).format(sql.Literal(constraint), statement)


def _ids(*names: str) -> list[sql.Identifier]:
    return [sql.Identifier(name) for name in names]
