"""How the demo ends early."""

from __future__ import annotations


class MachineLacks(Exception):
    """The machine lacks something that the demo needs; the text is one line that says what."""


class NotPossible(Exception):
    """What is there stands in the way; the text is one line that says what, and what to do."""


class StepFailed(Exception):
    """A step did not come to its end: `field` has `value`, `expected` says what it should be."""

    def __init__(self, field: str, value: object, expected: str) -> None:
        self.field = field
        self.value = value
        self.expected = expected
        super().__init__(f"{field}={value} expected {expected}")


class Interrupted(KeyboardInterrupt):
    """A stop signal came; `signum` is its number. Libraries know its base, and cancel what they wait for."""

    def __init__(self, signum: int) -> None:
        self.signum = signum
        super().__init__(signum)
