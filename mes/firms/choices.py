from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mes.core.states import Moves, table


class Role(models.TextChoices):
    """What a person may do. The first four are the association's, the last two a supplier's, the others a member's."""

    ADMINISTRATOR = "administrator", _("administrator")
    DISPATCHER = "dispatcher", _("dispatcher")
    ROUND_OFFICER = "round_officer", _("round officer")
    AUDITOR = "auditor", _("auditor")
    OWNER = "owner", _("owner")
    PLANNER = "planner", _("planner")
    OPERATOR = "operator", _("operator")
    BUYER = "buyer", _("buyer")
    SUPPLIER = "supplier", _("head of a supplier")
    SELLER = "seller", _("seller")


ASSOCIATION_ROLES = frozenset({Role.ADMINISTRATOR, Role.DISPATCHER, Role.ROUND_OFFICER, Role.AUDITOR})
FIRM_ROLES = frozenset({Role.OWNER, Role.PLANNER, Role.OPERATOR, Role.BUYER})

SUPPLIER_ROLES = frozenset({Role.SUPPLIER, Role.SELLER})

# What a firm's owner may give, and a supplier's head.
ROLES_OF_A_FIRM = [(role.value, role.label) for role in Role if role in FIRM_ROLES | SUPPLIER_ROLES]


class FirmStatus(models.TextChoices):
    """`sandbox` is no step of a membership: such a firm tries the API, and nobody else ever meets it.

    Nor is `supplier`: such a firm sells resin to the members' rounds, and meets nothing else of theirs.
    """

    APPLIED = "applied", _("applied")
    DECLINED = "declined", _("declined")
    MEMBER = "member", _("member")
    SANDBOX = "sandbox", _("sandbox")
    SUPPLIER = "supplier", _("supplier")
    SUSPENDED = "suspended", _("suspended")
    LEFT = "left", _("left")


FIRM_NEXT: Moves = table(
    applied=("member", "declined"), member=("suspended", "left"), suspended=("member", "left"), supplier=("left",)
)
ENTERING_STATUSES = frozenset({FirmStatus.MEMBER, FirmStatus.SANDBOX, FirmStatus.SUPPLIER})

# Whom the other members know of.
KNOWN_STATUSES = frozenset({FirmStatus.MEMBER, FirmStatus.SUSPENDED, FirmStatus.LEFT})


class Resource(models.TextChoices):
    """What a key may be limited to, each read, or read and changed."""

    CATALOGUE = "catalogue", pgettext_lazy("scope", "products and routings")
    EXCHANGE = "exchange", pgettext_lazy("scope", "work for other firms")
    EXPORT = "export", pgettext_lazy("scope", "the firm's data, whole")
    FILES = "files", pgettext_lazy("scope", "files")
    FLOOR = "floor", pgettext_lazy("scope", "reports of the floor")
    JOBS = "jobs", pgettext_lazy("scope", "background jobs")
    KEYS = "keys", pgettext_lazy("scope", "keys")
    MACHINES = "machines", pgettext_lazy("scope", "machines and hours")
    ORDERS = "orders", pgettext_lazy("scope", "sales orders")
    OVERSIGHT = "oversight", pgettext_lazy("scope", "what the association read")
    PEOPLE = "people", pgettext_lazy("scope", "people")
    PLANS = "plans", pgettext_lazy("scope", "plans and promises")
    ROUNDS = "rounds", pgettext_lazy("scope", "pooled buying")
    TENDERS = "tenders", pgettext_lazy("scope", "requests for quotations")
    WEBHOOKS = "webhooks", "webhook"


RESOURCES = tuple(Resource.values)
SCOPES = frozenset(f"{resource}:{act}" for resource in RESOURCES for act in ("read", "write"))
