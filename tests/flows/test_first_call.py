"""docs/first-call.md, copied block by block into a shell against `make serve`, prints what the page says."""

from __future__ import annotations

import re
import subprocess

from tests.flows.served import PROJECT, START_TIMEOUT_S, Clone

PAGE = PROJECT / "docs" / "first-call.md"
BLOCK = re.compile(r"^```sh\n(?P<commands>.*?)^```\n\n```text\n(?P<printed>.*?)^```$", re.MULTILINE | re.DOTALL)
BOUNDARY = "=== end of block ==="
LEAST_REFUSALS = 6


def blocks() -> list[tuple[str, list[str]]]:
    """Commands and the lines that they print, in the order of the page."""
    return [(found["commands"], found["printed"].splitlines()) for found in BLOCK.finditer(PAGE.read_text())]


def test_every_block_of_commands_says_what_it_prints() -> None:
    text = PAGE.read_text()
    assert len(blocks()) == text.count("```sh\n") == text.count("```text\n") > 0
    assert sum(line == "404" for _commands, printed in blocks() for line in printed) >= LEAST_REFUSALS


def test_the_page_does_what_it_says(clone: Clone) -> None:
    script = "".join(f"{commands}\necho '{BOUNDARY}'\n" for commands, _printed in blocks())
    with clone.serving():
        done = subprocess.run(
            ["sh"], input=script, cwd=clone.folder, env=clone.environment, capture_output=True, text=True,
            timeout=START_TIMEOUT_S, check=False,
        )  # fmt: skip
    said = [part.strip("\n").splitlines() for part in done.stdout.split(f"{BOUNDARY}\n")[:-1]]
    assert len(said) == len(blocks()), done.stderr
    for (_commands, printed), lines in zip(blocks(), said, strict=True):
        assert len(lines) == len(printed), (printed, lines, done.stderr)
        for wanted, line in zip(printed, lines, strict=True):
            assert wanted in ("…", line), (printed, lines)
    assert done.stderr == ""
