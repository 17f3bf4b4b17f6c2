"""Keys of programs."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mes.core.bounds import not_blank, plausible_times
from mes.core.ids import new_id
from mes.core.tenancy import NONE, WRITE, Tenancy, private
from mes.firms.models.firm import Firm
from mes.firms.models.people import User

MOST_LABEL = 60
MOST_NETWORKS = 20
MOST_NETWORK = 43


class ApiKey(models.Model):
    """A firm's program, acting for one of its people. Only a keyed digest is stored, and only the firm reads its rows.

    The lookup before the actor is known goes through `api_key_actor`, a function of the owner. `program_id`: the first
    of the keys that replaced each other. `networks`: where calls may come from, none for anywhere.
    """

    tenancy: ClassVar[Tenancy] = private(firm=WRITE, staff=NONE, planner=NONE)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    created_at = models.DateTimeField(_("created"), editable=False)
    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    user = models.ForeignKey(User, verbose_name=_("user"), on_delete=models.CASCADE)
    program_id = models.UUIDField(_("program"))
    label = models.CharField(_("label"), max_length=MOST_LABEL)
    prefix = models.CharField(_("prefix"), max_length=12)
    digest = models.CharField(_("digest"), max_length=64, unique=True)
    scopes = ArrayField(
        models.CharField(max_length=20), verbose_name=_("scopes"), null=True, help_text=_("Empty: all of them.")
    )
    networks = ArrayField(
        models.CharField(max_length=MOST_NETWORK),
        verbose_name=_("networks"),
        null=True,
        help_text=_("Empty: anywhere."),
    )
    expires_at = models.DateTimeField(_("expires"), null=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True)
    last_used_at = models.DateTimeField(_("last used"), null=True)
    last_used_from = models.GenericIPAddressField(_("last used from"), null=True)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        constraints = [
            models.CheckConstraint(condition=not_blank("label"), name="key_has_label"),
            models.CheckConstraint(
                condition=plausible_times("expires_at") & Q(expires_at__gt=F("created_at")), name="key_expires_later"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.prefix}…"
