"""What `manage.py demo` says when the machine lacks something."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from django.core.management.base import CommandError
from pytest_django import Settings

from mes.demo.database import NEEDED, require_environment
from mes.demo.errors import MachineLacks
from mes.demo.management.commands.demo import Command, run
from mes.demo.sample.shapes import CaseOptions

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


@pytest.mark.parametrize(
    "arguments",
    [
        ["--case-booked-presses", "12"],
        ["--case-booked-presses", "-1"],
        ["--case-rest-h", "-5"],
        ["--case-efficiency", "0"],
        ["--case-efficiency", "abc"],
        ["--case-efficiency", "NaN"],
        ["--seed", "1.5"],
    ],
)
def test_an_argument_that_makes_no_sense_is_refused(arguments: list[str]) -> None:
    with pytest.raises(CommandError, match="is wanted"):
        Command().create_parser("manage.py", "demo").parse_args(arguments)


def test_a_place_that_cannot_be_written_is_told_before_anything_is_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(seed=1, case=CaseOptions(), keep=False, json_file=tmp_path) == 2
    assert "cannot be written" in capsys.readouterr().err
