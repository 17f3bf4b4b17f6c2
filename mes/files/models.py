"""Drawings, certificates, photos and tables that a firm keeps here. The rows; the bytes lie in files (storage.py)."""

from __future__ import annotations

from typing import ClassVar

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


class StoredFile(Record):
    """`removed_at`: dropped by its firm. The row goes a day later, and the bytes when no row names them any more."""

    tenancy: ClassVar[Tenancy] = private(firm=WRITE, staff=NONE, planner=("SELECT", "DELETE"))

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    name = models.CharField(_("file name"), max_length=MOST_FILE_NAME)
    media_type = models.CharField(_("kind of file"), max_length=80)
    size_bytes = models.PositiveIntegerField(_("size, bytes"))
    sha256 = models.CharField(_("digest (SHA-256)"), max_length=64)
    removed_at = models.DateTimeField(_("removed"), null=True)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        constraints = [
            models.CheckConstraint(condition=not_blank("name"), name="file_has_name"),
            models.CheckConstraint(condition=Q(media_type__in=sorted(MediaType)), name="file_kind_known"),
            models.CheckConstraint(condition=between(1, MOST_BYTES, "size_bytes"), name="file_size_in_range"),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="file_digest_whole"),
            models.CheckConstraint(condition=plausible_times("removed_at"), name="file_removed_plausible"),
        ]
        indexes = [models.Index(fields=["sha256"], name="file_by_digest")]

    def __str__(self) -> str:
        return self.name
