"""The served API under schemathesis: whatever a program sends, each answer is one that the schema promises.

`make fuzz` runs a short form with a fixed seed; FUZZ_EXAMPLES says how many cases each operation gets in the fuzzing
phase, FUZZ_SEED starts elsewhere.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mes.core.api.pages import SCHEMA_FILE
from mes.core.wall import actor_wall
from mes.firms.choices import SCOPES, Role
from mes.firms.services import api_key_issue
from tests.api.server import served
from tests.architecture.source import CHECKOUT
from tests.database import TestDatabase, close_connections
from tests.desk.lively_park import lively_park
from tests.factories import an_api_key, an_owner, user_of
from tests.plans.small_park import SmallPark

pytestmark = pytest.mark.django_db(transaction=True)
EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "2")
SEED = os.environ.get("FUZZ_SEED", "1")
LEAST_CASES = 500
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)


def owner(park: SmallPark) -> dict[str, str]:
    return an_api_key(park.firms["A"], Role.OWNER)


def operator(park: SmallPark) -> dict[str, str]:
    return an_api_key(park.firms["A"], Role.OPERATOR)


def reader(park: SmallPark) -> dict[str, str]:
    """A key of the owner's that may read alone."""
    firm = park.firms["A"]
    actor, user = an_owner(firm), user_of(firm, Role.OWNER)
    scopes = sorted(scope for scope in SCOPES if scope.endswith(":read"))
    with actor_wall(actor):
        return {"Authorization": f"Bearer {api_key_issue(actor=actor, user=user, label='reader', scopes=scopes)}"}


@pytest.mark.parametrize("who", [owner, operator, reader], ids=lambda who: who.__name__)
def test_each_answer_is_in_the_schema(
    who: Callable[[SmallPark], dict[str, str]], test_database: TestDatabase, web_url: str, tmp_path: Path
) -> None:
    headers = who(lively_park(test_database))
    close_connections()
    with served(web_url) as address:
        done = subprocess.run(
            _command(address, headers["Authorization"]), cwd=tmp_path, check=False, stdout=subprocess.PIPE, text=True
        )
    sys.stdout.write(done.stdout)
    (cases,) = re.findall(r"(\d+) generated", done.stdout)
    assert done.returncode == 0
    assert int(cases) >= LEAST_CASES


def _command(address: str, authorization: str) -> list[str]:
    tool = str(Path(sys.executable).with_name("schemathesis"))
    options = {
        "--url": address,
        "--header": f"Authorization:{authorization}",
        "--phases": "examples,coverage,fuzzing,stateful",
        "--checks": ",".join(CHECKS),
        "--max-examples": EXAMPLES,
        "--seed": SEED,
        "--request-timeout": "60",
        "--generation-database": "none",
        "--warnings": "off",
    }
    flags = ["--continue-on-failure", "--no-color", "--no-shrink"]
    return [tool, "run", str(CHECKOUT / SCHEMA_FILE), *flags, *(word for option in options.items() for word in option)]
