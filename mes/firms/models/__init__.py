"""Who: firms, people, what they may do, and the keys of their programs."""

from mes.firms.models.codes import CODE_LASTS, AccountCode
from mes.firms.models.firm import MOST_CODE, MOST_GATE_M, MOST_NAME, MOST_SORT_KEY, Firm
from mes.firms.models.keys import MOST_LABEL, ApiKey
from mes.firms.models.people import MOST_USERNAME, Membership, User, UserManager
from mes.firms.models.terms import MOST_TERMS, MOST_VERSION, DataTerms, TermsSignature
from mes.firms.models.walls import DeclaredInterest, ReadSession, SessionRead

__all__ = [
    "CODE_LASTS",
    "MOST_CODE",
    "MOST_GATE_M",
    "MOST_LABEL",
    "MOST_NAME",
    "MOST_SORT_KEY",
    "MOST_TERMS",
    "MOST_USERNAME",
    "MOST_VERSION",
    "AccountCode",
    "ApiKey",
    "DataTerms",
    "DeclaredInterest",
    "Firm",
    "Membership",
    "ReadSession",
    "SessionRead",
    "TermsSignature",
    "User",
    "UserManager",
]
