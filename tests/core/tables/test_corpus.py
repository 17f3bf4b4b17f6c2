"""Each file of the corpus is read in a process of its own: what becomes of it, in how much memory and time."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.architecture.source import CHECKOUT
from tests.core.tables import corpus_of_cells
from tests.core.tables.corpus import Case

CASES: dict[str, Case] = corpus_of_cells.CASES
MOST_RSS_MB = 200
MOST_CPU_S = 10


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("corpus")
    names = sorted(CASES)
    for number, name in enumerate(names):
        (folder / f"{number:03}").write_bytes(CASES[name].make())
    command = [sys.executable, "-m", "tests.core.tables.child", str(folder)]
    told = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    found = [json.loads(line) for line in told.splitlines()]
    assert len(found) == len(names)
    return {names[int(one["file"])]: one for one in found}


def test_the_corpus_is_large() -> None:
    assert len(CASES) >= 60


def test_each_code_stands_on_the_page_of_codes() -> None:
    page = (CHECKOUT / "docs" / "errors.md").read_text(encoding="utf-8")
    codes = {code for case in CASES.values() for _cell, code in case.faults or ()}
    assert len(codes) > 30
    assert [code for code in sorted(codes) if f"| `{code}` |" not in page] == []


@pytest.mark.parametrize("name", sorted(CASES))
def test_what_becomes_of_a_file(outcomes: dict[str, dict[str, Any]], name: str) -> None:
    case, outcome = CASES[name], outcomes[name]
    assert "raised" not in outcome, outcome
    expected = None if case.faults is None else sorted(map(list, case.faults))
    assert (outcome["faults"] and sorted(outcome["faults"])) == expected
    if case.faults is None:
        assert outcome["count"] == (len(case.rows) if case.count is None else case.count)
        assert case.count is not None or outcome["rows"] == list(case.rows)


def test_no_file_takes_much_memory_or_time(outcomes: dict[str, dict[str, Any]]) -> None:
    greedy = {name: one for name, one in outcomes.items() if one["rss_mb"] > MOST_RSS_MB or one["cpu_s"] > MOST_CPU_S}
    assert greedy == {}
