"""Writes of files."""

from mes.files.services.files import Kept, bytes_keep, file_drop, file_store

__all__ = ["Kept", "bytes_keep", "file_drop", "file_store"]
