"""What `manage.py demo` says when the machine lacks something."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from pytest_django import Settings

from mes.demo.database import NEEDED, require_environment
from mes.demo.errors import MachineLacks

CHECKOUT = Path(__file__).parents[2]
NOBODY_LISTENS = "127.0.0.1:1"


def _demo(changes: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "demo", "--exit"],
        cwd=CHECKOUT,
        env={**os.environ, **changes},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"DATABASE_OWNER_URL": ""}, "DATABASE_OWNER_URL not set"),
        ({"DATABASE_WORKER_URL": ""}, "DATABASE_WORKER_URL not set"),
        ({"REDIS_URL": f"redis://{NOBODY_LISTENS}/0"}, "no connection to the broker"),
        (
            {"DATABASE_OWNER_URL": f"postgres://mes_owner:x@{NOBODY_LISTENS}/mes"},
            "no connection to the database server",
        ),
    ],
)
def test_what_is_missing_is_said_in_one_line_and_with_exit_code_two(changes: Mapping[str, str], said: str) -> None:
    done = _demo(changes)
    assert done.returncode == 2
    assert "DEMO" not in done.stdout
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_production_installation_makes_no_database_for_the_demo(settings: Settings) -> None:
    environment = dict.fromkeys(NEEDED, "set")
    require_environment(environment)
    settings.ENVIRONMENT = "production"
    with pytest.raises(MachineLacks, match="set MES_ENVIRONMENT to demo"):
        require_environment(environment)
