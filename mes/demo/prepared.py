"""The park that `make serve` shows: made once, brought up to the code at each start, with its secrets and its card."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command

from mes.core.choices import InstallationKind
from mes.demo import access, acts, clock, kept, served_card
from mes.demo.board import Board
from mes.demo.database import identity_of, kind_of, migrate, rename
from mes.demo.errors import MachineLacks, NotPossible
from mes.demo.kept import Kept
from mes.demo.play import fresh_park, sign_standing_terms
from mes.demo.ranges import THE_SEED
from mes.demo.sample.shapes import CaseOptions

RESET = "make serve SERVE_ARGS=--reset"


def prepare(*, board: Board, folder: Path, url: str, reset: bool) -> None:
    """Makes the database of DATABASE_URL a served park, unless it is one, and writes the card for `url` to `folder`.

    Raises MachineLacks, NotPossible or StepFailed; a park that was there is then there still.
    """
    name = urlsplit(os.environ["DATABASE_URL"]).path.lstrip("/")
    kind = kind_of(name)
    if kind not in (None, InstallationKind.DEMO):
        raise MachineLacks(f"DATABASE_URL leads to {name}, which is no demo's database: choose another name")
    before = kept.read(folder)
    if kind is None or reset:
        _make(board, name)
        before = Kept(files=before.files)
    elif before.database == identity_of(name):
        _bring_up(board, name, before)
    after = Kept(
        database=identity_of(name),
        migrations=dict(kept.migrations_digest()),
        code=kept.code_digest(),
        files=_collect(board, before.files),
        passwords=before.passwords,
        keys=before.keys,
    )
    if before.database != after.database:
        after.passwords, after.keys = access.give()
    kept.keep(after, folder)
    clock.run(os.environ["DATABASE_OWNER_URL"])
    served_card.write(folder=folder, url=url, kept=after)


def _make(board: Board, name: str) -> None:
    """The sample park with its first night's plan; what stood under the name stands until all is done."""
    with fresh_park(board=board, seed=THE_SEED, options=CaseOptions(), keep=False) as fresh:
        with board.step("park planned by the worker, as each night"):
            run_id = acts.plan_night(worker=fresh.worker, on_rule=board.rules(len(fresh.sample.orders)))
        sign_standing_terms(board, run_id, fresh.worker)
        fresh.worker.stop(patience_s=10)
        rename(fresh.database, to=name)


def _bring_up(board: Board, name: str, before: Kept) -> None:
    """New migrations and walls. Raises NotPossible when a migration that was applied has been rewritten since."""
    known = kept.migrations_digest()
    if any(known.get(applied) != digest for applied, digest in before.migrations.items()):
        raise NotPossible(f"the data were made by another version of the tables: {RESET} makes them anew")
    if before.code != kept.code_digest():
        with board.step("tables and walls brought up to the code"):
            migrate(name)


def _collect(board: Board, before: str) -> str:
    """The web's static files, collected again when one has changed. Returns their digest."""
    digest, root = kept.files_digest(), settings.STATIC_ROOT
    if root and (digest != before or not (Path(root) / "staticfiles.json").exists()):
        with board.step("static files collected"):
            call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    return digest
