"""The case's facts as ordinary data, its switches, and the offers that answer it."""

from decimal import Decimal

from mes.demo.sample.case import case_order
from mes.demo.sample.offers import offered_min, offered_tonnes
from mes.demo.sample.park import load_park
from mes.demo.sample.sample import build_sample
from mes.demo.sample.shapes import CaseOptions, Sample

DAY_MIN = 1440
CASE_FIRM = "F09"


def pave_30_steps(sample: Sample) -> dict[str, tuple[int, int | None]]:
    product = next(p for p in sample.park.products if p.code == "PAVE-30")
    return {step.process: (step.fixed_min, step.transfer_pieces) for step in product.routings[0].steps}


def test_the_case_order_is_3565_paving_panels_due_in_20_times_24_hours() -> None:
    order = case_order(load_park())
    assert (order.firm_code, order.product_code, order.pieces) == (CASE_FIRM, "PAVE-30", 3565)
    assert order.priority == 9
    assert order.due_min == 20 * DAY_MIN
    assert order.open_pieces == order.pieces


def test_the_case_firm_has_one_order_no_offer_and_all_its_resin_on_hand() -> None:
    sample = build_sample()
    assert [o.number for o in sample.orders if o.firm_code == CASE_FIRM] == [sample.case_order_number]
    assert CASE_FIRM not in {offer.firm_code for offer in sample.offers}
    stocks = [stock for stock in sample.stocks if stock.firm_code == CASE_FIRM]
    assert {stock.available_min for stock in stocks} == {0}
    resin_kg = sum(stock.kg for stock in stocks if stock.item_code == "U2R")
    assert resin_kg >= Decimal("56.1") * Decimal("1.04") * 3565


def test_two_of_its_eleven_presses_are_booked_for_all_the_overtime() -> None:
    sample = build_sample()
    presses = [m.code for m in sample.park.machines if m.firm_code == CASE_FIRM and "PRESS" in m.class_code]
    assert len(presses) == 11
    assert [b.machine_code for b in sample.bookings] == presses[-2:]
    assert {(b.start_min, b.end_min) for b in sample.bookings} == {(0, 42 * DAY_MIN)}


def test_its_presses_stand_set_up_for_a_plain_panel() -> None:
    setups = {s.machine_code: s.recipe for s in build_sample().setups if s.machine_code.startswith(CASE_FIRM)}
    assert len(setups) == 11
    assert {recipe.pattern for recipe in setups.values()} == {""}


def test_six_other_firms_offer_150_t_of_paving_at_once_for_ordinary_fees() -> None:
    sample = build_sample()
    product = next(p for p in sample.park.products if p.code == "PAVE-30")
    tonnes: dict[str, Decimal] = {}
    for offer in sample.offers:
        fits = offer.accept == "at_once" and offer.least_lot_kg == 1000
        if fits and 250_000 <= offer.fee_fen_per_t <= 350_000:
            offered = offered_tonnes(park=sample.park, offer=offer, product=product, until_day=20)
            tonnes[offer.firm_code] = tonnes.get(offer.firm_code, Decimal(0)) + offered
    assert len([firm for firm, offered in tonnes.items() if offered >= 5]) >= 6
    assert sum(tonnes.values()) >= 150


def test_offers_name_installed_machines_of_their_own_firm() -> None:
    sample = build_sample()
    owners = {m.code: m.firm_code for m in sample.park.machines if m.status == "installed"}
    assert len({offer.code for offer in sample.offers}) == len(sample.offers)
    for offer in sample.offers:
        assert offer.machine_codes
        assert {owners[code] for code in offer.machine_codes} == {offer.firm_code}
        assert offered_min(park=sample.park, offer=offer) > 0


def test_no_booked_press_is_a_switch() -> None:
    assert build_sample(options=CaseOptions(booked_presses=0)).bookings == ()


def test_rest_hours_are_a_switch() -> None:
    assert pave_30_steps(build_sample())["REST"][0] == 1440
    assert pave_30_steps(build_sample(options=CaseOptions(rest_h=0)))["REST"][0] == 0


def test_whole_lots_are_a_switch() -> None:
    steps = pave_30_steps(build_sample(options=CaseOptions(whole_lots=True)))
    assert {transfer for _, transfer in steps.values()} == {None}


def test_efficiency_is_a_switch_of_the_case_firms_presses_alone() -> None:
    sample = build_sample(options=CaseOptions(press_efficiency=Decimal("1.0")))
    presses = [m for m in sample.park.machines if m.class_code == "PRESS-M"]
    assert {m.efficiency for m in presses if m.firm_code == CASE_FIRM} == {Decimal("1.0")}
    assert {m.efficiency for m in presses if m.firm_code != CASE_FIRM} == {Decimal("0.8")}
