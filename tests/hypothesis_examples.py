"""How many examples hypothesis tries: a share of them, and in `make full` all."""

from __future__ import annotations

import os

SHARE = int(os.environ.get("EXAMPLES_SHARE", "2"))


def examples(count: int) -> int:
    return -(-count // SHARE)
