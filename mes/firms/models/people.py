"""Persons and the roles that they hold."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mes.core.models import Record
from mes.core.tenancy import ALL, READ, THE_FIRM, WEB_LOGIN, WRITE, Right, Tenancy, system
from mes.firms.access import ACCESS, may_see_model
from mes.firms.choices import ASSOCIATION_ROLES, ENTERING_STATUSES, FIRM_ROLES, SUPPLIER_ROLES, Role
from mes.firms.models.firm import MOST_NAME, Firm

MOST_USERNAME = 60


class UserManager(BaseUserManager["User"]):
    """Finds people for Django's sign-in; they are made by `services.user_create`."""


class User(Record, AbstractBaseUser):
    """A person, on one side only: the association's (no firm) or one firm's.

    Rights come from memberships and the access table; Django's groups and permissions are not used.
    """

    tenancy: ClassVar[Tenancy] = system(
        firm=WRITE,
        firm_condition=f"firm_id = {THE_FIRM}",
        staff=ALL,
        owner="firm_id",
        door=(Right(WEB_LOGIN, READ, "true", update_columns=("last_login", "password")),),
    )

    username = models.CharField(_("user name"), max_length=MOST_USERNAME, unique=True)
    full_name = models.CharField(_("full name"), max_length=MOST_NAME, blank=True, default="")
    firm = models.ForeignKey(Firm, verbose_name=_("firm"), null=True, blank=True, on_delete=models.PROTECT)
    is_active = models.BooleanField(_("active"), default=True)

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.username

    @property
    def is_staff(self) -> bool:
        """The admin's door is the association's."""
        return self.firm_id is None

    @property
    def roles(self) -> frozenset[str]:
        """The person's roles on the person's own side, read once per object."""
        if "_roles" not in self.__dict__:
            own = self.memberships.filter(firm_id=self.firm_id) if self.firm_id else self.memberships.filter(firm=None)
            self.__dict__["_roles"] = frozenset(own.values_list("role", flat=True))
        roles: frozenset[str] = self.__dict__["_roles"]
        return roles

    def get_full_name(self) -> str:
        """The name on the desk's pages."""
        return self.full_name

    def may(self, verb: str) -> bool:
        """Whether the person's roles have a verb of the access table. What is offered; the service authorises."""
        return self.is_active and bool(ACCESS[verb] & self.roles)

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Django's admin asks `app.view_model`; the access table answers."""
        app_label, _dot, action = perm.partition(".")
        verb, _underscore, model_name = action.partition("_")
        return self.is_active and may_see_model(self.roles, verb=verb, model=f"{app_label}.{model_name}")

    def has_perms(self, perms: list[str], obj: object = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perms)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_staff and bool(self.roles)

    @property
    def may_enter(self) -> bool:
        """Active, and of the association or of a firm that is still a member."""
        return self.is_active and (self.firm is None or self.firm.status in ENTERING_STATUSES)


class Membership(Record):
    """A role that a person holds: the association's people have no firm, a firm's people theirs."""

    tenancy: ClassVar[Tenancy] = system(
        firm=ALL,
        firm_condition=f"firm_id = {THE_FIRM}",
        staff=ALL,
        owner="firm_id",
        door=(Right(WEB_LOGIN, READ),),
    )

    user = models.ForeignKey(User, verbose_name=_("user"), on_delete=models.CASCADE, related_name="memberships")
    firm = models.ForeignKey(Firm, verbose_name=_("firm"), null=True, blank=True, on_delete=models.PROTECT)
    role = models.CharField(_("role"), max_length=16, choices=Role.choices)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["user", "role"], name="role_once_per_user"),
            models.CheckConstraint(
                condition=Q(firm=None, role__in=sorted(ASSOCIATION_ROLES))
                | Q(firm__isnull=False, role__in=sorted(FIRM_ROLES | SUPPLIER_ROLES)),
                name="role_fits_side",
            ),
        ]

    def __str__(self) -> str:
        return str(Role(self.role).label)
