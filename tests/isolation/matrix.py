"""The matrix of the walls: each address of the API, each caller, each kind of object that is not the caller's.

Addresses, methods, bodies and filters come from the resolver, the doors' declarations and the recorded examples. What
cannot be told from them stands in the tables here: which rows an address names, and which fields of a body or a query
name a row. An address or a field that is missing here fails in test_matrix.py with the words that say so.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from rest_framework import serializers

from mes.core.api.operations import Operation, operation_of
from mes.core.api.schema import EXAMPLES_FILE
from mes.core.walls import tenancy_of
from tests.api.test_page import ADDRESSES, METHODS, OPEN
from tests.architecture.source import CHECKOUT

# An address up to its {id} → the rows that it names.
OBJECTS = {
    "item-numbers": "catalog.ItemNumber",
    "sales-orders/by-ref": "sales.SalesOrder",
    "api-keys": "firms.ApiKey",
    "jobs": "batches.Batch",
    "files": "files.StoredFile",
    "people": "firms.User",
    "read-sessions": "firms.ReadSession",
    "products": "catalog.Product",
    "sales-orders": "sales.SalesOrder",
    "sales-order-lines": "sales.SalesOrderLine",
    "outsource-orders": "outsourcing.OutsourceOrder",
    "outsource-files": "outsourcing.OutsourceFile",
    "machines": "machines.Machine",
    "downtimes": "machines.Downtime",
    "pools": "machines.Pool",
    "pool-needs": "machines.PoolNeed",
    "pool-downtimes": "machines.PoolDowntime",
    "capacity-offers": "machines.CapacityOffer",
    "plan-rows": "plans.MachineRun",
    "pins": "plans.Pin",
    "forbidden-machines": "plans.ForbiddenMachine",
    "sequences": "plans.Sequence",
    "trials": "plans.Trial",
    "plan-runs": "plans.PlanRun",
    "advice": "plans.Advice",
    "promises": "plans.Promise",
    "scenarios": "plans.Scenario",
    "proposals": "plans.Proposal",
    "resin-shares": "awards.FirmShare",
    "resin-awards": "awards.AwardLine",
    "resin-agreements": "supply.FrameworkAgreement",
    "resin-orders": "supply.FirmOrder",
    "resin-deliveries": "supply.Delivery",
    "resin-delivery-lots": "supply.DeliveryLot",
    "resin-lots": "supply.LotAllocation",
    "resin-concessions": "supply.Concession",
    "resin-claims": "supply.Claim",
    "resin-invoices": "settlement.Invoice",
    "resin-savings": "savings.SavingLine",
    "webhook-endpoints": "hooks.WebhookEndpoint",
    "webhook-deliveries": "hooks.WebhookDelivery",
    "commitments": "rounds.Commitment",
    "qualifications": "suppliers.SupplierQualification",
    "tenders": "quotations.TenderInvitation",
}
# Addresses that name what is every member's: the key of a row that is there.
COMMON = {"rounds": UUID("01990000-0000-7000-8000-000000000001")}

# Addresses that name their rows by another column than the key.
NAMED_BY = {"item-numbers": "number", "sales-orders/by-ref": "external_ref", "tenders": "tender_id"}
# Fields of bodies and queries that name a row → (rows, the column that they name them by).
REFERENCES = {
    "allowed": ("plans.ForbiddenMachine", "id"),
    "external_ref": ("sales.SalesOrder", "external_ref"),
    "item_number": ("catalog.ItemNumber", "number"),
    "lifted_pins": ("plans.Pin", "id"),
    "lifted_sequences": ("plans.Sequence", "id"),
    "like": ("plans.Scenario", "id"),
    "machine": ("machines.Machine", "code"),
    "machines": ("machines.Machine", "code"),
    "pool": ("machines.Pool", "code"),
    "product_code": ("catalog.Product", "code"),
    "sales_order_line_id": ("sales.SalesOrderLine", "id"),
    "sales_order_line_ids": ("sales.SalesOrderLine", "id"),
    "agreement_id": ("supply.FrameworkAgreement", "id"),
    "order_id": ("supply.FirmOrder", "id"),
    "lot_id": ("supply.LotAllocation", "id"),
}
# In a body these name the row that is made, a row that is everybody's, or nothing.
NO_REFERENCES = {
    "bom", "class_code", "code", "colour", "customer_name", "excluded_firms", "external_ref", "family_code", "form",
    "cursor", "grade_code", "label", "limit", "line",
    "full_name", "machine_class", "name", "name_en", "name_zh", "needs", "note", "number",
    "approved_suppliers", "material_code", "round_id",
    "contract_number", "lot_number", "reason", "unit", "method", "equation", "property", "kind",
    "certificate_id",  # of a supplier: tests/supply/test_doors.py tries it
    "evidence_id",  # of a supplier: tests/rounds/test_suppliers.py tries it
    "part_id",  # of a supplier: tests/settlement/test_doors.py tries it
    "kinds", "networks", "pattern_code", "scopes", "since", "url", "username", "variant", "weekdays",
}  # fmt: skip
# Bodies for a field that the recorded example leaves out: "{}" is the row in question, "{Label}" a row of the caller's.
LINE, MACHINE = "{sales.SalesOrderLine}", "{machines.Machine}"
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("trials_ask", "lifted_pins"): {"lifted_pins": ["{}"]},
    ("trials_ask", "lifted_sequences"): {"lifted_sequences": ["{}"]},
    ("trials_ask", "allowed"): {"allowed": ["{}"]},
    ("trials_ask", "lines/sales_order_line_id"): {"lines": [{"sales_order_line_id": "{}", "priority": 9}]},
    ("trials_ask", "forbidden/sales_order_line_id"): {"forbidden": [{"sales_order_line_id": "{}", "machine": MACHINE}]},
    ("trials_ask", "forbidden/machine"): {"forbidden": [{"sales_order_line_id": LINE, "machine": "{}"}]},
    ("trials_ask", "pins/sales_order_line_id"): {
        "pins": [{"sales_order_line_id": "{}", "process": "SAW", "machine": MACHINE}]
    },
    ("trials_ask", "pins/machine"): {"pins": [{"sales_order_line_id": LINE, "process": "SAW", "machine": "{}"}]},
    ("trials_ask", "sequences/sales_order_line_ids"): {
        "sequences": [{"machine": MACHINE, "sales_order_line_ids": [LINE, "{}"]}]
    },
    ("trials_ask", "sequences/machine"): {"sequences": [{"machine": "{}", "sales_order_line_ids": [LINE, LINE]}]},
    ("scenarios_start", "overrides/machine"): {
        "name": "x",
        "overrides": [{"kind": "machine_more", "machine": "{}"}],
    },
    ("scenarios_start", "like"): {
        "name": "x",
        "overrides": [{"kind": "machine_more", "machine": MACHINE}],
        "like": "{}",
    },
    ("sales_orders_create", "lines/item_number"): {
        "customer_name": "x",
        "lines": [{"item_number": "{}", "pieces": 1, "due_at": "2036-03-12T08:00:00+08:00"}],
    },
    ("sales_orders_put", "lines/item_number"): {
        "customer_name": "x",
        "lines": [{"item_number": "{}", "pieces": 1, "due_at": "2036-03-12T08:00:00+08:00"}],
    },
    ("sales_orders_create_many", "items/lines/item_number"): {
        "items": [
            {
                "customer_name": "x",
                "lines": [{"item_number": "{}", "pieces": 1, "due_at": "2036-03-12T08:00:00+08:00"}],
            }
        ],
    },
    ("sales_order_lines_add", "item_number"): {"item_number": "{}", "pieces": 1, "due_at": "2036-03-12T08:00:00+08:00"},
    ("sales_order_lines_change", "item_number"): {"item_number": "{}"},
    ("promises_ask", "item_number"): {"item_number": "{}", "pieces": 1},
    ("trials_ask", "orders/item_number"): {
        "orders": [{"item_number": "{}", "pieces": 1, "due_at": "2036-03-12T08:00:00+08:00"}],
    },
    ("pool_needs_create", "item_number"): {"process": "PRESS", "item_number": "{}"},
    ("pool_needs_create", "machine"): {"machine": "{}"},
    ("resin_claims_open", "order_id"): {
        "order_id": "{}",
        "kind": "late",
        "kg": 1,
        "amount_fen": 0,
        "reason": "x",
    },
    ("sequences_set", "sales_order_line_ids"): {"machine": MACHINE, "sales_order_line_ids": [LINE, "{}"]},
}
# Bodies of operations of which no example is recorded.
NOT_RECORDED: dict[str, Any] = {
    "sales_orders_create_many": {
        "items": [
            {
                "customer_name": "x",
                "lines": [{"product_code": "PAVE-30", "pieces": 1, "due_at": "2036-03-12T08:00:00+08:00"}],
            }
        ],
    },
    "products_create_many": {"items": [{"code": "OWN-77"}]},
    "item_numbers_set": {"product_code": "PAVE-30"},
    "sales_orders_put": {
        "customer_name": "x",
        "lines": [{"product_code": "PAVE-30", "pieces": 1, "due_at": "2036-03-12T08:00:00+08:00"}],
    },
}
_NAMES = (serializers.CharField, serializers.UUIDField, serializers.DictField)
_MEASURES = (
    serializers.IntegerField, serializers.DecimalField, serializers.DateTimeField, serializers.DateField,
    serializers.BooleanField,
)  # fmt: skip
_EXAMPLES = json.loads((CHECKOUT / EXAMPLES_FILE).read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Door:
    """An operation at its address."""

    address: str
    method: str
    operation: Operation
    resource: str

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.address}"

    @property
    def name(self) -> str:
        return self.operation.name.format(verb=self.address.rpartition("/")[2])

    @property
    def is_of_an_object(self) -> bool:
        return "{id}" in self.address and self.stem not in COMMON

    @property
    def label(self) -> str:
        """The rows that its address names."""
        assert self.stem in OBJECTS, f"Say in tests/isolation/matrix.py, OBJECTS, which rows /{self.stem}/{{id}} names."
        return OBJECTS[self.stem]

    @property
    def column(self) -> str:
        """The column that its address names them by."""
        return NAMED_BY.get(self.stem, "pk")

    @property
    def stem(self) -> str:
        """The address up to its {id}."""
        return self.address.strip("/").partition("/{id}")[0]

    def path(self, key: object) -> str:
        named = f"/api/v1{self.address}".replace("{number}", "1")
        return named.replace("{id}", str(COMMON.get(self.stem, key)))

    def body(self) -> Any:
        """What the recorded example sends, or what is said above; None where nothing is sent."""
        return copy.deepcopy(_EXAMPLES.get(self.name, {}).get("request", NOT_RECORDED.get(self.name)))


DOORS = [
    Door(address, method, declared, getattr(pattern.callback.view_class, "resource", ""))  # type: ignore[attr-defined]
    for address, pattern in ADDRESSES.items()
    if address not in OPEN
    for method in METHODS
    if (declared := operation_of(pattern.callback.view_class, method))  # type: ignore[attr-defined]
]


@dataclass(frozen=True)
class Reference:
    """A field of a door's body or query that names a row."""

    door: Door
    place: str
    path: str
    label: str
    column: str

    def __str__(self) -> str:
        return f"{self.door} {self.place} {self.path}"

    def filled(self, value: str, own: Mapping[str, str]) -> Any:
        """The body or query with `value` in the field, and the caller's own rows in all others."""
        if self.place == "query":
            return {self.path: value}
        template = BODIES.get((self.door.name, self.path))
        if template is not None:
            return _with(template, {"{}": value} | {f"{{{label}}}": key for label, key in own.items()})
        return _referring(self.door.body() or {}, self.path.split("/"), value, own)


