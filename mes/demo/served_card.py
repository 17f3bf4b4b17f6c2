"""The card of a served park: where it is, how to get in, what to try, how to stop it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from mes.core.actors import DatabaseRole
from mes.core.clock import business_now
from mes.core.wall import wall
from mes.demo.access import DOER, GIVER, OTHER
from mes.demo.kept import Kept, write_private
from mes.demo.seed.directory import ASSOCIATION
from mes.demo.seed.index import PARK_ZONE
from mes.firms.models import Firm

CARD, KEYS = "card.txt", "keys.env"
WIDTH = 100


def write(*, folder: Path, url: str, kept: Kept) -> None:
    """Writes the card, and the addresses and keys as a file for the shell."""
    keys = {"API": f"{url}/api/v1"} | {
        f"{part}_KEY": kept.keys[code] for part, code in (("GIVER", GIVER), ("DOER", DOER), ("OTHER", OTHER))
    }
    write_private(folder / KEYS, "".join(f"{name}='{value}'\n" for name, value in keys.items()))
    write_private(folder / CARD, "\n".join(_lines(folder, url, kept)) + "\n")


def _lines(folder: Path, url: str, kept: Kept) -> Iterator[str]:
    with wall(DatabaseRole.STAFF):
        names = dict(Firm.objects.filter(code__in=(GIVER, DOER)).values_list("code", "name_zh"))
        now = business_now()
    inside = folder.relative_to(settings.BASE_DIR) if folder.is_relative_to(settings.BASE_DIR) else folder
    yield "─" * WIDTH
    yield f"park     it is {now.astimezone(PARK_ZONE):%Y-%m-%d %H:%M} there; its clock goes on while it is served"
    yield f"desk     {url}/admin/"
    for username, title, role in ASSOCIATION:
        yield f"login    {username:<12} {kept.passwords[username]}   {title} ({role.value})"
    for code, what in ((GIVER, "gives work away"), (DOER, "takes work over")):
        yield f"key      {code:<12} {kept.keys[code]}   {names[code]}, {what}"
    yield f"         these, and a third firm's, for the shell: . {inside / KEYS}"
    yield f'try      curl -s {url}/api/v1/me -H "Authorization: Bearer {kept.keys[GIVER]}"'
    yield "         a whole order, from the key to the other firm's machines: docs/first-call.md"
    yield "logs     var/log/web.log, worker.log, beat.log; the servers' in var/embedded/demo"
    yield "stop     Ctrl-C, or make stop from elsewhere; make serve SERVE_ARGS=--reset makes the data anew"
    yield "─" * WIDTH
