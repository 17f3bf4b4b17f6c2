"""All that the database keeps of one firm, as files that a spreadsheet opens."""

from __future__ import annotations

import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from typing import IO, Any
from uuid import UUID

from django.db import models, transaction
from django.db.models import Q

from mes.core import audit
from mes.core.actors import Actor, DatabaseRole
from mes.core.errors import NotPermitted
from mes.core.walls import tenancy_of, walled_models
from mes.firms.access import require
from mes.firms.models import Firm

MOST_IN_MEMORY = 5_000_000
_SECRETS = {"password", "digest"}
_LEFT_OUT = {"core.KeptAnswer"}  # answers of the API, which tell nothing that the rows do not
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@transaction.atomic
def firm_export(*, actor: Actor) -> IO[bytes]:
    """A ZIP with a CSV file (UTF-8 with BOM) for each table that holds rows of the actor's firm; the caller closes it.

    Read within the firm's own wall, so it can hold nothing else. No password and no digest is in it; of a document of
    two firms the columns of the other party alone are left empty. A text that a spreadsheet would calculate begins
    with an apostrophe.
    """
    require(actor, "firm.export")
    if actor.firm_id is None or actor.database_role is not DatabaseRole.FIRM:
        raise NotPermitted
    packed: IO[bytes] = tempfile.SpooledTemporaryFile(MOST_IN_MEMORY)  # noqa: SIM115 - goes out
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for model in walled_models():
            rows = _rows_of(model, actor.firm_id)
            if rows is not None and rows.exists():
                with archive.open(f"{model._meta.label_lower}.csv", "w") as entry:
                    _write(entry, model, rows, actor.firm_id)
    packed.seek(0)
    firm = Firm.objects.get(pk=actor.firm_id)
    audit.record(actor=actor, verb="firm.export", obj=firm, firm_id=firm.pk)
    return packed


def _rows_of(model: type[models.Model], firm_id: UUID) -> models.QuerySet[Any] | None:
    """The firm's own rows of a table, None for a table that it does not read or that belongs to no firm."""
    tenancy = tenancy_of(model)
    reads = any(right.role == DatabaseRole.FIRM and "SELECT" in right.privileges for right in tenancy.rights)
    if not reads or model._meta.label in _LEFT_OUT:
        return None
    if model is Firm:
        return Firm.objects.filter(pk=firm_id)
    columns = {field.attname for field in model._meta.concrete_fields}
    own = Q()
    for column in tenancy.firm_columns or ("firm_id",):
        if column not in columns:
            return None
        own |= Q(**{column: firm_id})
    return model._base_manager.filter(own).order_by("pk")


def _write(entry: IO[bytes], model: type[models.Model], rows: models.QuerySet[Any], firm_id: UUID) -> None:
    names = [field.attname for field in model._meta.concrete_fields if field.attname not in _SECRETS]
    kept_back = _kept_back(model, names)
    text = io.TextIOWrapper(entry, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow(names)
    for values in _named(rows, names):
        others = _hidden_from(firm_id, values, kept_back)
        writer.writerow(["" if name in others else _cell(values[name]) for name in names])
    text.flush()
    text.detach()


def _kept_back(model: type[models.Model], names: list[str]) -> dict[str, set[str]]:
    """By party of a document of two: the columns that the other one alone reads.

    What the API shows to one and not to the other is what the model's feed declares. Of columns that it does not name,
    references to a party's rows and what bears a party's name are that party's.
    """
    tenancy = tenancy_of(model)
    if tenancy.name != "two_party":
        return {}
    owners = {f"{name}_id": owner for name, owner in tenancy.owners.items() if owner}
    for party in tenancy.firm_columns:
        side = party.removesuffix("id")
        owners |= {name: party for name in names if name.startswith(side) and name not in tenancy.firm_columns}
    declared = getattr(model, "feed", None)
    shown: Mapping[str, Collection[str]] = {} if declared is None else declared.shows
    told = set().union(*shown.values())
    return {
        party: {
            name
            for name in names
            if (name in told and name not in shown[party]) or (name not in told and owners.get(name, party) != party)
        }
        for party in tenancy.firm_columns
    }


def _hidden_from(firm_id: UUID, values: Mapping[str, Any], kept_back: Mapping[str, set[str]]) -> set[str]:
    """The columns of this row that none of the firm's parts in it reads."""
    mine = [hidden for party, hidden in kept_back.items() if values[party] == firm_id]
    return set.intersection(*mine) if mine else set()


def _named(rows: models.QuerySet[Any], names: list[str]) -> Iterator[dict[str, Any]]:
    for values in rows.values_list(*names).iterator(chunk_size=2000):
        yield dict(zip(names, values, strict=True))


def _cell(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, str) and value.startswith(_STARTS_A_FORMULA):
        return f"'{value}"
    return value
