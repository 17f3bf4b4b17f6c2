"""Each import contract is seen to fail on a deliberate violation, in a copy of the code."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.architecture.source import CHECKOUT, ROOTS

LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"
INSIDE_AN_APP = "Inside an app: doors, services, selectors, models"
VERIFIER = "The verifier imports only the problem"
CYCLE = {"mes/core/money.py": "import mes.core.units", "mes/core/units.py": "import mes.core.money"}

VIOLATIONS: list[tuple[str, dict[str, str]]] = [
    ("Apps flow one way", {"mes/lots/models.py": "import orders.sales.models"}),
    ("Apps flow one way", {"mes/core/units.py": "def late():\n    import mes.firms.models"}),
    ("Apps flow one way", {"mes/catalog/choices.py": "if TYPE_CHECKING:\n    import mes.lots.models"}),
    ("Apps flow one way", {"orders/sales/services/orders.py": "import production.plans.models"}),
    ("All of mes has a place", {"mes/helpers.py": ""}),
    ("Wiring is imported by nobody", {"mes/core/units.py": "import mes.settings"}),
    ("Wiring is imported by nobody", {"orders/sales/services/orders.py": "from mes.celery import app"}),
    ("The launcher knows neither Django nor an app", {"mes/embedded/ports.py": "import django"}),
    ("The launcher is a tool, not a part", {"mes/core/units.py": "import mes.embedded.ports"}),
    ("Inside production", {"production/machines/choices.py": "import production.plans.choices"}),
    ("Inside production", {"production/helpers.py": ""}),
    ("Inside orders", {"orders/sales/choices.py": "import orders.outsourcing.choices"}),
    ("Inside orders", {"orders/shared.py": ""}),
    ("Inside procurement", {"procurement/rounds/choices.py": "import procurement.awards.choices"}),
    (INSIDE_AN_APP, {"orders/sales/models.py": "import orders.sales.services"}),
    (
        INSIDE_AN_APP,
        {"orders/sales/selectors.py": "import orders.sales.services"},
    ),
    (
        INSIDE_AN_APP,
        {"orders/sales/services/orders.py": "import orders.sales.api"},
    ),
    (INSIDE_AN_APP, {"production/plans/utils.py": ""}),
    ("Inside mes.firms", {"mes/firms/models/firm.py": "import mes.firms.services"}),
    ("Inside mes.firms", {"mes/firms/access.py": "import mes.firms.keys"}),
    ("Inside mes.signin", {"mes/signin/models.py": "import mes.signin.services"}),
    ("Pure cores are plain Python", {"production/planning/problem.py": "import django.db"}),
    ("Pure cores are plain Python", {"production/planning/problem.py": "import mes.core.units"}),
    (
        VERIFIER,
        {"production/planning/verify/book.py": "import production.planning.search"},
    ),
    ("The skin's library is known to the desk alone", {"production/plans/admin.py": "import unfold.admin"}),
    ("The skin's library is known to the desk alone", {"mes/core/middleware.py": "import unfold"}),
    (VERIFIER, {"production/planning/verify/book.py": "import numba"}),
    (
        "The job shops' judge imports only the shapes",
        {"production/planning/jobshop/verify.py": "import production.planning.jobshop.search.bounds"},
    ),
    (
        "The parks' judge imports only the shapes",
        {"production/planning/park/verify.py": "import production.planning.engine.arrays"},
    ),
    ("The award is plain Python", {"procurement/award/solve.py": "import django.db"}),
    ("The award is plain Python", {"procurement/award/problem.py": "import mes.core.units"}),
    (
        "The award's judge imports only the shapes",
        {"procurement/award/verify/price.py": "import procurement.award.pricing"},
    ),
    (
        "The kernels' ground knows no problem",
        {"production/planning/kernel/generator.py": "import production.planning.problem"},
    ),
    ("Migrations stand alone", {"mes/lots/migrations/0001_initial.py": "import mes.lots.models"}),
    ("No cycles among siblings", CYCLE),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code's Python files and the contracts, nothing else."""
    folder = tmp_path_factory.mktemp("contracts")
    for root in ROOTS:
        for path in (CHECKOUT / root).rglob("*.py"):
            target = folder / path.relative_to(CHECKOUT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    shutil.copyfile(CHECKOUT / "pyproject.toml", folder / "pyproject.toml")
    return folder


def broken(folder: Path) -> set[str]:
    """Names of the contracts that do not hold."""
    done = subprocess.run(
        [sys.executable, "-c", LINT, "--no-logo", "--cache-dir", str(folder / "cache")],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Contracts:" in done.stdout, done.stdout + done.stderr
    return set(re.findall(r"^(.+) BROKEN", done.stdout, re.MULTILINE))


@contextmanager
def violated(folder: Path, files: dict[str, str]) -> Iterator[None]:
    before = {name: (folder / name).read_text() if (folder / name).exists() else None for name in files}
    for name, text in files.items():
        (folder / name).write_text(f"{before[name] or ''}\n{text}\n")
    yield
    for name, content in before.items():
        if content is None:
            (folder / name).unlink()
        else:
            (folder / name).write_text(content)


def test_the_code_as_it_is_keeps_every_contract(copy: Path) -> None:
    assert broken(copy) == set()


@pytest.mark.parametrize(("contract", "files"), VIOLATIONS)
def test_a_deliberate_violation_breaks_the_contract(copy: Path, contract: str, files: dict[str, str]) -> None:
    with violated(copy, files):
        assert contract in broken(copy)


def test_every_contract_is_violated_above() -> None:
    settings = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["importlinter"]
    names = {contract["name"] for contract in settings["contracts"]}
    assert names == {name for name, _files in VIOLATIONS}
    assert set(settings["root_packages"]) == set(ROOTS)
