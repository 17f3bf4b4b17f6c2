"""The sample park: its data files read into frozen dataclasses. Nothing here depends on a seed."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from mes.demo.sample.routings import Laws, build_routing
from mes.demo.sample.shapes import (
    CalendarDay,
    CalendarRule,
    ChangeoverRule,
    Firm,
    Grade,
    Machine,
    MachineClass,
    Park,
    Product,
    ShiftPattern,
    Supplier,
    TransportLaw,
)

DATA = Path(__file__).parent / "data"
FEN_PER_CNY = 100
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)

Row = Mapping[str, Any]


def read_data(name: str) -> Row:
    """The data file `name`.json as plain JSON."""
    content: Row = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    return content


@cache
def load_park() -> Park:
    """The whole park. Everything is in the order of its code, so equal files give equal parks."""
    classes = tuple(_machine_class(row) for row in read_data("machine_classes")["machine_classes"])
    class_by_code = {row.code: row for row in classes}
    calendar = read_data("calendar")
    firm_rows = read_data("firms")["firms"]
    resin = read_data("resin")
    products = read_data("products")
    laws = Laws(rows=read_data("process_laws"), classes=class_by_code)
    season_index = products["season_index_by_month"].items()
    return Park(
        sample_date=date.fromisoformat(calendar["sample_date"]),
        grades=tuple(_grade(row) for row in resin["grades"]),
        machine_classes=classes,
        patterns=tuple(_pattern(row) for row in calendar["patterns"]),
        calendar=tuple(_calendar_day(row) for row in calendar["days"]),
        firms=tuple(_firm(row, calendar=calendar) for row in firm_rows),
        machines=tuple(m for row in firm_rows for m in _machines(row, classes=class_by_code)),
        products=tuple(_product(row, laws=laws) for row in products["products"]),
        changeovers=tuple(ChangeoverRule(**row) for row in read_data("changeovers")["rules"]),
        transport=_transport(read_data("transport")["transport"]),
        season_index=tuple((name, tuple(Decimal(str(v)) for v in values)) for name, values in season_index),
        suppliers=tuple(_supplier(row) for row in resin["suppliers"]),
        customers=tuple(read_data("customers")["customers"]),
    )


def _machine_class(row: Row) -> MachineClass:
    return MachineClass(**{**row, "efficiency": Decimal(row["efficiency"])})


def _grade(row: Row) -> Grade:
    return Grade(
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        family=row["family"],
        molecular_weight=row["molecular_weight"],
        price_fen_per_t=row["price_cny_per_t"] * FEN_PER_CNY,
        additives=tuple((code, Decimal(share)) for code, share in row["additives"]),
        regrind_share=Decimal(row["regrind_share"]),
    )


def _pattern(row: Row) -> ShiftPattern:
    shifts = tuple((_minute(start), _minute(end)) for start, end in row["shifts"])
    return ShiftPattern(code=row["code"], shifts_min=shifts)


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def _calendar_day(row: Row) -> CalendarDay:
    return CalendarDay(**{**row, "day": date.fromisoformat(row["day"])})


def _rule(pattern: str, *, calendar: Row) -> CalendarRule:
    always = pattern in calendar["seven_day_patterns"]
    return CalendarRule(
        pattern=pattern,
        weekdays=EVERY_DAY if always else tuple(calendar["working_weekdays"]),
        keeps_holidays=not always,
        keeps_closure=True,
    )


def _firm(row: Row, *, calendar: Row) -> Firm:
    patterns = {"*": row["shift"], **row["shift_by_class"]}
    return Firm(
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        sort_key=row["sort_key"],
        tier=row["tier"],
        niche=row["niche"],
        approvals=tuple(row["approvals"]),
        x_km=Decimal(row["x_km"]),
        y_km=Decimal(row["y_km"]),
        rules=tuple((code, _rule(pattern, calendar=calendar)) for code, pattern in patterns.items()),
        area_m2=row["area_m2"],
        staff=row["staff"],
        annual_sales_mcny=row["annual_sales_mcny"],
        note=row["note"],
    )


def _machines(row: Row, *, classes: Mapping[str, MachineClass]) -> Iterator[Machine]:
    """Machines are numbered per firm and class: F09-PM-01."""
    for class_code, count in row["machines"].items():
        machine_class = classes[class_code]
        idle = row["not_installed"].get(class_code, 0)
        for number in range(1, count + 1):
            yield Machine(
                code=f"{row['code']}-{machine_class.code_prefix}-{number:02d}",
                firm_code=row["code"],
                class_code=class_code,
                status="owned_not_installed" if number > count - idle else "installed",
                efficiency=machine_class.efficiency,
            )


def _product(row: Row, *, laws: Laws) -> Product:
    return Product(
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        form=row["form"],
        length_mm=row["length_mm"],
        width_mm=row["width_mm"],
        thickness_mm=row["thickness_mm"],
        density_kg_per_m3=row["density_kg_per_m3"],
        unit_mass_kg=Decimal(row["unit_mass_kg"]),
        grade_code=row["grade"],
        colour=row["colour"],
        niche=row["niche"],
        season=row["season"],
        needs=row["needs"],
        lead_addition_days=row["lead_addition_days"],
        tonnage_share=Decimal(row["tonnage_share"]),
        largest_order_t=Decimal(row["largest_order_t"]),
        price_fen_per_t=row["price_cny_per_t"] * FEN_PER_CNY,
        gross_factor=Decimal(row["gross_factor"]),
        routings=tuple(
            build_routing(product=row, variant_row=variant, preference=index, laws=laws)
            for index, variant in enumerate(row["routings"], start=1)
        ),
    )


def _transport(row: Row) -> TransportLaw:
    return TransportLaw(
        fixed_min=row["fixed_min"],
        min_per_km=Decimal(row["min_per_km"]),
        truck_kg=row["truck_kg"],
        fixed_fen_per_truck=row["fixed_cny_per_truck"] * FEN_PER_CNY,
        fen_per_km=row["cny_per_km"] * FEN_PER_CNY,
        handling_fen_per_t=row["handling_cny_per_t"] * FEN_PER_CNY,
    )


def _supplier(row: Row) -> Supplier:
    least, most = row["lead_days"]
    return Supplier(row["code"], row["name_zh"], row["name_en"], tuple(row["grades"]), (least, most))
