"""Writes of files."""

from mes.files.services.files import file_drop, file_store

__all__ = ["file_drop", "file_store"]
