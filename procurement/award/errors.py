"""What a call of the award may raise."""


class AwardError(ValueError):
    """The input is malformed. `field` names the place, e.g. `Quotation[S01/PE-1].breaks[1].from_kg`."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message
