"""The served API under schemathesis: whatever a program sends, each answer is one that the schema promises.

Three programs of one firm call it: one that may only read, an operator's and the owner's; whoever may do most comes
last. The association has no keys: its people have the desk. `make fuzz` is the long form. FUZZ_EXAMPLES says how many
cases each operation gets in the fuzzing phase, FUZZ_SCENARIOS how many chains of calls the stateful one tries;
FUZZ_SHARE=n lets the coverage phase meet each n-th operation alone, another n-th for each program; FUZZ_SEED starts
elsewhere.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import pytest

from mes.core.api.pages import SCHEMA_FILE
from mes.core.wall import actor_wall
from mes.firms.choices import SCOPES, Role
from mes.firms.services import api_key_issue
from tests.api.server import served
from tests.api.test_schema import OPERATIONS
from tests.architecture.source import CHECKOUT
from tests.database import TestDatabase, close_connections
from tests.desk.lively_park import lively_park
from tests.factories import an_api_key, an_owner, user_of
from tests.plans.small_park import SmallPark

pytestmark = pytest.mark.django_db(transaction=True)
EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "2")
SCENARIOS = os.environ.get("FUZZ_SCENARIOS", "40")
SHARE = int(os.environ.get("FUZZ_SHARE", "1"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
LEAST_CASES = 5000 if SHARE == 1 else 500
PHASES = ("examples", "coverage", "fuzzing", "stateful")
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
NO_LIMIT = "1000000000"
"""Calls a minute: what the limit refuses would tell nothing of the doors."""


def reader(park: SmallPark) -> dict[str, str]:
    """A key of the owner's that may read alone."""
    firm = park.firms["A"]
    actor, user = an_owner(firm), user_of(firm, Role.OWNER)
    scopes = sorted(scope for scope in SCOPES if scope.endswith(":read"))
    with actor_wall(actor):
        return {"Authorization": f"Bearer {api_key_issue(actor=actor, user=user, label='reader', scopes=scopes)}"}


def operator(park: SmallPark) -> dict[str, str]:
    return an_api_key(park.firms["A"], Role.OPERATOR)


def owner(park: SmallPark) -> dict[str, str]:
    return an_api_key(park.firms["A"], Role.OWNER)


PROGRAMS: tuple[Callable[[SmallPark], dict[str, str]], ...] = (reader, operator, owner)


def test_each_answer_is_in_the_schema(test_database: TestDatabase, web_url: str, tmp_path: Path) -> None:
    park = lively_park(test_database)
    keys = [program(park)["Authorization"] for program in PROGRAMS]
    close_connections()
    began_s = perf_counter()
    with served(web_url, API_CALLS_PER_MINUTE=NO_LIMIT, FILES_ROOT=str(tmp_path / "files")) as address:
        runs = [_run(place, key, address, tmp_path) for place, key in enumerate(keys)]
    told = " ".join(f"{program.__name__}={cases}" for program, (_code, cases) in zip(PROGRAMS, runs, strict=True))
    cases = sum(cases for _code, cases in runs)
    is_well = cases >= LEAST_CASES and all(code == 0 for code, _cases in runs)
    took_s = perf_counter() - began_s
    sys.stdout.write(f"\nFUZZ {'OK' if is_well else 'FAILED'} cases={cases} {told} seed={SEED} took_s={took_s:.0f}\n")
    assert is_well


def _run(place: int, key: str, address: str, folder: Path) -> tuple[int, int]:
    """What schemathesis ends with for one program, and how many cases it has tried."""
    settings = folder / f"{PROGRAMS[place].__name__}.toml"
    settings.write_text(_settings(place), encoding="utf-8")
    done = subprocess.run(
        _command(settings, address, key),
        cwd=folder,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    sys.stdout.write(f"\n{PROGRAMS[place].__name__}: {done.stdout}")
    found = re.search(r"(\d+) generated", done.stdout)
    return done.returncode, int(found[1]) if found else 0


def _settings(place: int) -> str:
    """Which operations the coverage phase leaves out for this program, and how far chains of calls go."""
    names = sorted(OPERATIONS)
    left_out = [name for number, name in enumerate(names) if (number + SEED + place * SHARE // 3) % SHARE]
    of_chains = f"[phases.stateful.generation]\nmax-examples = {SCENARIOS}\n"
    if not left_out:
        return of_chains
    return (
        f"{of_chains}[[operations]]\ninclude-operation-id = {json.dumps(left_out)}\nphases.coverage.enabled = false\n"
    )


def _command(settings: Path, address: str, key: str) -> list[str]:
    tool = str(Path(sys.executable).with_name("schemathesis"))
    options = {
        "--url": address,
        "--header": f"Authorization:{key}",
        "--phases": ",".join(PHASES),
        "--checks": ",".join(CHECKS),
        "--max-examples": EXAMPLES,
        "--seed": str(SEED),
        "--request-timeout": "60",
        "--generation-database": "none",
        "--warnings": "off",
    }
    flags = ["--continue-on-failure", "--no-color", "--no-shrink"]
    words = [word for option in options.items() for word in option]
    return [tool, "--config-file", str(settings), "run", str(CHECKOUT / SCHEMA_FILE), *flags, *words]
