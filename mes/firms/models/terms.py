"""What a member signs, and who has signed it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from mes.core.bounds import not_blank, plausible_days
from mes.core.models import Record
from mes.core.tenancy import APPEND, NONE, READ, Tenancy, private, public
from mes.firms.models.firm import MOST_NAME, Firm

MOST_VERSION = 20
MOST_TERMS = 100_000


class DataTerms(Record):
    """A version of the terms on which the association keeps the members' data. What was published stays as it is."""

    tenancy: ClassVar[Tenancy] = public(staff=APPEND)

    version = models.CharField(_("version"), max_length=MOST_VERSION, unique=True)
    text = models.TextField(_("text"), max_length=MOST_TERMS)

    class Meta:
        verbose_name = _("data terms")
        verbose_name_plural = _("data terms")
        constraints = [models.CheckConstraint(condition=not_blank("version", "text"), name="terms_say_something")]

    def __str__(self) -> str:
        return self.version


class TermsSignature(Record):
    """A firm has signed a version of the data terms, on paper, by somebody who may sign for it."""

    tenancy: ClassVar[Tenancy] = private(firm=READ, staff=APPEND, planner=NONE)

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT, related_name="signatures")
    terms = models.ForeignKey(DataTerms, verbose_name=_("data terms"), on_delete=models.PROTECT)
    signed_by = models.CharField(_("signed by"), max_length=MOST_NAME)
    signed_on = models.DateField(_("signed on"))

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        constraints = [
            models.UniqueConstraint(fields=["firm", "terms"], name="terms_signed_once_per_firm"),
            models.CheckConstraint(
                condition=not_blank("signed_by") & plausible_days("signed_on"), name="signature_says_who_and_when"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.signed_on}"
