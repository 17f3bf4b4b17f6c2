"""Finds the one sheet of an xlsx file that holds the table."""

from __future__ import annotations

import posixpath
from collections.abc import Collection

from django.utils.translation import gettext as _

from mes.core.tables.archive import Archive, broken
from mes.core.tables.errors import refuse
from mes.core.tables.limits import MOST_SHEETS
from mes.core.tables.markup import Budget, Listener, heard
from mes.core.tables.sheets import SheetShape, Source, read_shared_texts, sheet_rows
from mes.core.tables.styles import Style, read_styles

_MACROS = ("macroenabled", "vbaproject")
_BINARY = "ms-excel.sheet.binary"


class _ContentTypes(Listener):
    def __init__(self) -> None:
        self.has_macros = self.is_binary = False

    def started(self, name: str, attributes: dict[str, str]) -> None:
        kind = attributes.get("ContentType", "").lower()
        self.has_macros |= any(word in kind for word in _MACROS)
        self.is_binary |= _BINARY in kind


class _Relations(Listener):
    def __init__(self, folder: str) -> None:
        self._folder = folder
        self.targets: dict[str, str] = {}
        self.of_kind: dict[str, str] = {}

    def started(self, name: str, attributes: dict[str, str]) -> None:
        if name != "Relationship" or attributes.get("TargetMode", "").lower() == "external":
            return
        if len(self.targets) > MOST_SHEETS * 10:
            raise broken()
        path = posixpath.normpath(posixpath.join("/", self._folder, attributes.get("Target", "")))[1:]
        self.targets[attributes.get("Id", "")] = path
        self.of_kind[attributes.get("Type", "").rpartition("/")[2]] = path


class _Sheets(Listener):
    def __init__(self) -> None:
        self.visible: list[tuple[str, str]] = []
        self.dates_from_1904 = False

    def started(self, name: str, attributes: dict[str, str]) -> None:
        if name == "workbookPr":
            self.dates_from_1904 = attributes.get("date1904") in {"1", "true"}
        elif name == "sheet" and attributes.get("state", "visible") == "visible":
            self.visible.append((attributes.get("name", ""), attributes.get("id", "")))
            if len(self.visible) > MOST_SHEETS:
                raise refuse("file_too_many_parts", _("The file holds too many parts."))


class _Workbook:
    def __init__(self, raw: bytes) -> None:
        self._archive = Archive(raw)
        self._budget = Budget()
        self._check_kind()
        path = self._relations("").of_kind.get("officeDocument")
        if path is None:
            raise broken()
        self._sheets = _Sheets()
        heard(self._archive.chunks(path), self._sheets, self._budget)
        self._related = self._relations(path)

    def source(self, titles: Collection[str]) -> Source:
        """The visible sheet with one of these titles, else the only visible one that holds something."""
        paths = [(name, self._related.targets.get(key, "")) for name, key in self._sheets.visible]
        paths = [(name, path) for name, path in paths if "/chartsheets/" not in f"/{path}"]
        titled = [path for name, path in paths if name.strip() in titles]
        styles, texts = self._styles(), self._texts()
        found = titled if len(titled) == 1 else [path for _name, path in paths if self._holds(path, texts, styles)]
        if len(found) > 1:
            raise refuse("several_sheets", _("Several sheets hold something. Keep the one with the table."))
        if not found:
            raise refuse("table_empty", _("The file holds no table in a visible sheet."))
        shape = SheetShape()
        rows = sheet_rows(self._archive.chunks(found[0]), texts, styles, shape, self._budget)
        return Source(rows, shape, self._sheets.dates_from_1904)

    def _holds(self, path: str, texts: list[str | None], styles: list[Style]) -> bool:
        rows = sheet_rows(self._archive.chunks(path), texts, styles, SheetShape(), self._budget)
        return next(rows, None) is not None

    def _check_kind(self) -> None:
        if "[content_types].xml" not in self._archive:
            raise refuse("file_unknown", _("This is neither an xlsx nor a CSV file."))
        types = _ContentTypes()
        heard(self._archive.chunks("[content_types].xml"), types, self._budget)
        if types.has_macros or any("vbaproject" in name for name in self._archive.names()):
            raise refuse("file_has_macros", _("The file holds macros. Save it as xlsx without them."))
        if types.is_binary:
            raise refuse("file_unknown", _("This is neither an xlsx nor a CSV file."))

    def _relations(self, path: str) -> _Relations:
        folder, name = posixpath.split(path)
        relations = _Relations(folder)
        heard(self._archive.chunks(posixpath.join(folder, "_rels", f"{name}.rels")), relations, self._budget)
        return relations

    def _styles(self) -> list[Style]:
        path = self._related.of_kind.get("styles")
        return [] if path is None else read_styles(self._archive.chunks(path), self._budget)

    def _texts(self) -> list[str | None]:
        path = self._related.of_kind.get("sharedStrings")
        return [] if path is None else read_shared_texts(self._archive.chunks(path), self._budget)


def open_workbook(raw: bytes, titles: Collection[str]) -> Source:
    """The table of an xlsx file. Raises TableRefused, also while its rows are read."""
    return _Workbook(raw).source(titles)
