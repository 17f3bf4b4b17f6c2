"""Reads that many calls repeat: put together once a process, and planned by the server once a connection.

To put a page's query together takes the ORM longer than the database needs to answer it, and the walls in it make it
long to plan. What differs from call to call is a `Given`; what differs in the text, the limit too, is in the key.
A plan is made anew by the server itself when the role changes for which its walls hold.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from django.db import connection
from django.db.models import Expression, Field, ForeignKey, Lookup, QuerySet

MOST_KEPT = 200
_kept: dict[Hashable, Prepared] = {}


class Given(Expression):
    """A value that the call gives, by its name."""

    def __init__(self, name: str, output_field: Field[Any, Any]) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, _compiler: Any, _connection: Any) -> tuple[str, list[Given]]:  # type: ignore[override]
        """A place for it, which `Prepared` fills."""
        return "%s", [self]


@ForeignKey.register_lookup
class AnyOf(Lookup):
    """`key__any_of=Given(…)`: one of the array's values. One text for however many, which IN has not."""

    lookup_name = "any_of"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """`key = ANY(array)`."""
        left, of_left = self.process_lhs(compiler, connection)
        right, of_right = self.process_rhs(compiler, connection)
        return f"{left} = ANY({right})", (*of_left, *of_right)


class Prepared:
    """Rows of a queryset of plain values (`values_list`), as tuples or, where Django converts a column, lists."""

    def __init__(self, rows: QuerySet[Any, Any]) -> None:
        compiler = rows.query.get_compiler(connection.alias)
        self._sql, self._values = compiler.as_sql()
        columns = [column for column, _sql, _alias in compiler.select]
        self._converters = compiler.get_converters(columns)

    def fetch(self, **given: Any) -> list[Any]:
        """The rows for these values. Raises KeyError when one is missing."""
        values = [given[value.name] if isinstance(value, Given) else value for value in self._values]
        with connection.preparing_cursor() as cursor:  # type: ignore[attr-defined]  # our engine's
            cursor.execute(self._sql, values)
            rows: list[Any] = cursor.fetchall()
        return [self._converted(row) for row in rows] if self._converters else rows

    def _converted(self, row: tuple[Any, ...]) -> list[Any]:
        values = list(row)
        for place, (converters, column) in self._converters.items():
            for convert in converters:
                values[place] = convert(values[place], column, connection)
        return values


def prepared(key: Hashable, make: Callable[[], QuerySet[Any, Any]]) -> Prepared:
    """The query of this key, put together at its first use. All are dropped when there are too many."""
    found = _kept.get(key)
    if found is None:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        found = _kept[key] = Prepared(make())
    return found
