"""Errors that a caller can act on. Each has a stable English code; the text is translated."""

from __future__ import annotations

from http import HTTPStatus
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """Base of all refusals. `pointer` is the JSON pointer of the field concerned, empty for the whole."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = HTTPStatus.CONFLICT
    text: ClassVar[str | Promise] = _("The request was refused.")
    retry_after_s: ClassVar[int | None] = None

    def __init__(self, text: str | Promise | None = None, *, pointer: str = "") -> None:
        self.detail = text if text is not None else self.text
        self.pointer = pointer
        super().__init__(str(self.detail))

    def errors(self) -> list[dict[str, str]]:
        """What exactly is refused: JSON pointers with their reasons. Empty: the whole."""
        return [{"pointer": self.pointer, "detail": str(self.detail)}] if self.pointer else []


class NotFound(DomainError):
    """The object does not exist, or the actor may not know that it does: the two are not told apart."""

    code = "not_found"
    status = HTTPStatus.NOT_FOUND
    text = _("Not found.")


class NotPermitted(DomainError):
    """The actor's roles do not include the verb."""

    code = "not_permitted"
    status = HTTPStatus.FORBIDDEN
    text = _("Your roles do not allow this.")


class InvalidValue(DomainError):
    """A value breaks a rule; `pointer` names the field."""

    code = "invalid_value"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    text = _("The value is not valid.")


class NotAllowedInState(DomainError):
    """The object's state does not lead to the state asked for."""

    code = "not_allowed_in_state"
    text = _("This is not possible in the present state.")


class StaleState(DomainError):
    """Somebody else changed the object in between."""

    code = "stale_state"
    text = _("The object was changed in the meantime. Read it again.")


class LeaseLost(DomainError):
    """A background job's lease was taken over by another worker; its work must not be committed."""

    code = "lease_lost"
    text = _("The job was taken over by another worker.")
