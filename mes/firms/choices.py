from django.db import models
from django.utils.translation import gettext_lazy as _

from mes.core.states import Moves, table


class Role(models.TextChoices):
    """What a person may do. The first four are the association's, the others a firm's."""

    ADMINISTRATOR = "administrator", _("administrator")
    DISPATCHER = "dispatcher", _("dispatcher")
    ROUND_OFFICER = "round_officer", _("round officer")
    AUDITOR = "auditor", _("auditor")
    OWNER = "owner", _("owner")
    PLANNER = "planner", _("planner")
    OPERATOR = "operator", _("operator")
    BUYER = "buyer", _("buyer")


ASSOCIATION_ROLES = frozenset({Role.ADMINISTRATOR, Role.DISPATCHER, Role.ROUND_OFFICER, Role.AUDITOR})
FIRM_ROLES = frozenset({Role.OWNER, Role.PLANNER, Role.OPERATOR, Role.BUYER})

# What a firm's owner may give.
ROLES_OF_A_FIRM = [(role.value, role.label) for role in Role if role in FIRM_ROLES]


class FirmStatus(models.TextChoices):
    """`sandbox` is no step of a membership: such a firm tries the API, and nobody else ever meets it."""

    APPLIED = "applied", _("applied")
    DECLINED = "declined", _("declined")
    MEMBER = "member", _("member")
    SANDBOX = "sandbox", _("sandbox")
    SUSPENDED = "suspended", _("suspended")
    LEFT = "left", _("left")


FIRM_NEXT: Moves = table(applied=("member", "declined"), member=("suspended", "left"), suspended=("member", "left"))
ENTERING_STATUSES = frozenset({FirmStatus.MEMBER, FirmStatus.SANDBOX})

# Whom the other members know of.
KNOWN_STATUSES = frozenset({FirmStatus.MEMBER, FirmStatus.SUSPENDED, FirmStatus.LEFT})

# What a key may be limited to: each resource read, or read and changed.
RESOURCES = (
    "catalogue",
    "exchange",
    "export",
    "files",
    "floor",
    "jobs",
    "keys",
    "machines",
    "orders",
    "oversight",
    "people",
    "plans",
    "webhooks",
)
SCOPES = frozenset(f"{resource}:{act}" for resource in RESOURCES for act in ("read", "write"))
