"""What is said, in one line and with exit code 2, where the machine lacks something."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from mes.embedded.errors import MachineLacks
from mes.embedded.services import Services
from tests.embedded.checkout import USERS, checkout_for

CHECKOUT = Path(__file__).parents[2]


def test_a_machine_for_which_there_are_no_binaries(reachable_python: str) -> None:
    with checkout_for(USERS[-1], python=reachable_python) as checkout:
        checkout.command = ["setarch", "linux32", *checkout.command]
        done = checkout.launch("run", "--", "true")
    assert done.returncode == 2
    assert "set DATABASE_URL and REDIS_URL to servers of your own" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_data_folder_of_another_version(reachable_python: str) -> None:
    with checkout_for(USERS[-1], python=reachable_python) as checkout:
        checkout.launch("run", "--", "true")
        (checkout.data / "PG_VERSION").write_text("14\n")
        done = checkout.launch("run", "--", "true")
    assert done.returncode == 2
    assert "was made by PostgreSQL 14" in done.stderr


def test_a_disk_that_is_almost_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_WORKER_URL"):
        monkeypatch.delenv(name, raising=False)
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(100_000_000, 90_000_000, 10_000_000))
    with pytest.raises(MachineLacks, match="has 10 MB of disk left, 500 MB are needed"):
        Services("demo", checkout=tmp_path).acquire()


def test_a_checkout_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("in the way")
    with pytest.raises(MachineLacks, match="cannot be written: Not a directory"):
        Services("demo", checkout=tmp_path).acquire()


def test_make_says_which_package_is_missing_where_python_has_no_venv(tmp_path: Path) -> None:
    without_venv = tmp_path / "python-without-venv"
    without_venv.write_text(f'#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; esac\nexec {sys.executable} "$@"\n')
    without_venv.chmod(0o755)
    done = _make(tmp_path, "setup", f"PYTHON={without_venv}")
    assert done.returncode == 2
    assert "apt-get install python3-venv" in done.stderr.splitlines()[0]


def test_make_says_which_python_is_needed(tmp_path: Path) -> None:
    done = _make(tmp_path, "setup", "PYTHON=no-such-python")
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == "no-such-python is missing: apt-get install python3 python3-venv"


def _make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make with a virtual environment that does not exist yet."""
    return subprocess.run(
        ["make", *arguments, f"VENV={folder}/venv"], cwd=CHECKOUT, capture_output=True, text=True, check=False,
        env={name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
    )  # fmt: skip
