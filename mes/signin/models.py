"""What is counted of tries to sign in, and who gives a second factor."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from mes.core.models import Record
from mes.core.tenancy import WRITE, Tenancy, system
from mes.firms.models import User
from mes.signin.choices import Counted


class TryCount(Record):
    """The tries of one account, or from one address, that were let through to the password within the last minutes.

    `key` is a keyed digest of the name or address as it was given, so that unknown names count like known ones and
    what was typed by mistake is not kept. Only `sign_in_try` and `sign_in_refund`, functions of the owner, write it;
    the association unlocks by deleting, and the planner's role forgets what is old.
    """

    tenancy: ClassVar[Tenancy] = system(staff=("SELECT", "DELETE"), planner=("SELECT", "DELETE"))

    key = models.CharField(_("key"), max_length=64, unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Counted.choices)
    user_id = models.UUIDField(_("user"), null=True)
    tries = ArrayField(models.DateTimeField(), verbose_name=_("tries"))
    last_at = models.DateTimeField(_("last try"))
    let_through = models.BooleanField(_("last one let through"))
    locked_until = models.DateTimeField(_("locked until"), null=True)

    class Meta:
        verbose_name = _("locked account")
        verbose_name_plural = _("locked accounts")
        constraints = [models.CheckConstraint(condition=models.Q(kind__in=Counted.values), name="try_kind_known")]
        indexes = [models.Index(fields=["last_at"], name="try_by_age")]

    def __str__(self) -> str:
        return str(Counted(self.kind).label)


class SecondFactor(Record):
    """That one of the association's people gives a code of an authenticator after the password.

    Its secret follows from person and `version` (`one_time`). `last_step`: the step of thirty seconds whose code was
    taken last; no code up to it is taken again. `recovery`: keyed digests of the recovery codes that are left.
    `confirmed_at` empty: it was reset, and waits to be set up. Before anybody is signed in the web's login asks
    `second_factor_state`, a function of the owner, for one person, and reads no row.
    """

    tenancy: ClassVar[Tenancy] = system(staff=WRITE, owners={"user": ""})

    user = models.OneToOneField(User, verbose_name=_("user"), on_delete=models.CASCADE, related_name="+")
    version = models.PositiveIntegerField(_("version"), default=1)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    last_step = models.BigIntegerField(_("last step"), default=0)
    recovery = ArrayField(models.CharField(max_length=64), verbose_name=_("recovery codes"), default=list)

    class Meta:
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")

    def __str__(self) -> str:
        return str(self.version)
