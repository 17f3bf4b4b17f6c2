"""How kernels are compiled and kept, and that the compiler changes no number."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from production.planning.kernel import compiler
from production.planning.kernel.generator import draw, generator_state

CHECKOUT = Path(__file__).parents[2]
DRAWN = (
    "from production.planning.kernel.generator import draw, generator_state; "
    "print([[int(draw(state, 1000 + i)) for i in range(50)] for state in map(generator_state, (0, 1, -7, 2**70))])"
)


def python(*arguments: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=CHECKOUT,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_process_after_the_set_up_compiles_nothing() -> None:
    found = json.loads(python("-m", "production.planning", "compile"))
    kept = list(Path(found["folder"]).glob("**/*.nbc"))
    assert found["compiled"] == 0
    assert found["kernels"] == len(kept) > 0  # each, and for one set of types


def test_the_plain_generator_draws_the_same() -> None:
    assert python("-c", DRAWN, NUMBA_DISABLE_JIT="1") == python("-c", DRAWN)


def test_the_generator_stays_below_and_reaches_all() -> None:
    state = generator_state(seed=3, stream=1)
    assert {int(draw(state, 7)) for _ in range(200)} == set(range(7))


def test_streams_and_seeds_are_apart() -> None:
    states = {tuple(generator_state(seed, stream).tolist()) for seed in range(20) for stream in range(20)}
    assert len(states) == 400


def test_a_changed_kernel_changes_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kernels = tmp_path / "kernel"
    kernels.mkdir()
    monkeypatch.setattr(compiler, "PLANNING", tmp_path)
    names = set()
    for text in ("a = 1\n", "a = 2\n"):
        (kernels / "inner.py").write_text(text)
        names.add(compiler.digest())
    (kernels / "inner.py").rename(kernels / "other.py")
    names.add(compiler.digest())
    assert len(names) == 3


def test_a_folder_that_cannot_be_written_is_copied_to_the_users_own(tmp_path: Path) -> None:
    private = tmp_path / "own"
    assert compiler.cache_folder(tmp_path / "shared", private, "abc") == tmp_path / "shared" / "abc"
    (tmp_path / "file").write_text("in the way")
    assert compiler.cache_folder(tmp_path / "file", private, "abc") == private / "abc"


def test_what_is_filled_is_whole(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "code.nbc").write_text("code")
    (tmp_path / "own").mkdir()
    for _ in range(2):  # the second comes too late and leaves nothing
        compiler.fill(tmp_path / "own" / "abc", source)
    assert [path.name for path in (tmp_path / "own").iterdir()] == ["abc"]
    assert (tmp_path / "own" / "abc" / "code.nbc").read_text() == "code"


def test_without_any_place_the_process_has_its_own(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    inside = str(tmp_path / "file")
    assert python("-c", DRAWN, NUMBA_CACHE_DIR=inside, XDG_CACHE_HOME=inside).startswith("[[")


def test_old_code_is_forgotten_but_for_the_latest(tmp_path: Path) -> None:
    names = [str(number) * compiler.DIGITS for number in range(5)]
    for age, name in enumerate(names):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (1000 + age, 1000 + age))
    (tmp_path / "notes").mkdir()
    compiler.forget_old(tmp_path / names[4])
    assert sorted(path.name for path in tmp_path.iterdir()) == [*names[2:], "notes"]
