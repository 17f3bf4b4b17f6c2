"""Is a Problem well formed? Malformed data raises with its place; bad data that `screen` names is planned around."""

from collections.abc import Iterable

from production.planning.errors import ProblemError
from production.planning.problem import Line, Machine, Mode, Offer, Period, Problem, Route, Step

RULE_NAMES = (
    "due_date",
    "due_and_work",
    "late_first",
    "shaken",
    "shortest_work",
    "priority",
    "slack",
    "weighted_ratio",
    "largest_mass",
)
"""What Options.rules may name; the search has a rule for each."""


def check_problem(problem: Problem) -> None:
    """Raises ProblemError naming the field: keys twice or unknown, negative numbers, periods out of order.

    What `screen` finds is not refused here: it sets aside what is hit, and the rest is planned.
    """
    if problem.horizon_min <= 0:
        raise ProblemError("Problem.horizon_min", "must be above 0")
    calendars = _unique("Calendar", (item.key for item in problem.calendars))
    for calendar in problem.calendars:
        _check_periods(f"Calendar[{calendar.key}].open", calendar.open)
    firms = _unique("Firm", (item.key for item in problem.firms))
    for firm in problem.firms:
        _known(f"Firm[{firm.key}].calendar", firm.calendar, calendars)
    matrices = _check_changeovers(problem)
    machines = _unique("Machine", (item.key for item in problem.machines))
    for machine in problem.machines:
        _check_machine(machine, calendars, firms, matrices)
    pools = _check_pools(problem, firms, calendars)
    _check_logistics(problem, firms)
    _unique("Offer", (item.key for item in problem.offers))
    owners = {machine.key: machine.firm for machine in problem.machines}
    for offer in problem.offers:
        _check_offer(offer, firms, owners)
    lines = _unique("Line", (item.key for item in problem.lines))
    for line in problem.lines:
        _check_line(line, firms, pools)
    _check_fixed(problem, machines, firms, lines, pools)
    _check_hand(problem, machines, lines)
    for rule in problem.options.rules:
        _known("Options.rules", rule, set(RULE_NAMES))


def _check_hand(problem: Problem, machines: set[str], lines: set[str]) -> None:
    for line in problem.lines:
        for machine in line.forbidden_machines:
            _known(f"Line[{line.key}].forbidden_machines", machine, machines)
    for pin in problem.pins:
        place = f"Pin[{pin.line}/{pin.process}]"
        _known(f"{place}.line", pin.line, lines)
        if pin.machine is not None:
            _known(f"{place}.machine", pin.machine, machines)
        if pin.start_min is not None:
            _at_least(f"{place}.start_min", pin.start_min, 0)
    for sequence in problem.sequences:
        _known(f"Sequence[{sequence.machine}].machine", sequence.machine, machines)
        for key in sequence.lines:
            _known(f"Sequence[{sequence.machine}].lines", key, lines)


def _check_changeovers(problem: Problem) -> set[str]:
    for matrix in problem.changeovers:
        place = f"ChangeoverMatrix[{matrix.key}]"
        _at_least(f"{place}.default_min", matrix.default_min, 0)
        for before, after, minutes in matrix.minutes:
            _at_least(f"{place}.minutes[{before}→{after}]", minutes, 0)
    return _unique("ChangeoverMatrix", (item.key for item in problem.changeovers))


def _check_pools(problem: Problem, firms: set[str], calendars: set[str]) -> set[str]:
    pools = _unique("Pool", (item.key for item in problem.pools))
    owners = {pool.key: pool.firm for pool in problem.pools}
    for pool in problem.pools:
        place = f"Pool[{pool.key}]"
        _known(f"{place}.firm", pool.firm, firms)
        _known(f"{place}.calendar", pool.calendar, calendars)
        _at_least(f"{place}.capacity", pool.capacity, 0)
        for start, end, units in pool.out:
            _at_least(f"{place}.out", units, 0)
            if start > end:
                raise ProblemError(f"{place}.out", f"ends at {end}, before it starts")
    needy = [machine for machine in problem.machines if machine.pool_needs]
    steps = (step for line in problem.lines for route in line.routes for step in route.steps) if needy else ()
    of_steps = {key for step in steps for key, _ in step.pool_needs}
    for machine in needy:
        place = f"Machine[{machine.key}].pool_needs"
        _unique(place, (key for key, _ in machine.pool_needs))
        for key, units in machine.pool_needs:
            _known(place, key, pools)
            _at_least(f"{place}[{key}]", units, 0)
            if owners[key] != machine.firm:
                raise ProblemError(place, f"{key!r} is another firm's")
            if key in of_steps:
                raise ProblemError(place, f"{key!r} is needed by steps: a pool is needed by machines or by steps")
    return pools


def _check_machine(machine: Machine, calendars: set[str], firms: set[str], matrices: set[str]) -> None:
    place = f"Machine[{machine.key}]"
    _known(f"{place}.firm", machine.firm, firms)
    _known(f"{place}.calendar", machine.calendar, calendars)
    _at_least(f"{place}.efficiency_permille", machine.efficiency_permille, 1)
    if machine.changeover is not None:
        _known(f"{place}.changeover", machine.changeover, matrices)
    for start, end in machine.closed:
        if start > end:
            raise ProblemError(f"{place}.closed", f"({start}, {end}) ends before it starts")


