"""`python -m mes.settings.example`: every variable that the installation reads, as docker/.env.example holds them."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from mes.settings import ENVIRONMENT_VARIABLES
from mes.settings.environment import Variable

HEAD = """\
# What an installation may set, made by `python -m mes.settings.example`. Copy it to .env and take the # away from what
# differs from the default that is shown. Instead of NAME, NAME_FILE may name a file that holds the value.
"""
WEB = [
    Variable("WEB_PROCESSES", "processes of the web server", "2"),
    Variable("WEB_THREADS", "requests that one process of it serves at a time", "8"),
    Variable("WEB_ACCESS_LOG", "1: a line in the log for each request", ""),
    Variable("WEB_BIND", "where the web server listens; the image sets it", "127.0.0.1:8000"),
]
COMPOSE = [
    Variable("WEB_PORT", "the port of this machine's loopback address that leads to the web", "8000"),
    Variable("WORKERS", "how many workers run", "2"),
    Variable("SECRETS", "the folder of the secrets' files", "./secrets"),
]


def example(variables: Iterable[Variable]) -> str:
    known = list(variables)
    sections = {
        "Needed; docker/compose.yaml sets these itself, the secret ones by file": [
            variable for variable in known if variable.default is None
        ],
        "The settings": [variable for variable in known if variable.default is not None],
        "The web server (docker/gunicorn.conf.py)": WEB,
        "docker/compose.yaml alone": COMPOSE,
    }
    return HEAD + "".join(_section(title, members) for title, members in sections.items())


def _section(title: str, variables: Iterable[Variable]) -> str:
    lines = [f"\n# == {title}\n"]
    for variable in variables:
        lines += [f"\n# {variable.purpose}\n", f"#{variable.name}={variable.default or ''}\n"]
    return "".join(lines)


if __name__ == "__main__":
    sys.stdout.write(example(ENVIRONMENT_VARIABLES))
