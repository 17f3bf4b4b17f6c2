"""Compiles kernels once and keeps the machine code on disk.

numba invalidates by the file of the called function alone, so a kernel that was inlined from a changed file would
live on in the cache. The folder is therefore named by a digest of every kernel's source: `NUMBA_CACHE_DIR` or
`var/kernels` of the checkout, and there `<digest>`. Where that cannot be written (an install that is read-only),
the same is kept in the user's own cache folder, filled from what the read-only one holds, and without a home in a
folder of this process. With `NUMBA_DISABLE_JIT=1` the kernels are the plain functions.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core import types

F = TypeVar("F", bound=Callable[..., Any])

PLANNING = Path(__file__).parents[1]
CHECKOUT = PLANNING.parents[1]
DIGITS = 16
KEPT = 3
"""How many digests' folders stay: other checkouts' processes may still run the code before."""

KERNELS: list[Any] = []
"""Every kernel of the modules imported so far, as numba's dispatchers; plain functions without the compiler."""


def kernel(function: F) -> F:
    """Marks a kernel: compiled at its first call in nopython mode, or loaded from the cache."""
    compiled = numba.njit(cache=True, nogil=True)(function)
    KERNELS.append(compiled)
    return cast("F", compiled)


def bare(function: F) -> F:
    """As `kernel`, for one that makes no array and divides by no zero: neither is looked after."""
    return _without_counts(function, {})


def inner(function: F) -> F:
    """As `bare`, for one that only kernels call: it has no door to Python."""
    return _without_counts(function, {"no_cpython_wrapper": True, "no_cfunc_wrapper": True})


def _without_counts(function: F, doors: dict[str, bool]) -> F:
    options: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": False, **doors}
    compiled = numba.njit(**options)(function)
    if hasattr(compiled, "get_call_template"):
        template_for = compiled.get_call_template

        def without_literals(args: Sequence[Any], kws: dict[str, Any]) -> Any:
            """numba would compile the callee once more for each constant that somebody gives it."""
            plain = [types.unliteral(arg) for arg in args]  # type: ignore[no-untyped-call]
            return template_for(plain, kws)

        compiled.get_call_template = without_literals
    KERNELS.append(compiled)
    return cast("F", compiled)


def kernel_sources() -> list[Path]:
    """All files of kernels, sorted."""
    return sorted(path for path in PLANNING.rglob("*.py") if "kernel" in str(path.relative_to(PLANNING)))


def digest() -> str:
    """Names the code of all kernels together."""
    summed = sha256()
    for path in kernel_sources():
        summed.update(str(path.relative_to(PLANNING)).encode() + b"\0" + path.read_bytes())
    return summed.hexdigest()[:DIGITS]


def shared_folder() -> Path:
    """Where all processes of this checkout look first."""
    return Path(os.environ.get("NUMBA_CACHE_DIR") or CHECKOUT / "var" / "kernels")


def private_folder() -> Path:
    """The user's own, for installs that cannot be written."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "park-mes" / "kernels"


def cache_folder(shared: Path, private: Path, name: str) -> Path:
    """A folder that can be written, with what is compiled already: shared, else private, else this process's."""
    if can_write(shared / name):
        return shared / name
    if not can_write(private):
        private = Path(tempfile.mkdtemp(prefix="park-mes-kernels-"))
        atexit.register(shutil.rmtree, private, ignore_errors=True)
    if (shared / name).is_dir() and not (private / name).exists():
        fill(private / name, shared / name)
    return private / name


def can_write(folder: Path) -> bool:
    """Makes the folder and tries."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True


def fill(target: Path, source: Path) -> None:
    """Copies whole or not at all: another process may do the same at this moment, and one of them is first."""
    half = Path(tempfile.mkdtemp(dir=target.parent))
    shutil.copytree(source, half, dirs_exist_ok=True)
    try:
        half.rename(target)
    except OSError:
        shutil.rmtree(half)


def forget_old(folder: Path) -> None:
    """Removes what older code left beside `folder`, but for the latest few."""
    others = [path for path in folder.parent.iterdir() if path != folder and len(path.name) == DIGITS]
    for path in sorted(others, key=lambda path: path.stat().st_mtime)[: max(0, len(others) + 1 - KEPT)]:
        shutil.rmtree(path, ignore_errors=True)


FOLDER = cache_folder(shared_folder(), private_folder(), digest())
numba.config.CACHE_DIR = str(FOLDER)  # type: ignore[attr-defined] # set from the environment
