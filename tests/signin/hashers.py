"""A hasher that counts its runs."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.hashers import MD5PasswordHasher


class Counting(MD5PasswordHasher):
    runs: ClassVar[int] = 0

    def encode(self, password: str, salt: str) -> str:
        Counting.runs += 1
        encoded: str = super().encode(password, salt)
        return encoded
