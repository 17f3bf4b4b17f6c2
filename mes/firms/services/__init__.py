"""Writes of firms, people and keys."""

from mes.firms.services.anonymity import user_anonymise
from mes.firms.services.codes import IssuedCode, account_code_issue, password_set
from mes.firms.services.export import firm_export
from mes.firms.services.firms import firm_create, supplier_create
from mes.firms.services.keys import KeyChanges, api_key_change, api_key_issue, api_key_revoke, api_key_rotate
from mes.firms.services.membership import (
    Signature,
    data_terms_publish,
    data_terms_sign,
    firm_admit,
    firm_decline,
    firm_resume,
    firm_suspend,
    firm_to_move,
)
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
    "Signature",
    "account_code_issue",
    "api_key_change",
    "api_key_issue",
    "api_key_revoke",
    "api_key_rotate",
    "data_terms_publish",
    "data_terms_sign",
    "firm_admit",
    "firm_create",
    "firm_decline",
    "firm_export",
    "firm_resume",
    "firm_suspend",
    "firm_to_move",
    "interest_declare",
    "interest_end",
    "password_set",
    "read_session_end",
    "read_session_open",
    "session_read_record",
    "supplier_create",
    "user_anonymise",
    "user_change",
    "user_create",
]