def _check_logistics(problem: Problem, firms: set[str]) -> None:
    _unique("MaterialArrival", (item.key for item in problem.arrivals))
    for arrival in problem.arrivals:
        _known(f"MaterialArrival[{arrival.key}].firm", arrival.firm, firms)
        _at_least(f"MaterialArrival[{arrival.key}].grams", arrival.grams, 0)
    _unique("Transport", (f"{item.from_firm}→{item.to_firm}" for item in problem.transports))
    for trip in problem.transports:
        place = f"Transport[{trip.from_firm}→{trip.to_firm}]"
        _known(f"{place}.from_firm", trip.from_firm, firms)
        _known(f"{place}.to_firm", trip.to_firm, firms)
        _at_least(f"{place}.minutes", trip.minutes, 0)
        _at_least(f"{place}.truck_fen", trip.truck_fen, 0)
        _at_least(f"{place}.truck_g", trip.truck_g, 1)


def _check_offer(offer: Offer, firms: set[str], owners: dict[str, str]) -> None:
    place = f"Offer[{offer.key}]"
    _known(f"{place}.firm", offer.firm, firms)
    for machine in offer.machines:
        if owners.get(machine) != offer.firm:
            raise ProblemError(f"{place}.machines", f"{machine} is not a machine of {offer.firm}")
    _check_periods(f"{place}.window", (offer.window,))
    _at_least(f"{place}.fee_fen_per_t", offer.fee_fen_per_t, 0)
    _at_least(f"{place}.least_lot_g", offer.least_lot_g, 0)
    if offer.machine_minutes is not None:
        _at_least(f"{place}.machine_minutes", offer.machine_minutes, 0)


def _check_line(line: Line, firms: set[str], pools: set[str]) -> None:
    place = f"Line[{line.key}]"
    _known(f"{place}.firm", line.firm, firms)
    for name in ("late_fixed_min", "split_cost_fen", "refusal_cost_fen"):
        _at_least(f"{place}.{name}", getattr(line, name), 0)
    _at_least(f"{place}.priority", line.priority, 1)
    for name in ("lateness_worth_fen_per_h", "fee_ceiling_fen_per_t"):
        if getattr(line, name) is not None:
            _at_least(f"{place}.{name}", getattr(line, name), 0)
    _unique(f"{place}.routes", (route.key for route in line.routes))
    for route in line.routes:
        _check_route(f"{place}.routes[{route.key}]", route, pools)


def _check_route(place: str, route: Route, pools: set[str]) -> None:
    for number, step in enumerate(route.steps):
        _check_step(f"{place}.steps[{number}]", step, pools)


def _check_step(place: str, step: Step, pools: set[str]) -> None:
    _unique(f"{place}.modes", (mode.machine_class for mode in step.modes))
    for mode in step.modes:
        _check_mode(f"{place}.modes[{mode.machine_class}]", mode)
    for wait in step.waits:
        _at_least(f"{place}.waits[{wait.process}].fixed_min", wait.fixed_min, 0)
        _at_least(f"{place}.waits[{wait.process}].piece_s", wait.piece_s, 0)
    for material, grams in step.materials:
        _at_least(f"{place}.materials[{material}]", grams, 0)
    _unique(f"{place}.pool_needs", (pool for pool, _ in step.pool_needs))
    for pool, units in step.pool_needs:
        _known(f"{place}.pool_needs", pool, pools)
        _at_least(f"{place}.pool_needs[{pool}]", units, 0)


def _check_mode(place: str, mode: Mode) -> None:
    _at_least(f"{place}.setup_min", mode.setup_min, 0)
    if mode.kind == "cycle":
        _at_least(f"{place}.cycle_s", mode.cycle_s, 1)
    else:
        _at_least(f"{place}.piece_s", mode.piece_s, 1)


def _check_fixed(problem: Problem, machines: set[str], firms: set[str], lines: set[str], pools: set[str]) -> None:
    _unique("FixedLot", (item.key for item in problem.fixed_lots))
    for lot in problem.fixed_lots:
        place = f"FixedLot[{lot.key}]"
        _known(f"{place}.firm", lot.firm, firms)
        _at_least(f"{place}.pieces", lot.pieces, 0)
        if lot.line:
            _known(f"{place}.line", lot.line, lines)
        for run in lot.runs:
            _known(f"{place}.runs.machine", run.machine, machines)
            _at_least(f"{place}.runs.setup_min", run.setup_min, 0)
            if run.start_min > run.end_min:
                raise ProblemError(f"{place}.runs", f"ends at {run.end_min}, before it starts")
            for pool, _units in run.pool_needs:
                _known(f"{place}.runs.pool_needs", pool, pools)


def _unique(kind: str, keys: Iterable[str]) -> set[str]:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise ProblemError(f"{kind}[{key}]", "is there twice")
        seen.add(key)
    return seen


def _known(place: str, key: str, known: set[str]) -> None:
    if key not in known:
        raise ProblemError(place, f"{key!r} is not known")


def _at_least(place: str, value: int, least: int) -> None:
    if value < least:
        raise ProblemError(place, f"must be at least {least}, not {value}")


def _check_periods(place: str, periods: tuple[Period, ...]) -> None:
    before = None
    for start, end in periods:
        if start > end or (before is not None and start < before):
            raise ProblemError(place, f"({start}, {end}) is out of order")
        before = end
