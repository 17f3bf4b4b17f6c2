"""What keeps the association's people from firms, and what opens a firm to one of them for a while."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mes.core.bounds import plausible_times
from mes.core.models import Record
from mes.core.tenancy import APPEND, READ, THE_FIRM, WEB_LOGIN, WRITE, Office, Right, Tenancy, system
from mes.firms.choices import ASSOCIATION_ROLES, Role
from mes.firms.models.firm import Firm
from mes.firms.models.people import User

LEAST_REASON = 10
MOST_REASON = 300
MOST_SESSION = timedelta(hours=4)
MOST_PAGE = 200

_OFFICES = [(role.value, role.label) for role in Role if role in ASSOCIATION_ROLES]


class DeclaredInterest(Record):
    """One of the association's people has an interest in a firm, until it is ended: nothing of that firm reaches him.

    `declared_by_id`: the person himself or an administrator. The exchange's role compares two officers' interests,
    which neither of them sees.
    """

    tenancy: ClassVar[Tenancy] = system(
        staff=WRITE,
        exchange=READ,
        door=(Right(WEB_LOGIN, READ),),
        owner="firm_id",
        owners={"user": ""},
        office=Office.EVERY,
    )

    user = models.ForeignKey(User, verbose_name=_("person"), on_delete=models.PROTECT, related_name="interests")
    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    declared_by_id = models.UUIDField(_("declared by"), null=True)
    since = models.DateTimeField(_("since"))
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("declared interest")
        verbose_name_plural = _("declared interests")
        constraints = [
            models.UniqueConstraint(fields=["user", "firm"], condition=Q(ended_at=None), name="interest_once"),
            models.CheckConstraint(condition=plausible_times("since", "ended_at"), name="interest_times_plausible"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("since")), name="interest_ends_after_it_began"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} – {self.firm}"


class ReadSession(Record):
    """One of the association's people reads what is otherwise closed of one firm, for a reason and a short time.

    `role`: the office in which he does. It ends by itself at `until_at`; the firm is told and reads the row.
    """

    tenancy: ClassVar[Tenancy] = system(
        firm=READ,
        firm_condition=f"firm_id = {THE_FIRM}",
        staff=WRITE,
        door=(Right(WEB_LOGIN, READ),),
        owner="firm_id",
        owners={"user": ""},
    )

    user = models.ForeignKey(User, verbose_name=_("person"), on_delete=models.PROTECT, related_name="read_sessions")
    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    role = models.CharField(_("role"), max_length=16, choices=_OFFICES)
    reason = models.CharField(_("reason"), max_length=MOST_REASON)
    opened_at = models.DateTimeField(_("opened"))
    until_at = models.DateTimeField(_("until"))
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("read session")
        verbose_name_plural = _("read sessions")
        constraints = [
            models.CheckConstraint(condition=Q(role__in=sorted(ASSOCIATION_ROLES)), name="session_role_known"),
            models.CheckConstraint(
                condition=Q(reason__regex=rf"^\S.{{{LEAST_REASON - 2},}}\S$"), name="session_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(until_at__gt=F("opened_at"), until_at__lte=F("opened_at") + MOST_SESSION),
                name="session_is_short",
            ),
            models.CheckConstraint(
                condition=plausible_times("opened_at", "ended_at")
                & (Q(ended_at=None) | Q(ended_at__gte=F("opened_at"))),
                name="session_ends_after_it_began",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "until_at"], condition=Q(ended_at=None), name="session_of_user"),
            models.Index(fields=["firm", "opened_at"], name="session_of_firm"),
        ]

    def __str__(self) -> str:
        return f"{self.user} – {self.firm}"


class SessionRead(Record):
    """A page that was opened under a read session. Append-only.

    `page`: its address without what was asked and with keys left out, so that it tells the firm of no other.
    `object_id`: the key in the address, where it is one of the firm's rows.
    """

    tenancy: ClassVar[Tenancy] = system(
        firm=READ, firm_condition=f"firm_id = {THE_FIRM}", staff=APPEND, owner="firm_id"
    )

    session = models.ForeignKey(ReadSession, verbose_name=_("read session"), on_delete=models.PROTECT)
    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    at = models.DateTimeField(_("at"))
    method = models.CharField(_("method"), max_length=8)
    page = models.CharField(_("page"), max_length=MOST_PAGE)
    object_id = models.UUIDField(_("object key"), null=True)

    class Meta:
        verbose_name = _("page read under a session")
        verbose_name_plural = _("pages read under a session")
        indexes = [models.Index(fields=["session", "at"], name="reads_of_session")]

    def __str__(self) -> str:
        return self.page