def references() -> Iterator[Reference]:
    """Each field that names a row."""
    for door, place, path in _named_fields():
        name = path.rpartition("/")[2]
        if (place == "query" and name in REFERENCES) or name in REFERENCES.keys() - NO_REFERENCES:
            yield Reference(door, place, path, *REFERENCES[name])


def unknown_fields() -> Iterator[str]:
    """Fields of which it is not said whether they name a row."""
    for door, place, path in _named_fields():
        if path.rpartition("/")[2] not in REFERENCES.keys() | NO_REFERENCES:
            yield f"{door} {place} {path}"


def _named_fields() -> Iterator[tuple[Door, str, str]]:
    for door in DOORS:
        for place, serializer in (("body", door.operation.body), ("query", door.operation.query)):
            for path in _fields(serializer()) if serializer else ():
                yield door, place, path


def _fields(serializer: Any, before: str = "") -> Iterator[str]:
    """The path of each field that may name something; a list is named by its own name."""
    for name, field in serializer.fields.items():
        inner = getattr(field, "child", None) or field
        if hasattr(inner, "fields"):
            yield from _fields(inner, f"{before}{name}/")
        elif _names_something(inner):
            yield f"{before}{name}"


def _names_something(field: Any) -> bool:
    """Numbers, times and truths name nothing, nor do choices; every other field may, also one of our own kind."""
    of_library = type(field).__module__.split(".")[0] == "rest_framework"
    return not isinstance(field, _MEASURES) and (not of_library or isinstance(field, _NAMES))


