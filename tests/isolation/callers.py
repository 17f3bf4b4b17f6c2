"""Who calls: firms with a real day's work in the database, and everybody who has no business with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection
from django.db.models import Value
from django.db.models.functions import Concat
from django.http import HttpResponse
from django.test import Client

from mes.core.actors import DatabaseRole
from mes.core.clock import database_now
from mes.core.wall import actor_wall, wall
from mes.firms.choices import SCOPES, FirmStatus, Role
from mes.firms.models import ApiKey, Firm, User
from mes.firms.services import api_key_issue, api_key_revoke
from orders.outsourcing.models import OutsourceFile, OutsourceOrder
from orders.sales.models import SalesOrder
from procurement.rounds.models import Round, RoundLine
from production.plans.models import Proposal, ProposalTerms
from tests.database import as_owner
from tests.factories import a_firm, an_api_key, an_owner, user_of
from tests.isolation.matrix import COMMON, OBJECTS, REFERENCES, Door, firm_columns_of
from tests.isolation.rows import RowMaker

# What a caller is answered about an object that is not his: the object need not exist.
SPECIFIED = {
    "other firm": {404},
    "party of a declined proposal": {404},
    "supplier": {403, 404},  # what its roles do not allow is refused before anything is looked for
    "staff": {403},
    "anonymous": {401},
    "expired key": {401},
    "revoked key": {401},
    "unknown key": {401},
    "wrong scope": {403},
}
# Of all kinds there is a row of A or B; these a day's work does not leave behind.
MADE_UP = (
    "rounds.Commitment", "suppliers.SupplierQualification", "quotations.TenderInvitation", "awards.FirmShare",
    "awards.AwardLine", "supply.FrameworkAgreement", "supply.FirmOrder", "supply.Delivery", "supply.DeliveryLot",
    "supply.LotAllocation", "supply.Concession", "supply.Claim",
    "settlement.Invoice", "savings.SavingLine",
    "firms.ApiKey", "batches.Batch", "files.StoredFile", "catalog.ItemNumber", "plans.Trial", "plans.Scenario",
    "plans.PlanRun", "plans.Advice", "hooks.WebhookDelivery",
)  # fmt: skip


@dataclass
class Callers:
    """The firms by code, and what each caller comes with."""

    firms: dict[str, Firm]
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    narrow: dict[str, dict[str, str]] = field(default_factory=dict)
    declined: UUID = field(init=False)

    def client(self, who: str, door: Door) -> Client:
        """`wrong scope` has every scope but the one that the door asks for."""
        client = Client(headers=self._headers(who, door))
        if who == "staff":
            client.force_login(User.objects.get(username="administrator"))
        return client

    def firm_id_of(self, who: str) -> UUID | None:
        """The firm whose rows a caller may read."""
        codes = {"other firm": "D", "wrong scope": "D", "party of a declined proposal": "C", "supplier": "S"}
        return self.firms[codes[who]].pk if who in codes else None

    def bystanders(self) -> list[UUID]:
        """Firms that call nothing: none of their rows may change."""
        return [self.firms[code].pk for code in "AB"]

    def _headers(self, who: str, door: Door) -> dict[str, str]:
        if who == "wrong scope":
            act = "read" if door.method == "get" else "write"
            return self.narrow.get(f"{door.resource}:{act}", self.narrow["orders:read"])
        return self.headers.get(who, {})


def make_callers(firms: Mapping[str, Firm]) -> Callers:
    """Commits what the park lacks: firm D, a declined proposal of A to C, keys of each kind."""
    a_firm("S", status=FirmStatus.SUPPLIER)
    with wall(DatabaseRole.STAFF):
        callers = Callers({firm.code: firm for firm in Firm.objects.all()})
    a, c, d = (callers.firms[code] for code in "ACD")
    with as_owner():
        a_round_of_all(RowMaker(a.pk, firms["B"].pk))
        for label in MADE_UP:
            RowMaker(a.pk, firms["B"].pk).make(apps.get_model(label))
        for label in dict.fromkeys((*OBJECTS.values(), *(label for label, _column in REFERENCES.values()))):
            _own_row(c, firms["B"], label)
        _a_shared_file(c, d)
        SalesOrder.objects.filter(firm=a).update(external_ref=Concat(Value("ERP-"), "number"))
        like = Proposal.objects.values_list("specification", flat=True)[0]
        said = {"status": "declined", "specification": json.dumps(like)}
        callers.declined = RowMaker(a.pk, c.pk).make(Proposal, **said)
        RowMaker(a.pk, c.pk).make(ProposalTerms, proposal_id=callers.declined)
    callers.headers = {
        "other firm": an_api_key(d, Role.OWNER),
        "party of a declined proposal": an_api_key(c, Role.OWNER),
        "supplier": an_api_key(callers.firms["S"], Role.SUPPLIER),
        "owner of A": an_api_key(a, Role.OWNER),
        "owner of B": an_api_key(firms["B"], Role.OWNER),
        "expired key": ended_key(d, is_expired=True),
        "revoked key": ended_key(d, is_expired=False),
        "unknown key": {"Authorization": "Bearer mes_" + "x" * 43},
    }
    callers.narrow = {scope: _narrow_key(d, scope) for scope in sorted(SCOPES)}
    return callers


def _a_shared_file(*bystanders: Firm) -> None:
    """Of an order that none of these has a part in."""
    order = OutsourceOrder.objects.exclude(giver__in=bystanders).exclude(doer__in=bystanders).order_by("pk")[0]
    RowMaker(order.giver_id, order.doer_id).make(OutsourceFile, order_id=order.pk)


def a_round_of_all(maker: RowMaker) -> None:
    """The round that the addresses name, with a line."""
    maker.make(RoundLine, number=1, round_id=_common(COMMON["rounds"]))


def _common(key: UUID) -> UUID:
    """An open round, which every member meets."""
    return RowMaker(key, key).make(Round, id=key)


def _own_row(firm: Firm, other: Firm, label: str) -> None:
    model = apps.get_model(label)
    column, *others = firm_columns_of(label)
    if others:
        return
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM "{model._meta.db_table}" WHERE "{column}" = %s', [firm.pk])
        missing = 2 - cursor.fetchone()[0]
    for _ in range(missing):
        RowMaker(firm.pk, other.pk).make(model)


def _narrow_key(firm: Firm, scope: str) -> dict[str, str]:
    owner, user = an_owner(firm), user_of(firm, Role.OWNER)
    with actor_wall(owner):
        key = api_key_issue(actor=owner, user=user, label="narrow", scopes=sorted(SCOPES - {scope}))
    return {"Authorization": f"Bearer {key}"}


def ended_key(firm: Firm, *, is_expired: bool) -> dict[str, str]:
    owner = an_owner(firm)
    headers = an_api_key(firm, Role.OWNER)
    with actor_wall(owner):
        row = ApiKey.objects.filter(firm=firm).latest("created_at")
        if not is_expired:
            api_key_revoke(actor=owner, api_key_id=row.pk, now=database_now())
    if is_expired:
        with as_owner():
            ago = {"created_at": database_now() - timedelta(days=2), "expires_at": database_now() - timedelta(days=1)}
            ApiKey.objects.filter(pk=row.pk).update(**ago)
    return headers


def called(
    client: Client, door: Door, key: object, body: Any = None, query: Any = None, **headers: str
) -> HttpResponse:
    """One call of a door; a body only where the door takes one."""
    address = door.path(key)
    if door.method == "get":
        return client.get(address, query or {})
    text = "" if body is None else json.dumps(body)
    return client.generic(door.method.upper(), address, text, content_type="application/json", headers=headers)
