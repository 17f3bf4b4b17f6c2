"""Builds a row of any model for any firm, written as the owner, so that each table is tried, also one added later.

Values come from the database's catalogue: what has a default or may be empty is left out, the rest is made up.
Constraints that tie columns together are met by a few words beside the model's name.
"""

from __future__ import annotations

import json
from collections.abc import Container
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.db import connection, models
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from mes.core.ids import new_id
from mes.core.tenancy import Tenancy
from mes.core.transactions import TransactionIdField
from mes.core.walls import owner_keys, tenancy_of

START = datetime(2026, 3, 2, tzinfo=UTC)
END = datetime(2026, 3, 3, tzinfo=UTC)
LATER = datetime(2090, 3, 3, tzinfo=UTC)
LATEST = datetime(2090, 3, 4, tzinfo=UTC)
_days = count()
_numbers = count(1)

# What a check constraint ties together and the field's own choices do not tell.
SPECIAL: dict[str, dict[str, Any]] = {
    "batches.Batch": {"kind": "sales_orders.create"},
    "core.Installation": {"kind": "test"},
    "catalog.StepOption": {"seconds_per_piece": 5},
    "lots.Lot": {"kind": "product"},
    "machines.CalendarRule": {"weekdays": "12345"},
    "machines.Pool": {"weekdays": "1234567"},
    "machines.PoolNeed": {"process": "PRESS"},
    "machines.Shift": {"start_min": 0, "end_min": 480},
    "outsourcing.OutsourceOrder": {"material_from": "doer"},
    "plans.PlannedLot": {"line_id": None},
    "plans.Proposal": {"material_from": "doer"},
    "sales.SalesOrder": {"ordered_on": START.date()},
    "plans.PlanRun": {"scope": "firm_alone"},
    "firms.Membership": {"role": "owner"},
    "firms.ReadSession": {"role": "auditor", "until_at": START + timedelta(hours=1)},
    "core.BackgroundJob": {"state": "queued"},
    "files.StoredFile": {
        "sha256": "86edbaa24831badfa0a8b04bb410141e2ee4182b6d0014493fe262a7a331c20b",
        "name": "x.pdf",
        "media_type": "application/pdf",
    },
    "core.Change": {"xid": "1"},
    "rounds.Round": {"status": "collecting", "demand_closes_at": LATER, "quotations_close_at": LATEST},
    "benchmarks.MarketQuote": {"grade": "B", "source": "member_invoice"},
    "quotations.QuotationLine": {"multiple_kg": 1},
    "quotations.Tender": {"closes_at": LATER},
    "awards.AwardLine": {"awarded": True},
    "settlement.Deposit": {"fen": 1},
    "settlement.Invoice": {"net_fen": 1, "vat_fen": 0, "gross_fen": 1},
    "settlement.LedgerEntry": {"fen": 0},
    "savings.RoundSaving": {"withheld": True},
    "savings.SavingLine": {
        "number": 1,
        "previous_sha256": "0" * 64,
        **dict.fromkeys(
            (
                "net_fen",
                "balancing_fen",
                "freight_fen",
                "fee_fen",
                "financing_fen",
                "claims_fen",
                "rebates_fen",
                "landed_fen",
            ),
            0,
        ),
    },
    "awards.FirmShare": {"status": "proposed", "answer": "", "answered_at": None},
    "supply.FrameworkBalance": {"cap_kg": 1000, "remaining_kg": 1000},
    "supply.CertificateValue": {"retest": False},
    "supply.ResinLimit": {"least": 1},
}
SPECIAL["outsourcing.OutsourceFile"] = SPECIAL["files.StoredFile"]
# What a trigger wants of the row that a reference leads to.
PARENTS: dict[tuple[str, str], dict[str, Any]] = {
    ("quotations.Tender", "round_id"): {"status": "tendering"},
    ("awards.Allocation", "share_id"): {"status": "awarded"},
    ("settlement.Deposit", "order_id"): {"kg": 1000, "price_mfen_per_t": 10**9},
    ("supply.LotAllocation", "lot_id"): {"status": "released", "kg": 1, "accepted_bags": 1, "accepted_kg": 1},
}
# Rounds that have asked a supplier: he sees his line of an award, and who has an interest in him sees no plan.
ASKED = {
    ("awards.AwardPlan", "round"),
    ("awards.AwardSearch", "round"),
    ("awards.AwardLine", "line"),
    ("quotations.TenderLine", "line"),
}
# What a reference takes the place of: the row says one or the other.
INSTEAD: dict[tuple[str, str], dict[str, Any]] = {("machines.PoolNeed", "machine_id"): {"process": ""}}
# What a trigger wants to find beside a row: a calendar's pattern has shifts.
COMPANIONS = {"machines.ShiftPattern": ("machines.Shift", "pattern_id")}
# References that may be empty and are wanted all the same.
FILLED = {
    "lots.Lot.product", "plans.PlannedLot.proposal", "plans.Pin.machine", "plans.ScenarioArtefact.base",
    "machines.StockMovement.lot", "supply.Claim.order",
}  # fmt: skip


