"""Process laws: from a product's plain row to routings with times, recipes and bills of material.

The laws and their sources stand in `data/process_laws.json` and the README of this folder.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import ceil
from typing import Any

from mes.demo.sample.shapes import BomLine, MachineClass, MachineOption, Recipe, Routing, Step

Row = Mapping[str, Any]
STEP_GAP = 10


@dataclass(frozen=True, slots=True)
class Laws:
    """`process_laws.json`, with the machine classes that the press law needs."""

    rows: Row
    classes: Mapping[str, MachineClass]

    @property
    def rates(self) -> Row:
        """Plain rates; the unit stands in each name."""
        rates: Row = self.rows["rates"]
        return rates

    def press_cycle_s(self, *, pressed_mm: int, class_code: str) -> int:
        """Seconds of a press cycle: a + b t + c t² + load, rounded to a tenth of a minute.

        PRESS-M at 30 mm: 164.4 min = 9,864 s.
        """
        law = self.rows["press_cycle"]
        thickness = Decimal(pressed_mm)
        minutes = (
            Decimal(law["a_min"])
            + Decimal(law["b_min_per_mm"]) * thickness
            + Decimal(law["c_min_per_mm2"]) * thickness**2
            + self.classes[class_code].load_min
        )
        rounded = minutes.quantize(Decimal(law["round_to_min"]), rounding=ROUND_HALF_UP)
        return int(rounded * 60)

    def rest_min(self, *, thickness_mm: int) -> int:
        """Minutes that a piece lies flat after forming, by thickness."""
        for row in self.rows["rest_h_by_thickness"]:
            if row["up_to_mm"] is None or thickness_mm <= row["up_to_mm"]:
                return int(row["hours"]) * 60
        raise ValueError(f"no rest for {thickness_mm} mm")

    def anneal_s(self, *, thickness_mm: int) -> int:
        """Seconds of an oven load: heat, hold by thickness, cool."""
        law = self.rows["anneal"]
        hold_min = Decimal(law["hold_min_per_10_mm"]) * thickness_mm / 10
        return int(law["heat_min"] + hold_min + law["cool_min"]) * 60


def build_routing(*, product: Row, variant_row: Row, preference: int, laws: Laws) -> Routing:
    """One routing alternative with its steps in order (numbers 10, 20, ...)."""
    steps = tuple(
        _step(process=process, number=STEP_GAP * index, product=product, variant_row=variant_row, laws=laws)
        for index, process in enumerate(variant_row["steps"], start=1)
    )
    return Routing(
        code=f"{product['code']}:{variant_row['variant']}",
        product_code=product["code"],
        variant=variant_row["variant"],
        preference=preference,
        steps=steps,
        bom=_bom(product=product, variant_row=variant_row, laws=laws),
    )


def _step(*, process: str, number: int, product: Row, variant_row: Row, laws: Laws) -> Step:
    rates = laws.rates
    fixed_min, seconds_per_piece, clock = 0, 0, "firm"
    if process == "REST":
        thickness_mm = variant_row.get("rest_mm", product["thickness_mm"])
        fixed_min, clock = laws.rest_min(thickness_mm=thickness_mm), "elapsed"
    elif process == "QC":
        fixed_min = rates["qc_min_per_batch"]
    elif process == "PACK":
        seconds_per_piece = _seconds(Decimal(product["unit_mass_kg"]), rates["pack_kg_per_h"])
    setups = {
        "MIX": rates["mix_setup_min"],
        "MILL": rates["mill_setup_min"],
        "ROUTE": rates["route_setup_min"],
    }
    return Step(
        number=number,
        process=process,
        options=_options(process=process, product=product, variant_row=variant_row, laws=laws),
        setup_min=setups.get(process, 0),
        fixed_min=fixed_min,
        seconds_per_piece=seconds_per_piece,
        clock=clock,
        transfer_pieces=product["transfer_pieces"],
        recipe=_recipe(process=process, product=product, variant_row=variant_row, laws=laws),
    )


def _options(*, process: str, product: Row, variant_row: Row, laws: Laws) -> tuple[MachineOption, ...]:
    unit_mass_kg = Decimal(product["unit_mass_kg"])
    rates = laws.rates
    small = product["small_part"]
    if process == "PRESS":
        return tuple(
            MachineOption(
                class_code=class_code,
                pieces_per_cycle=pieces,
                cycle_s=laws.press_cycle_s(pressed_mm=variant_row["pressed_mm"], class_code=class_code),
                seconds_per_piece=None,
            )
            for class_code, pieces in variant_row["pieces_per_cycle"].items()
        )
    if process == "ANNEAL":
        pieces_per_load = int(Decimal(laws.rows["anneal"]["load_kg"]) / unit_mass_kg)
        cycle_s = laws.anneal_s(thickness_mm=product["thickness_mm"])
        return (MachineOption("OVEN", pieces_per_load, cycle_s, None),)
    rate_by_process = {
        "MIX": ("MIXER", _seconds(unit_mass_kg * Decimal(product["gross_factor"]), rates["mix_kg_per_h"])),
        "EXTRUDE": ("EXT-SHEET", _seconds(unit_mass_kg, rates["extrude_kg_per_h"])),
        "RAM": ("RAM-ROD", _seconds(unit_mass_kg, rates["ram_kg_per_h"])),
        "SAW": ("SAW", rates["saw_s_per_small_part" if small else "saw_s_per_panel"]),
        "MILL": ("GANTRY-MILL", _mill_seconds(product=product, rates=rates)),
        "ROUTE": ("CNC-ROUTER", rates["route_s_per_small_part" if small else "route_s_per_panel"]),
    }
    if process not in rate_by_process:
        return ()
    class_code, seconds = rate_by_process[process]
    return (MachineOption(class_code, None, None, seconds),)


def _seconds(mass_kg: Decimal, kg_per_h: int) -> int:
    seconds = (mass_kg * 3600 / kg_per_h).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return max(1, int(seconds))


def _mill_seconds(*, product: Row, rates: Row) -> int:
    area_m2 = Decimal(product["length_mm"]) * Decimal(product["width_mm"] or product["thickness_mm"]) / 1_000_000
    sides: int = rates["mill_sides"]
    m2_per_h: int = rates["mill_m2_per_h_per_side"]
    return max(1, ceil(area_m2 * sides * 3600 / m2_per_h))


def _recipe(*, process: str, product: Row, variant_row: Row, laws: Laws) -> Recipe | None:
    if process not in ("PRESS", "EXTRUDE", "RAM"):
        return None
    depths: Mapping[str, int] = laws.rows["colour_depth"]
    return Recipe(
        grade_family=product["grade"],
        colour=product["colour"],
        colour_depth=depths[product["colour"]],
        thickness_mm=variant_row["pressed_mm"] if process == "PRESS" else product["thickness_mm"],
        pattern=product["pattern"] if process == "PRESS" else "",
        die="" if process == "PRESS" else product["die"],
        boron=product["needs"] == "boron",
        medical=product["needs"] == "medical",
    )


def _bom(*, product: Row, variant_row: Row, laws: Laws) -> tuple[BomLine, ...]:
    unit_mass_kg = Decimal(product["unit_mass_kg"])
    if "blank" in variant_row:
        pieces_per_blank: int = variant_row["pieces_per_blank"]
        return (BomLine(variant_row["blank"], "blank", Decimal(0), pieces_per_blank),)
    resin_kg = (unit_mass_kg * Decimal(product["gross_factor"])).quantize(Decimal("0.001"))
    lines = [BomLine(product["grade"], "resin", resin_kg, None)]
    if product["colour"] != "natural":
        pigment_kg = (resin_kg * Decimal(laws.rates["pigment_share"])).quantize(Decimal("0.001"))
        lines.append(BomLine(f"PIG-{product['colour'].upper()}", "pigment", pigment_kg, None))
    return tuple(lines)
