"""The law of run minutes: known values, and the fast reading agrees with the plain one."""

from hypothesis import given, settings
from hypothesis import strategies as st

from production.planning.problem import Calendar, Machine, Mode
from production.planning.search.hours import FAR, Law, compile_hours
from production.planning.verify.hours import (
    after_open_minutes,
    open_minutes,
    open_periods,
    units_minutes,
    work,
)
from tests.hypothesis_examples import examples

PRESS = Machine("P", "A", "PRESS", "day", efficiency_permille=800)
CYCLE = Mode("PRESS", "cycle", pieces_per_cycle=2, cycle_s=9864)
RATE = Mode("SAW", "rate", piece_s=240)
SHIFTS = Calendar("day", tuple((day * 1440 + 480, day * 1440 + 1440) for day in range(8)))


def test_a_cycle_of_164_4_minutes_at_80_percent_takes_205_and_a_half() -> None:
    assert [units_minutes(CYCLE, PRESS, cycles) for cycles in (1, 2, 132)] == [206, 411, 27126]


def test_a_run_pauses_only_between_cycles() -> None:
    hours = open_periods(SHIFTS)
    worked = work(CYCLE, PRESS, hours, 480, 5)
    assert worked is not None
    assert (worked.end_of(3), worked.start_of(4)) == (480 + 822, 1440 + 480)


def test_a_rate_pauses_whenever_the_machine_is_closed() -> None:
    worked = work(RATE, Machine("S", "A", "SAW", "day"), open_periods(SHIFTS), 1430, 5)
    assert worked is not None
    assert [worked.end_of(piece) for piece in range(5)] == [1434, 1438, 1922, 1926, 1930]


def test_closed_periods_are_cut_out_and_touching_ones_joined() -> None:
    calendar = Calendar("c", ((0, 100), (100, 200), (300, 400)))
    assert open_periods(calendar, ((50, 60), (350, 900))) == [(0, 50), (60, 200), (300, 350)]
    hours = compile_hours(calendar, ((50, 60), (350, 900)), 10_000)
    assert list(zip(hours.starts, hours.ends, strict=True)) == [(0, 50), (60, 200), (300, 350)]


periods = st.lists(st.tuples(st.integers(1, 300), st.integers(0, 300)), min_size=1, max_size=8)


def calendar_of(lengths: list[tuple[int, int]]) -> Calendar:
    made, at = [], 0
    for length, pause in lengths:
        made.append((at, at + length))
        at += length + pause
    return Calendar("random", tuple(made))


@given(
    lengths=periods,
    closed=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 200)), max_size=3),
    at=st.integers(0, 2000),
    units=st.integers(1, 30),
    seconds=st.integers(30, 9000),
    permille=st.integers(300, 1200),
    per=st.integers(1, 4),
    is_cycle=st.booleans(),
)
@settings(max_examples=examples(400), deadline=None)
def test_both_readings_of_the_law_agree(
    lengths: list[tuple[int, int]],
    closed: list[tuple[int, int]],
    at: int,
    units: int,
    seconds: int,
    permille: int,
    per: int,
    is_cycle: bool,
) -> None:
    calendar = calendar_of(lengths)
    shut = tuple((start, start + length) for start, length in closed)
    machine = Machine("M", "A", "C", "random", permille, shut)
    mode = Mode("C", "cycle", per, seconds) if is_cycle else Mode("C", "rate", piece_s=seconds)
    plain, fast = open_periods(calendar, shut), compile_hours(calendar, shut, 10**9)
    law = Law(mode, machine)
    start, end = law.walk(fast, at, units)
    worked = work(mode, machine, plain, at, units)
    if worked is None:
        assert end >= FAR
        return
    assert end == worked.end_of(units - 1)
    assert law.minutes(units) == units_minutes(mode, machine, units)
    if is_cycle:
        assert start == worked.start_of(0)
        assert law.count(fast, at, end) >= units
        assert law.count(fast, at, end - 1) < units
    sizes = [per] * units
    begins, ends = law.spans(fast, start, sizes)
    if is_cycle:
        assert begins == [worked.start_of(unit) for unit in range(units)]
        assert ends == [worked.end_of(unit) for unit in range(units)]


@given(lengths=periods, at=st.integers(0, 3000), minutes=st.integers(1, 800))
@settings(max_examples=examples(300), deadline=None)
def test_open_time_forwards_and_backwards(lengths: list[tuple[int, int]], at: int, minutes: int) -> None:
    calendar = calendar_of(lengths)
    plain, fast = open_periods(calendar), compile_hours(calendar, (), 10**9)
    after = after_open_minutes(plain, at, minutes)
    assert fast.after(at, minutes) == (FAR if after is None else after)
    start = fast.latest(at, minutes)
    if start > -FAR:
        assert open_minutes(plain, start, at) == minutes
        assert open_minutes(plain, start + 1, at) < minutes
