"""A firm's own products from a table: a row is a step of how one is made, rows with one code are one product."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from mes.batches.api.importing import ImportAnswerSerializer, ImportApi, TemplateApi
from mes.batches.api.rows import Group, cell_of, differing, grouped, put_as_told, said
from mes.batches.api.serializers import JobSerializer
from mes.batches.services import ItemAnswer, Kind
from mes.batches.services.items import Body
from mes.catalog import services
from mes.catalog.api.serializers import KnownProductRequest, product_draft
from mes.core.actors import Actor
from mes.core.api.operations import operation
from mes.core.api.transfers import FileAnswer
from mes.core.choices import Outcome
from mes.core.tables import Column, Declaration, Fault, Row, Table, TableRefused, ValueKind
from mes.core.tables.limits import MOST_FAULTS

_MM = ("mm", "毫米")
_S = ("s", "秒")
_MIN = ("min", "分钟", "分")
_PIECES = ("件", "张", "块", "片", "根", "pcs", "pieces")
_COLOURS = {
    "本色": "natural", "白色": "white", "黑色": "black", "绿色": "green", "蓝色": "blue", "红色": "red",
    "黄色": "yellow", "灰色": "grey",
}  # fmt: skip
_FORMS = {"板材": "panel", "薄板": "sheet", "零件": "part", "棒材": "rod", "型材": "profile"}
_PROCESSES = {
    "混料": "MIX", "模压": "PRESS", "挤出": "EXTRUDE", "柱塞挤出": "RAM", "静置": "REST", "退火": "ANNEAL",
    "锯切": "SAW", "铣削": "MILL", "雕铣": "ROUTE", "检验": "QC", "包装": "PACK",
}  # fmt: skip
_APPROVALS = {"医用": "medical", "含硼": "boron", "航空航天": "aerospace"}
DECLARATION = Declaration(
    ("产品", "Products"),
    (
        Column("code", ("产品编码", "Product code"), ValueKind.TEXT, required=True),
        Column("name_zh", ("产品名称", "Product name"), ValueKind.TEXT, required=True),
        Column("name_en", ("英文名称", "English name"), ValueKind.TEXT),
        Column("external_ref", ("料号", "Item number"), ValueKind.TEXT),
        Column("form", ("产品形态", "Form"), ValueKind.TEXT, required=True, choices=_FORMS),
        Column("length_mm", ("长度", "Length"), ValueKind.WHOLE, required=True, units=_MM),
        Column("width_mm", ("宽度", "Width"), ValueKind.WHOLE, units=_MM),
        Column("thickness_mm", ("厚度", "Thickness"), ValueKind.WHOLE, required=True, units=_MM),
        Column("unit_mass_g", ("单件质量", "Mass of a piece"), ValueKind.WHOLE, required=True, units=("g", "克")),
        Column("grade_code", ("牌号", "Grade"), ValueKind.TEXT, required=True),
        Column("colour", ("颜色", "Colour"), ValueKind.TEXT, required=True, choices=_COLOURS),
        Column("needs", ("所需资质", "Approval needed"), ValueKind.CHOICE, choices=_APPROVALS),
        Column("variant", ("方案", "Variant"), ValueKind.TEXT),
        Column("step", ("工序号", "Step"), ValueKind.WHOLE),
        Column("process", ("工序", "Process"), ValueKind.CHOICE, choices=_PROCESSES),
        Column("class_code", ("设备类型", "Machine class"), ValueKind.TEXT),
        Column("pieces_per_cycle", ("每循环件数", "Pieces per cycle"), ValueKind.WHOLE, units=_PIECES),
        Column("cycle_s", ("周期", "Cycle"), ValueKind.WHOLE, units=_S),
        Column("seconds_per_piece", ("每件时间", "Time per piece"), ValueKind.WHOLE, units=_S),
        Column("setup_min", ("准备时间", "Set-up"), ValueKind.WHOLE, units=_MIN),
        Column("fixed_min", ("固定时间", "Fixed time"), ValueKind.WHOLE, units=_MIN),
        Column(
            "clock",
            ("计时方式", "Time passes"),
            ValueKind.CHOICE,
            choices={"连续计时": "elapsed", "仅计工作时间": "firm"},
        ),
        Column("transfer_pieces", ("转移批量", "Transfer batch"), ValueKind.WHOLE, units=_PIECES),
        Column("family_code", ("换型族", "Changeover family"), ValueKind.TEXT),
        Column("material_code", ("物料", "Material"), ValueKind.TEXT),
        Column(
            "kg_per_piece", ("每件用量", "Use per piece"), ValueKind.DECIMAL, units=("kg", "千克", "公斤"), places=6
        ),
    ),
)
_OF_PRODUCT = (
    "code", "name_zh", "name_en", "external_ref", "form", "length_mm", "width_mm", "thickness_mm", "unit_mass_g",
    "grade_code", "colour", "needs",
)  # fmt: skip
_OF_STEP = ("process", "setup_min", "fixed_min", "clock", "transfer_pieces", "family_code")
_OF_OPTION = ("class_code", "pieces_per_cycle", "cycle_s", "seconds_per_piece")
_OF_ROUTING = (*_OF_STEP, *_OF_OPTION, "variant", "step", "material_code", "kg_per_piece")
_ONLY_VARIANT = "1"
# What is pointed at as a whole → the column that it is told of.
_TOLD_OF = {"routings": "process", "steps": "process", "options": "class_code", "bom": "material_code"}


def products_of(table: Table) -> list[dict[str, Any]]:
    """The products that the rows make, each with where its values stand. Raises TableRefused where rows differ."""
    places, found, faults = dict(table.places), [], []
    for group in grouped(table, reference="code", head=_OF_PRODUCT):
        ways = _Ways(group, table)
        faults += ways.faults
        found.append({"product": {**group.head, "routings": ways.routings}, "rows": ways.rows, "places": places})
    if faults:
        raise TableRefused(faults[:MOST_FAULTS])
    return found


class _Ways:
    """The routings that a product's rows say. `rows`: the sheet's row of each JSON pointer into the product."""

    def __init__(self, group: Group, table: Table) -> None:
        self.routings: list[dict[str, Any]] = []
        self.rows: dict[str, int] = {"": group.rows[0].number}
        self.faults: list[Fault] = []
        self._table = table
        self._steps: dict[tuple[str, object], tuple[dict[str, Any], str]] = {}
        for row in group.rows:
            if any(name in row.values for name in _OF_ROUTING):
                routing, pointer = self._routing(str(row.values.get("variant", _ONLY_VARIANT)), row.number)
                self._material(routing, pointer, row)
                self._step(routing, pointer, row)

    def _routing(self, variant: str, number: int) -> tuple[dict[str, Any], str]:
        for index, known in enumerate(self.routings):
            if known["variant"] == variant:
                return known, f"/routings/{index}"
        pointer = f"/routings/{len(self.routings)}"
        self.routings.append({"variant": variant, "steps": [], "bom": {}})
        self.rows[pointer] = number
        return self.routings[-1], pointer

    def _material(self, routing: dict[str, Any], pointer: str, row: Row) -> None:
        """Rows of one routing may say its material again, but not differently."""
        if not {"material_code", "kg_per_piece"} & row.values.keys():
            return
        material, kg = str(row.values.get("material_code", "")), said(row, ("kg_per_piece",)).get("kg_per_piece")
        if routing["bom"].setdefault(material, kg) != kg:
            self.faults.append(differing(self._table, row.number, "kg_per_piece"))
        self.rows.setdefault(f"{pointer}/bom/{material}", row.number)

    def _step(self, routing: dict[str, Any], pointer: str, row: Row) -> None:
        """A row with a number that was there already is another machine class for that step, and says it alike."""
        own, option = said(row, _OF_STEP), said(row, _OF_OPTION)
        if not own and not option and "step" not in row.values:
            return
        if "class_code" not in option:  # time without a machine: seconds per piece are the step's own
            own, option = own | option, {}
        key = pointer, row.values.get("step", f"row {row.number}")
        if key not in self._steps:
            where = f"{pointer}/steps/{len(routing['steps'])}"
            self._steps[key] = own, where
            self.rows[where] = row.number
            routing["steps"].append(own | {"options": []})
        elif self._steps[key][0] != own or not option:
            self.faults.append(differing(self._table, row.number, "step"))
        where = self._steps[key][1]
        if option:
            options = routing["steps"][int(where.rpartition("/")[2])]["options"]
            self.rows[f"{where}/options/{len(options)}"] = row.number
            options.append(option)


def product_take(actor: Actor, body: Body, now: datetime) -> ItemAnswer:
    """As POST /products, or as a change of the product that has the code; what is refused is told by its cells."""

    def put() -> tuple[UUID, Outcome]:
        request = KnownProductRequest(data=body["product"], context={"actor": actor})
        request.is_valid(raise_exception=True)
        product, outcome = services.product_put(actor=actor, draft=product_draft(request.validated_data))
        return product.pk, outcome

    return put_as_told(body["product"]["code"], put, cell_of=lambda pointer: _cell(body, pointer))


TAKE = Kind("products.import", "catalogue", "product.change", product_take)


class ProductsImportApi(ImportApi):
    resource = "catalogue"
    kind: ClassVar[Kind] = TAKE
    declaration = DECLARATION

    @operation("products_import", ImportAnswerSerializer, takes_file=True, deferred=JobSerializer, rehearses=True)
    def post(self, request: Request) -> Response:
        """A table of the firm's own products (xlsx or CSV), as the body or as the part `file` of a form: all or none.

        A row is a step of how a product is made, rows with one code are one product: made when the code is new, else
        changed, so the same table again changes nothing. A row that repeats a step's number names another machine class
        for it. Above 500 rows it is a job (202). What is refused is told by its cells.
        """
        return self.take_table(products_of)


class ProductsTemplateApi(TemplateApi):
    resource = "catalogue"
    declaration = DECLARATION
    file_name = "产品"

    @operation("products_template", FileAnswer, gives_file=True)
    def get(self, request: Request) -> HttpResponse:
        """An empty table to fill in, with Chinese headings."""
        return self.empty_table()


def _cell(body: Body, pointer: str) -> tuple[str, str]:
    """Cell and pointer of what `/routings/0/steps/1/options/0/class_code` or `/name_zh` points at."""
    before = next(part for part in _prefixes(pointer) if part in body["rows"])
    rest = pointer.removeprefix(before).strip("/").split("/")[0]
    name = rest or next((part for part in reversed(before.split("/")) if part in _TOLD_OF), "code")
    return cell_of(body["places"], body["rows"][before], _TOLD_OF.get(name, name), otherwise="code")


def _prefixes(pointer: str) -> list[str]:
    parts = pointer.split("/")
    return ["/".join(parts[:count]) for count in range(len(parts), 0, -1)]
