"""The park's facts: counts, names, machines, process laws, changeovers."""

from collections import Counter
from decimal import Decimal

from mes.catalog.selectors import ChangeoverRuleView, changeover_minutes
from mes.demo.sample.park import load_park
from mes.demo.sample.shapes import MachineOption, Product, Recipe, Routing, Step

MACHINES = {
    "PRESS-S": 40,
    "PRESS-M": 160,
    "PRESS-L": 26,
    "PRESS-XL": 2,
    "EXT-SHEET": 14,
    "RAM-ROD": 24,
    "GANTRY-MILL": 100,
    "CNC-ROUTER": 74,
    "SAW": 72,
    "MIXER": 45,
    "OVEN": 5,
}


def product_of(code: str) -> Product:
    return next(product for product in load_park().products if product.code == code)


def step_of(routing: Routing, process: str) -> Step:
    return next(step for step in routing.steps if step.process == process)


def option_of(routing: Routing, process: str, class_code: str) -> MachineOption:
    return next(o for o in step_of(routing, process).options if o.class_code == class_code)


def recipe_of(code: str, process: str = "PRESS") -> Recipe:
    recipe = step_of(product_of(code).routings[0], process).recipe
    assert recipe is not None
    return recipe


def test_the_park_has_32_firms_28_products_8_grades_and_228_presses() -> None:
    park = load_park()
    assert [firm.code for firm in park.firms] == [f"F{n:02d}" for n in range(1, 33)]
    assert len({product.code for product in park.products}) == 28
    assert len({grade.code for grade in park.grades}) == 8
    assert sum(m.class_code.startswith("PRESS") for m in park.machines) == 228


def test_machines_are_counted_by_class_and_have_codes_of_their_own() -> None:
    park = load_park()
    assert Counter(m.class_code for m in park.machines) == MACHINES
    assert len({m.code for m in park.machines}) == len(park.machines)


def test_only_the_case_firms_four_gantry_mills_are_not_installed() -> None:
    idle = [m for m in load_park().machines if m.status == "owned_not_installed"]
    assert [(m.firm_code, m.class_code) for m in idle] == [("F09", "GANTRY-MILL")] * 4


def test_every_firm_has_its_own_names_sort_key_and_place() -> None:
    firms = load_park().firms
    for values in (
        {firm.name_zh for firm in firms},
        {firm.name_en for firm in firms},
        {firm.sort_key for firm in firms},
        {(firm.x_km, firm.y_km) for firm in firms},
    ):
        assert len(values) == len(firms)


def test_medical_and_shield_firms_have_ovens_that_never_stop_for_a_week_end() -> None:
    park = load_park()
    ovens = {m.firm_code for m in park.machines if m.class_code == "OVEN"}
    niches = {firm.code for firm in park.firms if firm.niche in ("medical", "shield")}
    assert ovens == niches
    for firm in park.firms:
        if firm.code in ovens:
            assert dict(firm.rules)["OVEN"].weekdays == (1, 2, 3, 4, 5, 6, 7)


def test_ram_lines_run_seven_days() -> None:
    park = load_park()
    owners = {m.firm_code for m in park.machines if m.class_code == "RAM-ROD"}
    assert owners
    for firm in park.firms:
        if firm.code in owners:
            assert dict(firm.rules)["RAM-ROD"].weekdays == (1, 2, 3, 4, 5, 6, 7)


def test_a_two_daylight_press_takes_164_4_minutes_for_30_mm() -> None:
    routing = product_of("PAVE-30").routings[0]
    option = option_of(routing, "PRESS", "PRESS-M")
    assert option.pieces_per_cycle == 2
    assert option.cycle_s == 9864
    assert next(c.efficiency for c in load_park().machine_classes if c.code == "PRESS-M") == Decimal("0.8")


def test_milled_products_are_pressed_three_millimetres_thicker() -> None:
    assert recipe_of("SHT-30").thickness_mm == 33
    assert recipe_of("PAVE-30").thickness_mm == 30


def test_pieces_rest_12_24_or_48_hours_by_thickness() -> None:
    rests = {code: step_of(product_of(code).routings[0], "REST").fixed_min for code in ("PAVE-20", "PAVE-30")}
    assert rests == {"PAVE-20": 720, "PAVE-30": 1440}
    assert step_of(product_of("SHT-60").routings[0], "REST").fixed_min == 2880


def test_small_parts_are_sawn_at_90_and_routed_at_40_an_hour() -> None:
    routing = product_of("GEAR-P").routings[0]
    assert option_of(routing, "SAW", "SAW").seconds_per_piece == 40
    assert option_of(routing, "ROUTE", "CNC-ROUTER").seconds_per_piece == 90
    assert option_of(product_of("PAVE-30").routings[0], "SAW", "SAW").seconds_per_piece == 240


def test_a_machined_part_is_made_from_a_blank_or_the_blank_is_pressed_first() -> None:
    from_blank, press_blank = product_of("GEAR-P").routings
    assert [line.kind for line in from_blank.bom] == ["blank"]
    assert [step.process for step in press_blank.steps[:3]] == ["MIX", "PRESS", "REST"]
    assert step_of(press_blank, "REST").fixed_min == 2880


def test_synthetic_ice_of_30_mm_is_extruded_or_pressed() -> None:
    extruded, pressed = product_of("ICE-30").routings
    assert extruded.variant == "extrude"
    pieces = {o.class_code: o.pieces_per_cycle for o in step_of(pressed, "PRESS").options}
    assert pieces == {"PRESS-S": 1, "PRESS-M": 2, "PRESS-L": 3, "PRESS-XL": 6}


def test_panels_of_56_kg_pass_on_in_batches_of_24() -> None:
    assert {step.transfer_pieces for step in product_of("PAVE-30").routings[0].steps} == {24}


def test_an_oven_load_of_60_mm_takes_24_hours() -> None:
    option = option_of(product_of("MED-60").routings[0], "ANNEAL", "OVEN")
    assert (option.pieces_per_cycle, option.cycle_s) == (44, 86_400)


def test_every_recipe_code_names_one_recipe_of_its_kind() -> None:
    found: dict[tuple[str, str], Recipe] = {}
    for product in load_park().products:
        for routing in product.routings:
            for step in routing.steps:
                if step.recipe is not None:
                    assert found.setdefault((step.process, step.recipe.code), step.recipe) == step.recipe


def changeover_min(*, before: Recipe | None, after: Recipe) -> int:
    """Minutes on a press, by the catalogue's rule and the sample's data."""
    rules = [ChangeoverRuleView(r.kind, r.attribute, r.change, r.group, r.minutes) for r in load_park().changeovers]
    return changeover_minutes(rules=rules, kind="press", before=before, after=after)


def test_the_pattern_mould_takes_150_minutes_on_a_plain_or_an_empty_press() -> None:
    patterned, plain = recipe_of("PAVE-30"), recipe_of("PAVE-20")
    assert changeover_min(before=plain, after=patterned) == 150
    assert changeover_min(before=None, after=patterned) == 150
    assert changeover_min(before=patterned, after=patterned) == 0


def test_tool_and_material_changes_add_up_and_the_longest_of_each_counts() -> None:
    black_u2r, green_u3, boron = recipe_of("PAVE-20"), recipe_of("LINE-20"), recipe_of("BPE-50")
    assert changeover_min(before=black_u2r, after=green_u3) == 60
    assert changeover_min(before=boron, after=green_u3) == 40 + 150


def test_every_product_can_be_made_by_a_firm_that_holds_its_approval() -> None:
    park = load_park()
    for product in park.products:
        if product.needs:
            assert any(product.needs in firm.approvals for firm in park.firms)
