"""The one way to check a password, whichever page asks for it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from mes.core.addresses import client_address
from mes.firms.models import User
from mes.signin.tries import Try


class TooManyTries(ValidationError):
    """Said alike of an account that there is and of one that there is not. Pages show it as their form's error."""

    def __init__(self) -> None:
        super().__init__(
            _("There were too many tries. Wait a quarter of an hour, or ask the association to unlock the account."),
            code="too_many_tries",
        )


class CountedBackend(BaseBackend):
    """Counts each try before the password is looked at.

    A name that nobody has costs as much time as another: the hasher runs for it too. Who is signed in already, and
    programs with a key, do not come by here: nobody can lock them out.
    """

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_others: Any
    ) -> User | None:
        """The person, or None for a wrong name or password. Raises TooManyTries, OperationalError if not counted."""
        if request is None or username is None or password is None:
            return None
        user = User.objects.filter(username=username).first() if "\x00" not in username else None
        counted = Try(username, client_address(request), None if user is None else user.pk)
        if not counted.count():
            raise TooManyTries
        if user is None:
            User().set_password(password)
            return None
        if not user.check_password(password) or not user.is_active:
            return None
        counted.refund()
        return user

    def get_user(self, user_id: Any) -> User | None:
        """The signed-in person, as long as the account lasts. Doors ask themselves whether the firm is a member."""
        return User.objects.select_related("firm").filter(pk=user_id, is_active=True).first()
