from __future__ import annotations

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from mes.core.errors import DomainError


class FileKindRefused(DomainError):
    """The file is none of the kinds that are kept, or another than its name or type says."""

    code = "file_kind_refused"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    text = _("The file is none of the kinds that are kept, or another than its name or type says.")


class QuotaExceeded(DomainError):
    """The firm's files would take more room than it has."""

    code = "quota_exceeded"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    text = _("Your firm's files would take more room than it has.")


class FilesNotKept(DomainError):
    """This installation keeps no files: FILES_ROOT is not set."""

    code = "files_not_kept"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    text = _("This installation keeps no files.")


class BytesMissing(DomainError):
    """The row is there and its bytes are not, or others: `manage.py files check` tells the association."""

    code = "file_damaged"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    text = _("The file's content is missing or damaged here.")