def _with(template: Any, values: Mapping[str, str]) -> Any:
    if isinstance(template, dict):
        return {name: _with(value, values) for name, value in template.items()}
    if isinstance(template, list):
        return [_with(value, values) for value in template]
    return values.get(template, template) if isinstance(template, str) else template


def _referring(body: dict[str, Any], path: list[str], value: str, own: Mapping[str, str]) -> dict[str, Any]:
    found = {name: _own(name, item, own) for name, item in body.items()}
    name, *rest = path
    if not rest:
        found[name] = [value] if isinstance(found.get(name), list) else value
    else:
        items = found.get(name)
        assert isinstance(items, list), f"BODIES in tests/isolation/matrix.py lacks {'/'.join(path)}"
        found[name] = [_referring(item, rest, value, own) for item in items]
    return found


def _own(name: str, item: Any, own: Mapping[str, str]) -> Any:
    """The example's rows are of another park: the caller's own take their places."""
    if name in REFERENCES.keys() - NO_REFERENCES and item is not None:
        key = own[REFERENCES[name][0]]
        return [key for _ in item] if isinstance(item, list) else key
    return item


def model_of(label: str) -> type[models.Model]:
    return apps.get_model(label)


def firm_columns_of(label: str) -> tuple[str, ...]:
    """The columns of the firms that have a part in a row."""
    return tenancy_of(model_of(label)).firm_columns or ("firm_id",)
