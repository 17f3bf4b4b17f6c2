"""Refusals about people and membership."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from mes.core.errors import DomainError


class LastHead(DomainError):
    """Nobody would be left who may give roles and keys, and can sign in."""

    code = "last_head"
    text = _("Each firm keeps an active owner with a password, and the association such an administrator.")


class CannotEnter(DomainError):
    """The person is inactive, or the firm no member."""

    code = "cannot_enter"
    text = _("Whoever is inactive, or of a firm that is no member, gets no code.")
