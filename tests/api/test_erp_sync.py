"""The example of docs/examples/erp_sync.py, run as its readers run it, keeps books and park in step."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.api.server import served
from tests.architecture.source import CHECKOUT
from tests.factories import a_firm, a_product, an_api_key

EXAMPLE = CHECKOUT / "docs" / "examples" / "erp_sync.py"


class Erp:
    """A firm's books, and the loop that keeps them."""

    def __init__(self, path: Path, address: str, key: str) -> None:
        self._path = path
        self._environment = {"PATH": os.environ["PATH"], "PARK_URL": address, "PARK_KEY": key}

    def turn(self) -> str:
        """One round of the loop; what it said."""
        command = [sys.executable, EXAMPLE, self._path, "--once"]
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def write(self, *statements: str) -> None:
        with sqlite3.connect(self._path) as books:
            for statement in statements:
                books.execute(statement)

    def read(self, question: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(self._path) as books:
            return books.execute(question).fetchall()


def call(address: str, key: str, method: str, path: str, body: object = None, **headers: str) -> tuple[int, str]:
    connection = HTTPConnection(urlsplit(address).netloc, timeout=10)
    sent = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"} | headers
    connection.request(method, path, None if body is None else json.dumps(body), sent)
    answer = connection.getresponse()
    status, text = answer.status, answer.read().decode()
    connection.close()
    return status, text


@pytest.mark.django_db(transaction=True)
def test_an_erp_keeps_in_step(web_url: str, tmp_path: Path) -> None:
    product = a_product()
    key, rival = (an_api_key(a_firm(code))["Authorization"].removeprefix("Bearer ") for code in ("F01", "F02"))
    with served(web_url) as address:
        said, _text = call(address, key, "PUT", "/api/v1/item-numbers/PN-7", {"product_code": product.code})
        assert said in (200, 201)
        erp, other = (Erp(tmp_path / name, address, owner) for name, owner in (("ours", key), ("theirs", rival)))
        assert erp.turn() == other.turn() == "sent 0, received 0"

        erp.write(
            "INSERT INTO book_order (number, customer) VALUES ('A/1', '客户甲'), ('A-2', '客户乙')",
            "INSERT INTO book_line VALUES ('A/1', '10', 'PN-7', 40, '2036-03-12T08:00:00+08:00', 'never'),"
            " ('A-2', '10', 'PN-7', 0, '2036-03-12T08:00:00+08:00', 'never')",
        )
        assert erp.turn() == "sent 2, received 1"
        taken, refused = erp.read("SELECT park_id IS NOT NULL, refused FROM book_order ORDER BY number = 'A-2'")
        assert (taken, refused[0]) == ((1, None), 0)
        assert str(refused[1]).startswith("/lines/0/pieces ")
        assert erp.read("SELECT status FROM park_order") == [("draft",)]

        erp.write("UPDATE book_order SET dirty = 1", "UPDATE book_line SET pieces = 30")
        assert erp.turn() == "sent 2, received 2"
        documents = [json.loads(str(document)) for (document,) in erp.read("SELECT document FROM park_order")]
        assert [document["lines"][0]["pieces"] for document in documents] == [30, 30]
        assert erp.turn() == other.turn() == "sent 0, received 0"


def test_an_erp_waits_for_a_park_that_is_away(tmp_path: Path) -> None:
    """It says so and ends its round; what was changed stays to be sent."""
    erp = Erp(tmp_path / "books", "http://127.0.0.1:1", "mes_none")
    erp.write(
        "CREATE TABLE book_order (number TEXT PRIMARY KEY, customer TEXT, dirty INTEGER DEFAULT 1, park_id, refused)",
        "INSERT INTO book_order (number, customer) VALUES ('A/1', '客户甲')",
    )
    assert erp.turn().startswith("later: ")
    assert erp.read("SELECT dirty FROM book_order") == [(1,)]
