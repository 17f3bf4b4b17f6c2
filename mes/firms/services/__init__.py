"""Writes of firms, people and keys."""

from mes.firms.services.anonymity import user_anonymise
from mes.firms.services.codes import IssuedCode, account_code_issue, password_set
from mes.firms.services.firms import firm_create
from mes.firms.services.keys import KeyChanges, api_key_change, api_key_issue, api_key_revoke, api_key_rotate
from mes.firms.services.people import user_change, user_create
from mes.firms.services.walls import (
    interest_declare,
    interest_end,
    read_session_end,
    read_session_open,
    session_read_record,
)

__all__ = [
    "IssuedCode",
    "KeyChanges",
    "account_code_issue",
    "api_key_change",
    "api_key_issue",
    "api_key_revoke",
    "api_key_rotate",
    "firm_create",
    "interest_declare",
    "interest_end",
    "password_set",
    "read_session_end",
    "read_session_open",
    "session_read_record",
    "user_anonymise",
    "user_change",
    "user_create",
]
