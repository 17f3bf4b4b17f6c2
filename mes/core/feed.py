"""The change feed's half in the database: triggers generated from what the models declare, applied by `migrate`.

A model that firms read by API declares as its attribute `feed` a `Feed`, or a `PartOf` where it is shown inside
another one's object. Each statement that writes such rows adds one row of `core_change` for each object and each firm
that is shown something else than before: whoever writes, the triggers run with the owner's rights. What a firm is
not shown does not count, so that nobody reads another's doings from the times of his own feed.

Rows are added and never changed by writers: two transactions that change parts of the same two objects in different
order would block each other otherwise, and a firm would wait for a publication. `mes.core.changes` reads the last
row of an object, and drops those before it from time to time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.db import models
from psycopg import sql

from mes.core.walls import tenancy_of, walled_models

PREFIX = "feed_"
# Parties that are no column of the row: all members; those whom another table names.
MEMBERS = "members"
NAMED = "named"
_THE_MEMBERS = "(SELECT id FROM public.firms_firm WHERE status = 'member') AS m"
INSERT, UPDATE, DELETE = EVENTS = ("INSERT", "UPDATE", "DELETE")


@dataclass(frozen=True, slots=True)
class Through:
    """A table between a part and its object: the part's key is in `on`, the object's in `key`."""

    table: str
    on: str
    key: str


@dataclass(frozen=True, slots=True)
class Feed:
    """A kind of object that firms are told of. `resource`: a key needs its scope to read; `path`: below `/api/v1/`.

    `shows`: by column of a party, which columns that party is shown something of. Of a catalogue (own_or_standard) the
    rows without a firm are told to everybody; elsewhere they are the association's and told to nobody.

    What no firm owns may be told to each member (`shown_to_members`): those of the moment; whoever becomes one later
    reads the list. `unless`: an SQL condition on the row `r` under which nobody is told yet. Or to those alone whom
    another table names (`shown_to_named`): `named` says in which column it points at the object, and at the firm.
    """

    kind: str
    resource: str
    path: str
    shows: Mapping[str, tuple[str, ...]]
    unless: str = "false"
    named: Through | None = None

    def address(self, object_id: object) -> str:
        """Where the API shows the object, or the list that it stands in."""
        return f"/api/v1/{self.path.format(id=object_id)}"


@dataclass(frozen=True, slots=True)
class PartOf:
    """Rows that are shown inside an object of `kind`, whose key is in `key`. `shows` as of a Feed."""

    kind: str
    key: str
    shows: Mapping[str, tuple[str, ...]]
    through: Through | None = None
    events: tuple[str, ...] = field(default=EVENTS)


def shown_to_firm(*columns: str) -> dict[str, tuple[str, ...]]:
    """What the one owner of a private row is shown."""
    return {"firm_id": columns}


def shown_to_both(*columns: str) -> dict[str, tuple[str, ...]]:
    """What both parties of a document are shown."""
    return {"giver_id": columns, "doer_id": columns}


def shown_to_members(*columns: str) -> dict[str, tuple[str, ...]]:
    """What each member is shown of a row that no firm owns."""
    return {MEMBERS: columns}


def shown_to_named(*columns: str) -> dict[str, tuple[str, ...]]:
    """What each firm is shown that another table names."""
    return {NAMED: columns}


def feeds() -> dict[str, Feed]:
    """All kinds of objects, by kind."""
    found = (getattr(model, "feed", None) for model in walled_models())
    return {feed.kind: feed for feed in found if isinstance(feed, Feed)}


def statements() -> Iterator[sql.Composable]:
    """All SQL that brings triggers and rows to what the models say.

    Objects that have no row yet get one, so that who begins from the beginning is told of everything. A dump that was
    restored on a server with a younger transaction counter holds rows of transactions to come: they are taken over
    into the present one (cursors of the other server are void by themselves).
    """
    yield sql.SQL(_DROP_ALL)
    declared = [(model, feed) for model in walled_models() if (feed := _feed_of(model))]
    for model, feed in declared:
        yield _function(model, feed)
        yield from (_trigger(model._meta.db_table, event) for event in _events(feed))
    yield sql.SQL("DELETE FROM core_change WHERE kind <> ALL ({}::text[])").format(sql.Literal(list(feeds())))
    yield sql.SQL(_TAKE_OVER)
    for model, feed in declared:
        if isinstance(feed, Feed):
            yield from (_existing(model, feed, party) for party in feed.shows)


def function_names() -> set[str]:
    """The functions that stand behind the triggers."""
    return {PREFIX + model._meta.db_table for model in walled_models() if _feed_of(model)}


def trigger_names(model: type[models.Model]) -> set[str]:
    """The triggers of a model's table."""
    feed = _feed_of(model)
    return {_trigger_name(event) for event in _events(feed)} if feed else set()


