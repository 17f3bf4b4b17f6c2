"""Files as their firm reads them."""

from __future__ import annotations

from rest_framework import serializers

from mes.core.api.fields import PlainTextField, StrictSerializer
from mes.files.models import MOST_FILE_NAME, StoredFile


class StoredFileSerializer(serializers.ModelSerializer[StoredFile]):
    """A file without its bytes. `media_type` was found in the bytes."""

    class Meta:
        model = StoredFile
        fields = ("id", "name", "media_type", "size_bytes", "sha256", "created_at")


class FileQuery(StrictSerializer):
    """The file's name; of a form's part it is the part's own."""

    name = PlainTextField(max_length=MOST_FILE_NAME, required=False)
