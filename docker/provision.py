"""Makes roles and database on the server of the containers, from the same template as everywhere; may run again.

Reads DATABASE_ADMIN_URL (a superuser's address without its password) and the files of the secrets.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mes.embedded.errors import MachineLacks, ServiceFailed
from mes.embedded.provision import provision_database, provision_roles

PASSWORDS = ("MES_OWNER_PASSWORD", "MES_WEB_PASSWORD", "MES_WORKER_PASSWORD")


def secret(name: str) -> str:
    """The content of the file that `name`_FILE names."""
    return Path(os.environ[f"{name}_FILE"]).read_text(encoding="utf-8").strip()


def main() -> int:
    """0, or 2 and one line when the server or a secret is not to be had, 1 when the server refuses."""
    try:
        parts = urlsplit(os.environ["DATABASE_ADMIN_URL"])
        password = quote(secret("POSTGRES_PASSWORD"), safe="")
        url = urlunsplit(parts._replace(netloc=f"{parts.username}:{password}@{parts.netloc.rpartition('@')[2]}"))
        passwords = {name: secret(name) for name in PASSWORDS}
        provision_roles(admin_url=url, passwords=passwords, environment=os.environ["MES_ENVIRONMENT"])
        provision_database(url=url, database=os.environ["DATABASE_NAME"])
    except KeyError as error:
        sys.stderr.write(f"{error.args[0]} is not set\n")
        return 2
    except OSError as error:
        sys.stderr.write(f"{error.filename}: {error.strerror}\n")
        return 2
    except MachineLacks as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except ServiceFailed as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