class RowMaker:
    """Rows of two parties: `firm_id` owns what has one owner and gives what has two, `other_id` is the doer."""

    def __init__(self, firm_id: UUID, other_id: UUID) -> None:
        self.firm_id = firm_id
        self.other_id = other_id

    def make(self, model: type[models.Model], **given: Any) -> UUID:
        """Inserts one row, with all that it needs, and returns its key."""
        values = self.values(model, given) | given
        columns = ", ".join(f'"{column}"' for column in values)
        marks = ", ".join(["%s"] * len(values))
        with connection.cursor() as cursor:
            cursor.execute(
                f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({marks}) ON CONFLICT (id) DO NOTHING',
                list(values.values()),
            )
        key: UUID = values["id"]
        if model._meta.label in COMPANIONS and "id" not in given:
            companion, column = COMPANIONS[model._meta.label]
            self.make(apps.get_model(companion), **{column: key})
        return key

    def values(self, model: type[models.Model], given: Container[str] = ()) -> dict[str, Any]:
        """Column values of a row of `model`; the rows that it refers to are made on the way."""
        tenancy = tenancy_of(model)
        special = SPECIAL.get(model._meta.label, {})
        owners = {column: owner for column, owner, _parent in owner_keys(model)}
        values: dict[str, Any] = {}
        for field in model._meta.concrete_fields:
            if field.column in given:
                continue
            if field.column in special:
                values[field.column] = special[field.column]
            elif field.column in {*tenancy.firm_columns, "firm_id"} and not field.primary_key:
                values[field.column] = self._firm(tenancy, field.column)
            elif isinstance(field, models.ForeignKey):
                if not field.null or f"{model._meta.label}.{field.name}" in FILLED:
                    values[field.column] = self._parent(tenancy, field, owners.get(field.column))
            elif not field.null or field.primary_key:
                values[field.column] = value_for(field)
        return values

    def _firm(self, tenancy: Tenancy, column: str) -> UUID:
        return self.other_id if len(tenancy.firm_columns) == 2 and column == tenancy.firm_columns[1] else self.firm_id

    def _parent(self, tenancy: Tenancy, field: models.ForeignKey[Any, Any], owner: str | None) -> UUID:
        parent = field.related_model
        assert isinstance(parent, type)
        if (field.model._meta.label, field.name) in ASKED:
            return self._asked(parent, is_listed=field.model._meta.label != "quotations.TenderLine")
        if parent._meta.label == "firms.Firm":
            return self.other_id
        doer_owns = owner is not None and len(tenancy.firm_columns) == 2 and owner == tenancy.firm_columns[1]
        maker = RowMaker(self.other_id, self.firm_id) if doer_owns else self
        return maker.make(parent, **PARENTS.get((field.model._meta.label, field.column), {}))

    def _asked(self, parent: type[models.Model], *, is_listed: bool) -> UUID:
        """A round, or a line of it, of which a supplier was asked; `is_listed`: the line stands in the request."""
        round_id = self.make(apps.get_model("rounds.Round"), status="tendering")
        tender = self.make(apps.get_model("quotations.Tender"), round_id=round_id)
        self.make(apps.get_model("quotations.TenderInvitation"), tender_id=tender)
        if parent._meta.label == "rounds.Round":
            return round_id
        line = self.make(parent, round_id=round_id)
        if is_listed:
            self.make(apps.get_model("quotations.TenderLine"), tender_id=tender, line_id=line)
        return line


def value_for(field: models.Field[Any, Any]) -> Any:
    """A value that the column takes, fresh where it may have to be unique."""
    if field.choices:
        return field.default if field.has_default() else next(iter(dict(field.flatchoices)))
    if isinstance(field, models.SmallIntegerField) and field.primary_key:
        return 1
    if isinstance(field, models.BigAutoField):
        return 10**9 + next(_days)
    if isinstance(field, models.UUIDField):
        return new_id()
    if isinstance(field, models.BooleanField):
        return bool(field.default) if field.has_default() else True
    if isinstance(field, DateTimeRangeField):
        return DateTimeTZRange(START, END)
    if isinstance(field, models.JSONField):
        return json.dumps([] if field.default is list else {})
    if isinstance(field, models.BinaryField):
        return b"x"
    return _scalar(field)


def _scalar(field: models.Field[Any, Any]) -> Any:
    if isinstance(field, ArrayField):
        return []
    if isinstance(field, TransactionIdField):
        return "1"
    if isinstance(field, models.DateTimeField):
        return END if field.name.startswith(("end", "expire", "finish")) else START
    if isinstance(field, models.DateField):
        return START.date() + timedelta(days=next(_days))
    if isinstance(field, models.DecimalField):
        return Decimal(1)
    if isinstance(field, models.IntegerField) and field.unique:
        return next(_numbers)
    if isinstance(field, models.IntegerField):
        return field.default if field.has_default() and field.default else 1
    if isinstance(field, models.CharField | models.TextField):
        return new_id().hex[-(field.max_length or 30) :]
    raise NotImplementedError(f"No value for {field}")
