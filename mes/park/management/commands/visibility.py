from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from mes.park.selectors.visibility import page


class Command(BaseCommand):
    help = "Prints docs/visibility.md: who sees what of a firm."

    def handle(self, *args: Any, **options: Any) -> None:
        for line in page():
            self.stdout.write(line)
