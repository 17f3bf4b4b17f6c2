"""What a planning call may raise."""


class ProblemError(ValueError):
    """The Problem is malformed. `field` names the place, e.g. `Line[SO-1/10].due_min`."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message
