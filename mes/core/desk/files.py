"""How the desk's files are stored when they are collected."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class CollectedFiles(CompressedManifestStaticFilesStorage):
    """Each file under a name with its content's digest. Modules name each other so too, and are kept by browsers."""

    support_js_module_import_aggregation = True