_DROP_ALL = """
DO $feed$ DECLARE found record; BEGIN
    FOR found IN SELECT tgname, tgrelid::regclass AS relation FROM pg_trigger
                  WHERE NOT tgisinternal AND starts_with(tgname, 'feed_') LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', found.tgname, found.relation);
    END LOOP;
    FOR found IN SELECT oid::regprocedure AS signature FROM pg_proc
                  WHERE pronamespace = 'public'::regnamespace AND starts_with(proname, 'feed_') LOOP
        EXECUTE format('DROP FUNCTION %s', found.signature);
    END LOOP;
END $feed$
"""

_TAKE_OVER = """
DO $feed$ BEGIN
    IF EXISTS (SELECT FROM core_change WHERE xid > pg_current_xact_id()) THEN
        DELETE FROM core_change AS r USING core_change AS n
         WHERE n.object_id = r.object_id AND n.kind = r.kind AND n.firm_id IS NOT DISTINCT FROM r.firm_id
           AND n.id > r.id;
        UPDATE core_change SET xid = pg_current_xact_id();
    END IF;
END $feed$
"""

# `come`: the rows as they are after the statement, `gone`: as they were before it.
_FUNCTION = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $feed$
BEGIN
    IF TG_OP = 'INSERT' THEN {come}
    ELSIF TG_OP = 'UPDATE' THEN {changed}
    ELSE {gone}
    END IF;
    RETURN NULL;
