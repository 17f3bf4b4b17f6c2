"""What the launcher says when it cannot go on."""


class MachineLacks(RuntimeError):
    """The machine lacks something that only its owner can give; one plain line, exit code 2."""


class ServiceFailed(RuntimeError):
    """A service did not do what it was told; one plain line with the last words of its log, exit code 1."""
