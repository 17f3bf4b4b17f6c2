"""Reads tables that firms send: xlsx and CSV, from anybody's hand. Nothing in a file is executed or trusted.

A Declaration says what the columns are called and hold; `read_table` gives all rows or refuses with a fault for each
cell. Files are bounded before they are unpacked and while they are (limits.py).
"""

from mes.core.tables.columns import Column, Declaration, ValueKind
from mes.core.tables.errors import Fault, TableRefused
from mes.core.tables.reading import Row, Table, read_table

__all__ = ["Column", "Declaration", "Fault", "Row", "Table", "TableRefused", "ValueKind", "read_table"]
