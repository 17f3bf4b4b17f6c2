"""A firm's machines from a table: a row is a machine."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from mes.batches.api.importing import ImportAnswerSerializer, ImportApi, TemplateApi
from mes.batches.api.rows import cell_of, grouped, put_as_told
from mes.batches.api.serializers import JobSerializer
from mes.batches.services import ItemAnswer, Kind
from mes.batches.services.items import Body
from mes.core.actors import Actor
from mes.core.api.operations import operation
from mes.core.api.transfers import FileAnswer
from mes.core.choices import Outcome
from mes.core.tables import Column, Declaration, Table, ValueKind
from production.machines import services
from production.machines.api.serializers import MachineRequest

_STATUSES = {"已安装": "installed", "已购未装": "owned_not_installed", "已停用": "retired"}
DECLARATION = Declaration(
    ("设备", "Machines"),
    (
        Column("code", ("设备编码", "Machine code"), ValueKind.TEXT, required=True),
        Column("class_code", ("设备类型", "Machine class"), ValueKind.TEXT, required=True),
        Column("status", ("状态", "Status"), ValueKind.CHOICE, choices=_STATUSES),
        Column("efficiency_permille", ("效率", "Efficiency"), ValueKind.WHOLE, units=("‰",)),
        Column("family_code", ("当前换型族", "Set up for"), ValueKind.TEXT),
        Column("external_ref", ("企业自编号", "Own number"), ValueKind.TEXT),
    ),
)
_OF_MACHINE = tuple(column.name for column in DECLARATION.columns)


def machines_of(table: Table) -> list[dict[str, Any]]:
    """The machines that the rows say, each with its row. Raises TableRefused where rows of one code differ."""
    places = dict(table.places)
    groups = grouped(table, reference="code", head=_OF_MACHINE)
    return [{"machine": dict(group.head), "row": group.rows[0].number, "places": places} for group in groups]


def machine_take(actor: Actor, body: Body, now: datetime) -> ItemAnswer:
    """As POST /machines, or as a change of the machine that has the code; what is refused is told by its cells."""

    def put() -> tuple[UUID, Outcome]:
        request = MachineRequest(data=body["machine"], context={"actor": actor})
        request.is_valid(raise_exception=True)
        machine, outcome = services.machine_put(actor=actor, **request.validated_data)
        return machine.pk, outcome

    def cell(pointer: str) -> tuple[str, str]:
        return cell_of(body["places"], body["row"], pointer.strip("/"), otherwise="code")

    return put_as_told(body["machine"]["code"], put, cell_of=cell)


TAKE = Kind("machines.import", "machines", "machine.edit", machine_take)


class MachinesImportApi(ImportApi):
    resource = "machines"
    kind: ClassVar[Kind] = TAKE
    declaration = DECLARATION

    @operation("machines_import", ImportAnswerSerializer, takes_file=True, deferred=JobSerializer, rehearses=True)
    def post(self, request: Request) -> Response:
        """A table of the firm's machines (xlsx or CSV), as the body or as the part `file` of a form: all rows or none.

        Each is made when its code is new, else changed, so the same table again changes nothing; its class stays. Above
        500 rows it is a job (202). What is refused is told by its cells.
        """
        return self.take_table(machines_of)


class MachinesTemplateApi(TemplateApi):
    resource = "machines"
    declaration = DECLARATION
    file_name = "设备"

    @operation("machines_template", FileAnswer, gives_file=True)
    def get(self, request: Request) -> HttpResponse:
        """An empty table to fill in, with Chinese headings."""
        return self.empty_table()