END $feed$
"""
_ADD = """
        INSERT INTO public.core_change AS c (firm_id, kind, object_id, xid, begun_at, at, deleted)
        SELECT DISTINCT {firm}, {kind}, {object}, pg_current_xact_id(), now(), clock_timestamp(), {deleted}
          FROM {rows} WHERE {told} ON CONFLICT (firm_id, xid, kind, object_id) {conflict};"""
_OWN_AGAIN = "DO UPDATE SET deleted = excluded.deleted WHERE c.deleted <> excluded.deleted"
_FROM = {
    INSERT: sql.SQL("come AS r"),
    UPDATE: sql.SQL("come AS r JOIN gone AS before ON before.id = r.id AND ({before}) IS DISTINCT FROM ({after})"),
    DELETE: sql.SQL("gone AS r"),
}
_TRANSITION = {
    INSERT: "NEW TABLE AS come",
    UPDATE: "OLD TABLE AS gone NEW TABLE AS come",
    DELETE: "OLD TABLE AS gone",
}


def _function(model: type[models.Model], feed: Feed | PartOf) -> sql.Composed:
    bodies = {
        event: sql.SQL("").join([_add(model, feed, party, event) for party in feed.shows])
        if event in _events(feed)
        else sql.SQL("NULL;")
        for event in EVENTS
    }
    return sql.SQL(_FUNCTION).format(
        name=sql.Identifier(PREFIX + model._meta.db_table),
        come=bodies[INSERT],
        changed=bodies[UPDATE],
        gone=bodies[DELETE],
    )


def _add(model: type[models.Model], feed: Feed | PartOf, party: str, event: str) -> sql.Composed:
    """The rows of one party for one kind of statement."""
    own = isinstance(feed, Feed)
    rows: sql.Composable = _FROM[event].format(before=_columns("before", feed, party), after=_columns("r", feed, party))
    key = sql.SQL("r.{}").format(sql.Identifier("id" if isinstance(feed, Feed) else feed.key))
    through = None if isinstance(feed, Feed) else feed.through
    if through is not None:
        middle = sql.SQL("{} JOIN public.{} AS v ON v.{} = {}")
        rows = middle.format(rows, sql.Identifier(through.table), sql.Identifier(through.on), key)
        key = sql.SQL("v.{}").format(sql.Identifier(through.key))
    rows = _with_firms(rows, feed, party)
    return sql.SQL(_ADD).format(
        firm=_firm(feed, party),
        kind=sql.Literal(feed.kind),
        object=key,
        deleted=sql.Literal(own and event == DELETE),
        rows=rows,
        told=_told(model, feed, party),
        conflict=sql.SQL(_OWN_AGAIN if own else "DO NOTHING"),
    )


def _with_firms(rows: sql.Composable, feed: Feed | PartOf, party: str) -> sql.Composable:
    """The rows `r`, beside them as `m` who is told, where no column of theirs says it."""
    if party == MEMBERS:
        return sql.SQL("{} CROSS JOIN {}").format(rows, sql.SQL(_THE_MEMBERS))
    named = feed.named if isinstance(feed, Feed) and party == NAMED else None
    if named is None:
        return rows
    return sql.SQL("{} JOIN public.{} AS m ON m.{} = r.id").format(
        rows, sql.Identifier(named.table), sql.Identifier(named.on)
    )


def _firm(feed: Feed | PartOf, party: str) -> sql.Composable:
    """Who is told."""
    named = feed.named if isinstance(feed, Feed) and party == NAMED else None
    if named is not None:
        return sql.SQL("m.{}").format(sql.Identifier(named.key))
    return sql.SQL("m.id") if party == MEMBERS else sql.SQL("r.{}").format(sql.Identifier(party))


def _told(model: type[models.Model], feed: Feed | PartOf, party: str) -> sql.Composable:
    """Which rows are told to somebody."""
    if party in {MEMBERS, NAMED}:
        return sql.SQL("NOT ({})").format(sql.SQL(feed.unless if isinstance(feed, Feed) else "false"))
    if tenancy_of(model).name == "own_or_standard":
        return sql.SQL("true")
    told = sql.SQL("r.{} IS NOT NULL").format(sql.Identifier(party))
    unless = feed.unless if isinstance(feed, Feed) else "false"
    return told if unless == "false" else sql.SQL("{} AND NOT ({})").format(told, sql.SQL(unless))


def _feed_of(model: type[models.Model]) -> Feed | PartOf | None:
    declared = getattr(model, "feed", None)
    return declared if isinstance(declared, Feed | PartOf) else None


def _columns(row: str, feed: Feed | PartOf, party: str) -> sql.Composed:
    names = [sql.SQL("{}.{}").format(sql.Identifier(row), sql.Identifier(name)) for name in feed.shows[party]]
    return sql.SQL("ROW({})").format(sql.SQL(", ").join(names))


def _existing(model: type[models.Model], feed: Feed, party: str) -> sql.Composed:
    """A row for each object that has none: of a model whose feed is new."""
    rows = _with_firms(sql.SQL("{} AS r").format(sql.Identifier(model._meta.db_table)), feed, party)
    return sql.SQL(
        "INSERT INTO core_change (firm_id, kind, object_id, xid, begun_at, at, deleted)"
        " SELECT {firm}, {kind}, r.id, pg_current_xact_id(), now(), clock_timestamp(), false FROM {rows}"
        " WHERE {told} AND NOT EXISTS (SELECT FROM core_change AS c WHERE c.object_id = r.id AND c.kind = {kind}"
        " AND c.firm_id IS NOT DISTINCT FROM {firm})"
    ).format(firm=_firm(feed, party), kind=sql.Literal(feed.kind), rows=rows, told=_told(model, feed, party))


def _trigger(table: str, event: str) -> sql.Composed:
    return sql.SQL("CREATE TRIGGER {} AFTER {} ON {} REFERENCING {} FOR EACH STATEMENT EXECUTE FUNCTION {}()").format(
        sql.Identifier(_trigger_name(event)),
        sql.SQL(event),
        sql.Identifier(table),
        sql.SQL(_TRANSITION[event]),
        sql.Identifier(PREFIX + table),
    )


def _trigger_name(event: str) -> str:
    return PREFIX + event.lower()


def _events(feed: Feed | PartOf) -> tuple[str, ...]:
    return feed.events if isinstance(feed, PartOf) else EVENTS
