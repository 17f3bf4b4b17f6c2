"""Drawings, certificates, photos and tables that firms keep here. The rows; the bytes lie in files (storage.py)."""

from __future__ import annotations

from typing import ClassVar

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mes.core.bounds import between, not_blank, plausible_times
from mes.core.models import Record
from mes.core.tenancy import NONE, WRITE, Tenancy, private
from mes.files.choices import MediaType
from mes.firms.models import Firm

MOST_FILE_NAME = 200
MOST_BYTES = 10_000_000


class KeptFile(Record):
    """What a row says of the bytes that it names. `removed_at`: dropped by the firm in whose room they are.

    The row goes a day later, and the bytes when no row of any such model names them any more. `payer`: the column of
    the firm in whose room they are.
    """

    payer: ClassVar[str]

    name = models.CharField(_("file name"), max_length=MOST_FILE_NAME)
    media_type = models.CharField(_("kind of file"), max_length=80)
    size_bytes = models.PositiveIntegerField(_("size, bytes"))
    sha256 = models.CharField(_("digest (SHA-256)"), max_length=64)
    removed_at = models.DateTimeField(_("removed"), null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


def kept_models() -> list[type[KeptFile]]:
    """All models whose rows name bytes."""
    return [model for model in apps.get_models() if issubclass(model, KeptFile)]


def file_constraints(prefix: str) -> list[models.BaseConstraint]:
    """What the database refuses in a row that names bytes."""
    return [
        models.CheckConstraint(condition=not_blank("name"), name=f"{prefix}_has_name"),
        models.CheckConstraint(condition=Q(media_type__in=sorted(MediaType)), name=f"{prefix}_kind_known"),
        models.CheckConstraint(condition=between(1, MOST_BYTES, "size_bytes"), name=f"{prefix}_size_in_range"),
        models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name=f"{prefix}_digest_whole"),
        models.CheckConstraint(condition=plausible_times("removed_at"), name=f"{prefix}_removed_plausible"),
    ]


class StoredFile(KeptFile):
    """A firm's own."""

    tenancy: ClassVar[Tenancy] = private(firm=WRITE, staff=NONE, planner=("SELECT", "DELETE"))
    payer = "firm_id"

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        constraints = file_constraints("file")
        indexes = [models.Index(fields=["sha256"], name="file_by_digest")]
