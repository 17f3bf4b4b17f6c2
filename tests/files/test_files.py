"""Files of a firm: kept by their bytes, given to nobody else, never run."""

from __future__ import annotations

import io
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.http import HttpResponse

from mes.core.actors import DatabaseRole
from mes.core.clock import database_now
from mes.core.models import AuditRow
from mes.core.tables import Column, Declaration, ValueKind
from mes.core.tables.templates import template
from mes.core.wall import wall
from mes.files.models import StoredFile
from mes.files.services import storage
from mes.files.services.kinds import kind_of
from mes.files.services.sweeping import forget_dropped, remove_orphans
from tests.api.conftest import Program
from tests.core.tables.making import archive, parts_of, row, sheet
from tests.database import as_owner
from tests.factories.logins import as_worker

pytestmark = pytest.mark.django_db(transaction=True)

PDF = b"%PDF-1.7\n1 0 obj\n"
TWO_DAYS_S = 172_800
TABLE = template(Declaration(("A",), (Column("a", ("A",), ValueKind.TEXT),)))
KINDS = {
    "a.pdf": (PDF, "application/pdf"),
    "a.png": (b"\x89PNG\r\n\x1a\n\0\0", "image/png"),
    "a.jpg": (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
    "a.webp": (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
    "a.xlsx": (TABLE, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "a.dxf": (b"999\r\nmade by hand\r\n  0\r\nSECTION\r\n", "image/vnd.dxf"),
    "图.dwg": (b"AC1032\0\0\0", "image/vnd.dwg"),
}


@pytest.fixture(autouse=True)
def root(tmp_path: Path, settings: Any) -> Path:
    settings.FILES_ROOT = str(tmp_path / "files")
    settings.FILES_QUOTA_MB = 1
    return tmp_path / "files"


@pytest.fixture
def program() -> Program:
    return Program("F01")


@pytest.fixture
def rival() -> Program:
    return Program("F02")


def store(
    program: Program, content: bytes = PDF, name: str = "图纸 1.pdf", said: str = "application/pdf"
) -> HttpResponse:
    query = f"?name={name}" if name else ""
    return program.client.post(f"/api/v1/files{query}", content, content_type=said)


def bytes_at(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def age(path: Path) -> None:
    before = path.stat().st_mtime - TWO_DAYS_S
    os.utime(path, (before, before))


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_is_kept_and_given_back(program: Program, root: Path, name: str) -> None:
    content, kind = KINDS[name]
    stored = store(program, content, name, "application/octet-stream")
    assert stored.status_code == 201, stored.content
    shown = stored.json()
    assert (shown["name"], shown["media_type"], shown["size_bytes"]) == (name, kind, len(content))
    assert program.get(f"files/{shown['id']}").json() == shown
    assert program.get("files").json()["results"] == [shown]
    given = program.get(f"files/{shown['id']}/content")
    assert given.content == content
    assert given["Content-Disposition"].startswith("attachment;")
    assert given["X-Content-Type-Options"] == "nosniff"
    assert given["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert given["Content-Type"] == "application/octet-stream"
    (path,) = bytes_at(root)
    digest = shown["sha256"]
    assert path == root / digest[:2] / digest[2:4] / digest


@pytest.mark.parametrize(
    ("content", "name", "said", "pointer"),
    [
        (b"<html><script>", "a.pdf", "application/pdf", "/file"),
        (b"MZ\x90\0", "a.pdf", "application/octet-stream", "/file"),
        (PDF, "a.pdf", "image/png", "/file"),
        (PDF, "a.png", "application/pdf", "/name"),
        (PDF, "a.pdf.html", "application/pdf", "/name"),
        (PDF, "a", "application/pdf", "/name"),
        (archive({"a.txt": "x"}), "a.xlsx", "", "/file"),
        (archive(parts_of(sheet(row())) | {"xl/vbaProject.bin": b"x"}), "a.xlsx", "application/octet-stream", "/file"),
        (b"", "a.pdf", "application/pdf", "/file"),
        (PDF, "../../etc/passwd.pdf", "application/pdf", "/name"),
        (PDF, "C:\\a.pdf", "application/pdf", "/name"),
        (PDF, ".pdf", "application/pdf", "/name"),
        (PDF, "a\u202efdp.pdf", "application/pdf", "/name"),
        (PDF, "a%00.pdf", "application/pdf", "/name"),
        (PDF, "x" * 201 + ".pdf", "application/pdf", "/name"),
        (PDF, "", "application/pdf", "/name"),
    ],
)
def test_what_is_not_what_it_says_is_refused(
    program: Program, root: Path, content: bytes, name: str, said: str, pointer: str
) -> None:
    refused = store(program, content, name, said)
    assert refused.status_code in {400, 422}, refused.content
    assert refused.json()["errors"][0]["pointer"] == pointer
    assert bytes_at(root) == []
    with as_owner():
        assert not StoredFile.objects.exists()


def test_a_name_never_becomes_a_path_of_the_answer(program: Program) -> None:
    shown = store(program, name="图; x=y.pdf").json()
    given = program.get(f"files/{shown['id']}/content")
    assert given["Content-Disposition"] == "attachment; filename*=UTF-8''%E5%9B%BE%3B%20x%3Dy.pdf"


def test_nobody_else_finds_a_file_nor_learns_that_its_bytes_are_here(
    program: Program, rival: Program, root: Path
) -> None:
    own = store(program).json()
    for address in (f"files/{own['id']}", f"files/{own['id']}/content"):
        assert rival.get(address).status_code == 404
    assert rival.client.delete(f"/api/v1/files/{own['id']}").status_code == 404
    assert rival.get("files").json()["results"] == []
    (path,) = bytes_at(root)
    before = path.stat().st_ino
    same = store(rival)
    assert (same.status_code, set(same.json())) == (201, set(own))
    assert path.stat().st_ino != before  # written again, as bytes that nobody had
    assert rival.client.delete(f"/api/v1/files/{same.json()['id']}").status_code == 200
    assert program.get(f"files/{own['id']}/content").content == PDF


def test_the_quota_holds_for_two_uploads_at_once(program: Program) -> None:
    large = PDF + bytes(600_000)
    statuses: list[int] = []

    def upload(mark: bytes) -> None:
        statuses.append(store(program, large + mark).status_code)
        connection.close()

    threads = [threading.Thread(target=upload, args=(mark,)) for mark in (b"a", b"b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201, 422]
    refused = store(program, large)
    assert (refused.status_code, refused.json()["code"]) == (422, "quota_exceeded")


def test_a_refused_call_leaves_no_row_and_a_dropped_file_is_gone_a_day_later(program: Program, root: Path) -> None:
    shown = store(program).json()
    dropped = program.client.delete(f"/api/v1/files/{shown['id']}")
    assert dropped.json() == shown
    assert program.get(f"files/{shown['id']}").status_code == 404
    (path,) = bytes_at(root)
    age(path)
    with as_worker():
        assert sweep() == (0, 0)
    with as_owner():
        assert AuditRow.objects.filter(verb__startswith="file.").count() == 2
        with connection.cursor() as cursor:
            cursor.execute("UPDATE files_storedfile SET removed_at = removed_at - interval '2 days'")
    with as_worker():
        assert sweep() == (1, 1)
    assert bytes_at(root) == []


def test_bytes_that_somebody_still_names_or_that_are_new_stay(program: Program, root: Path) -> None:
    store(program)
    (path,) = bytes_at(root)
    age(path)
    storage.write(b"new and not named yet")
    with as_worker():
        assert sweep() == (0, 0)
    assert len(bytes_at(root)) == 2


def test_the_check_tells_what_differs(program: Program, root: Path) -> None:
    kept, changed, missing = (store(program, PDF + mark).json()["sha256"] for mark in (b"1", b"2", b"3"))
    orphan = storage.write(b"orphan")
    for path in bytes_at(root):
        age(path)
    assert checked()[0] == 0
    place = {path.name: path for path in bytes_at(root)}
    place[changed].write_bytes(b"other")
    place[missing].unlink()
    code, told = checked()
    assert code == 1
    assert told == sorted(
        [f"changed {changed}", f"missing {missing}", f"orphaned {orphan}", "1 missing, 1 changed, 1 orphaned"]
    )
    shown = next(row for row in program.get("files").json()["results"] if row["sha256"] == changed)
    damaged = program.get(f"files/{shown['id']}/content")
    assert (damaged.status_code, damaged.json()["code"]) == (503, "file_damaged")
    assert kept


def test_an_installation_without_a_folder_keeps_no_files(program: Program, settings: Any) -> None:
    settings.FILES_ROOT = ""
    assert (store(program).status_code, store(program).json()["code"]) == (503, "files_not_kept")


def test_what_no_kind_begins_with_is_none() -> None:
    assert {kind_of(content) for content in (b"", b"PK\x03\x04", b"RIFF1234WAVE", b"0\nENTITY\n", b"AC10")} == {None}


def sweep() -> tuple[int, int]:
    with wall(DatabaseRole.PLANNER):
        forgotten, now = forget_dropped(), database_now()
    return forgotten, remove_orphans(now=now)


def checked() -> tuple[int, list[str]]:
    stream = io.StringIO()
    code = 0
    with as_worker():
        try:
            call_command("files", "check", stdout=stream)
        except SystemExit as ended:
            code = int(ended.code or 0)
    return code, sorted(stream.getvalue().splitlines())
