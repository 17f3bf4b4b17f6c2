"""Writes of firms, people and keys."""

from mes.firms.services.firms import firm_create
from mes.firms.services.keys import api_key_issue, api_key_revoke
from mes.firms.services.people import user_create

__all__ = ["api_key_issue", "api_key_revoke", "firm_create", "user_create"]
