"""The model of CP-SAT: which machine works each run, when, and at which firm each lot is made.

Kept as they are: hours, set-ups and changeovers, frozen work, hand-over by batch, release, transport, offers with their
windows and minutes, pools at a time, pinned machines, sequences, refusals. Told more kindly than they are: cycles that
end a shift early, waits in a firm's hours, closed hours inside the overlap of two steps, hours of pools, changeovers on
machines with many runs or several frozen ones, material that several lots want, pinned minutes. Not told: other lots,
batches and routes than the plan has, lines that it leaves out, runs that lots share, work moved since the plan
before. The judge sees to what was told kindly.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import accumulate, pairwise
from typing import Any

from production.planning.exact.clock import Dial, Spell
from production.planning.exact.jobs import Bundle, Job, Option, Shop
from production.planning.problem import Machine, Period
from production.planning.search.hours import Hours, compile_hours
from production.planning.search.track import FORBIDDEN

MOST_LITERALS = 6000
"""Literals that may say in which shift runs begin and end."""

MOST_ARCS = 12_000
"""Pairs of runs that may follow each other on one machine with changeovers."""


class Model:
    """CP-SAT's variables of a shop. until_min: no run ends later in the model."""

    def __init__(self, cp: Any, shop: Shop, until_min: int) -> None:
        self.cp, self.shop, self.problem = cp, shop, shop.problem
        self.model = cp.CpModel()
        self.until_min = until_min
        self._hours: dict[tuple[object, ...], Hours] = {}
        self._dials: dict[int, Dial] = {}
        self.matrices = {matrix.key: matrix for matrix in self.problem.changeovers}
        self._minutes = {
            matrix.key: {(before, after): minutes for before, after, minutes in matrix.minutes}
            for matrix in self.problem.changeovers
        }
        self.pools = {pool.key: pool for pool in self.problem.pools}
        self.made: dict[str, Any] = {}
        self.at: list[list[Any]] = []
        self.start: list[Any] = []
        self.end: list[Any] = []
        self.on: list[list[Any]] = []
        self.spells: list[list[Spell]] = []
        self.changes: list[Any] = []

    def literals(self) -> int:
        """How many the hours would take until then."""
        jobs = self.shop.jobs()
        kinds = (({id(self.hours(option.machine)): option for option in job.options}).values() for job in jobs)
        return sum(self.dial(option.machine).literals() for options in kinds for option in options)

    def hours(self, machine: Machine) -> Hours:
        """Open hours; machines with the same have one object."""
        key = machine.calendar, machine.closed
        if key not in self._hours:
            calendar = next(item for item in self.problem.calendars if item.key == machine.calendar)
            self._hours[key] = compile_hours(calendar, machine.closed, self.problem.horizon_min)
        return self._hours[key]

    def dial(self, machine: Machine) -> Dial:
        """The machine's hours in the model."""
        hours = self.hours(machine)
        if id(hours) not in self._dials:
            self._dials[id(hours)] = Dial(self.model, hours, self.until_min)
        return self._dials[id(hours)]

    def build(self) -> None:
        """All variables and rules but the objective."""
        for bundle in self.shop.bundles:
            if bundle.line.key not in self.made:
                self.made[bundle.line.key] = self.model.new_bool_var("")
            self._bundle(bundle, self.made[bundle.line.key])
        for bundle, at in zip(self.shop.bundles, self.at, strict=True):
            self._follow(bundle, at)
        self._machines()
        self._offers()
        self._pools()
        self._sequences()

    def setup(self, option: Option) -> int:
        """Minutes before each run, whatever came before."""
        return option.mode.setup_min

    def change(self, machine: Machine, before: str, after: str) -> int:
        """Minutes from one family to another; FORBIDDEN where one may not follow the other."""
        if machine.changeover is None or before == after:
            return 0
        matrix = self.matrices[machine.changeover]
        if (before, after) in matrix.forbidden:
            return FORBIDDEN
        return self._minutes[machine.changeover].get((before, after), matrix.default_min)

    def _bundle(self, bundle: Bundle, made: Any) -> None:
        model = self.model
        at = [model.new_bool_var("") for _ in bundle.places]
        model.add(sum(at) == made)
        self.at.append(at)
        for jobs in bundle.jobs:
            for job in jobs:
                start, end = (model.new_int_var(0, self.until_min, "") for _ in range(2))
                on = [model.new_bool_var("") for _ in job.options]
                model.add(sum(on) == made)
                self.start.append(start)
                self.end.append(end)
                self.on.append(on)
                self.spells.append(self._spells(job, start, end, on))
                for option, literal in zip(job.options, on, strict=True):
                    model.add(sum(at[place] for place in option.places) >= literal)

    def _spells(self, job: Job, start: Any, end: Any, on: list[Any]) -> list[Spell]:
        """For each option the job in its machine's open minutes; machines with the same hours share it."""
        model = self.model
        kinds: dict[int, list[int]] = defaultdict(list)
        for number, option in enumerate(job.options):
            kinds[id(self.hours(option.machine))].append(number)
        found: dict[int, Spell] = {}
        for numbers in kinds.values():
            is_there = on[numbers[0]]
            if len(numbers) > 1:
                is_there = model.new_bool_var("")
                model.add(is_there == sum(on[number] for number in numbers))
            first = min(job.options[number].first_cycle_min for number in numbers)
            spell = self.dial(job.options[numbers[0]].machine).spell(start, end, is_there, max(1, first))
            for number in numbers:
                model.add(spell.end == spell.begin + job.options[number].minutes).only_enforce_if(on[number])
                model.add(spell.begin >= self.setup(job.options[number])).only_enforce_if(on[number])
                found[number] = spell
        return [found[number] for number in range(len(job.options))]

    def _follow(self, bundle: Bundle, at: list[Any]) -> None:
        """Release, and each batch through its steps."""
        for job in bundle.jobs[0]:
            self.model.add(self.start[job.number] >= bundle.line.release_min)
        for number, jobs in enumerate(bundle.jobs[1:]):
            for before in bundle.jobs[number]:
                for after in jobs:
                    self._hand_over(bundle, before, after)
        for job, place, at_min in self._material(bundle):
            self.model.add(self.start[job.number] >= at_min).only_enforce_if(at[place])

    def _hand_over(self, bundle: Bundle, before: Job, after: Job) -> None:
        model, sizes = self.model, bundle.lot.batches
        start, end = self.start[after.number], self.end[before.number]
        made = self.made[bundle.line.key]
        if before.step.transfer_pieces is None:
            wait = max(waits_min(before, size) for size in batches_of(bundle, before))
            model.add(start >= end + wait).only_enforce_if(made)
            return
        first = max(before.part.first_batch, after.part.first_batch)
        last = min(end_of(before), end_of(after)) - 1
        for batch in range(first, last + 1):
            wait = waits_min(before, sizes[batch])
            begins = self._weighed(after, lambda option, b=batch: option.begins[b - after.part.first_batch])
            ends = self._weighed(before, lambda option, b=batch: option.ends[b - before.part.first_batch])
            model.add(start + begins >= self.start[before.number] + ends + wait).only_enforce_if(made)
        if first <= last and last == end_of(before) - 1:
            wait = waits_min(before, sizes[last])
            left = self._weighed(after, lambda option: option.minutes - option.begins[last - after.part.first_batch])
            model.add(self.end[after.number] >= end + wait + left).only_enforce_if(made)

    def _weighed(self, job: Job, minutes: Any) -> Any:
        """Minutes that depend on the machine."""
        return sum(minutes(option) * on for option, on in zip(job.options, self.on[job.number], strict=True))

    def _material(self, bundle: Bundle) -> Iterator[tuple[Job, int, int]]:
        """(job, place, minute): before there is not enough for its first batch, if the lot is made there."""
        for number, place in enumerate(bundle.places):
            is_givers = place.offer is not None and place.offer.material_from == "giver"
            firm = bundle.line.firm if is_givers else place.firm
            trip = self._trip(bundle.line.firm, place.firm) if is_givers else 0
            for job in bundle.all_jobs():
                for material, grams in job.step.materials:
                    at_min = self._there(firm, material, grams * bundle.lot.batches[job.part.first_batch])
                    yield job, number, min(at_min + trip, self.until_min)

    def _there(self, firm: str, material: str, grams: int) -> int:
        rows = sorted(
            (item.at_min, item.grams)
            for item in self.problem.arrivals
            if item.firm == firm and item.material == material
        )
        totals = accumulate(amount for _, amount in rows)
        return next((at for (at, _), total in zip(rows, totals, strict=True) if total >= grams), self.until_min)

    def _trip(self, here: str, there: str) -> int:
        return next(
            (trip.minutes for trip in self.problem.transports if (trip.from_firm, trip.to_firm) == (here, there)), 0
        )

    def _machines(self) -> None:
        on_machine: dict[str, list[tuple[Job, int]]] = defaultdict(list)
        for job in self.shop.jobs():
            for number, option in enumerate(job.options):
                on_machine[option.machine.key].append((job, number))
        for machine in self.problem.machines:
            works = on_machine.get(machine.key)
            if works:
                self._machine(machine, works)

    def _machine(self, machine: Machine, works: list[tuple[Job, int]]) -> None:
        """One run at a time, in open minutes, set-up included; frozen work is there as it is."""
        model, hours = self.model, self.hours(machine)
        nodes: list[Node] = []
        intervals = []
        for job, number in works:
            option, literal = job.options[number], self.on[job.number][number]
            spell, setup = self.spells[job.number][number], self.setup(option)
            size = setup + option.minutes
            intervals.append(model.new_optional_interval_var(spell.begin - setup, size, spell.end, literal, ""))
            nodes.append((job.step.family, spell.begin - setup, spell.end, literal))
            self.changes.append(setup * literal)
        frozen = [run for lot in self.problem.fixed_lots for run in lot.runs if run.machine == machine.key]
        frozen = [run for run in frozen if run.start_min < run.end_min]
        for start, end in _joined((hours.position(run.start_min), hours.position(run.end_min)) for run in frozen):
            intervals.append(model.new_fixed_size_interval_var(start, end - start, ""))
        model.add_no_overlap(intervals)
        if machine.changeover is not None and (len(nodes) + len(frozen)) ** 2 <= MOST_ARCS and len(frozen) < 2:
            for run in frozen:
                start, end = hours.position(run.start_min), hours.position(run.end_min)
                nodes.append((run.family, start + run.setup_min, end, None))
            self._circuit(machine, nodes)

    def _circuit(self, machine: Machine, nodes: list["Node"]) -> None:
        """Which run follows which, and the minutes between them."""
        model = self.model
        arcs: list[tuple[int, int, Any]] = [(0, 0, model.new_bool_var(""))]
        start_node: Node = (machine.family_at_zero, 0, 0, None)
        everything = [start_node, *nodes]
        for i, (before, _, end, _) in enumerate(everything):
            if i:
                arcs.append((i, 0, model.new_bool_var("")))
            for j, (after, begin, _, literal) in enumerate(everything):
                if j == 0:
                    continue
                if i == j:
                    if literal is not None:
                        arcs.append((i, i, ~literal))
                    continue
                minutes = self.change(machine, before, after)
                is_free = i == 0 and literal is None  # nobody asks what frozen work follows at the start
                if minutes == FORBIDDEN and not is_free:
                    continue
                arc = model.new_bool_var("")
                arcs.append((i, j, arc))
                if not is_free:
                    model.add(begin >= end + minutes).only_enforce_if(arc)
                if minutes > 0 and literal is not None:
                    self.changes.append(minutes * arc)
        model.add_circuit(arcs)

    def _offers(self) -> None:
        """Windows and minutes."""
        used: dict[str, list[Any]] = defaultdict(list)
        limits = {offer.key: offer.machine_minutes for offer in self.problem.offers}
        for bundle, at in zip(self.shop.bundles, self.at, strict=True):
            for place, literal in zip(bundle.places, at, strict=True):
                if place.offer is None:
                    continue
                for job in (job for job in bundle.all_jobs() if job.step.forming):
                    setup = self._weighed(job, self.setup)
                    start, end = self.start[job.number], self.end[job.number]
                    self.model.add(start >= place.offer.window[0] + setup).only_enforce_if(literal)
                    self.model.add(end <= place.offer.window[1]).only_enforce_if(literal)
                    if limits[place.offer.key] is not None:
                        minutes = self.model.new_int_var(0, self.until_min, "")
                        worked = self._weighed(job, lambda option: option.minutes)
                        self.model.add(minutes >= worked).only_enforce_if(literal)
                        used[place.offer.key].append(minutes)
        for key, minutes in used.items():
            self.model.add(sum(minutes) <= limits[key])

    def _pools(self) -> None:
        """No more units at a time than there are."""
        for key, pool in self.pools.items():
            intervals, units = [], []
            for job in self.shop.jobs():
                for number, option in enumerate(job.options):
                    wanted = dict((*job.step.pool_needs, *option.machine.pool_needs)).get(key, 0)
                    if wanted and option.machine.firm == pool.firm:
                        setup = 0 if pool.kind == "power" else self.setup(option)
                        start, end = self.start[job.number], self.end[job.number]
                        size = self.model.new_int_var(0, 2 * self.until_min, "")
                        literal = self.on[job.number][number]
                        intervals.append(self.model.new_optional_interval_var(start - setup, size, end, literal, ""))
                        units.append(wanted)
            if intervals:
                for start, end, wanted in self._held(key):
                    intervals.append(self.model.new_fixed_size_interval_var(start, end - start, ""))
                    units.append(wanted)
                self.model.add_cumulative(intervals, units, pool.capacity)

    def _held(self, key: str) -> Iterator[tuple[int, int, int]]:
        """What frozen runs hold, and what is away; no more than there is."""
        held = [(start, end, units) for start, end, units in self.pools[key].out if start < end]
        for lot in self.problem.fixed_lots:
            for run in lot.runs:
                held += [(run.start_min, run.end_min, u) for k, u in run.pool_needs if k == key]
        edges = sorted({edge for start, end, _ in held for edge in (start, end)})
        for start, end in pairwise(edges):
            units = sum(units for begin, until, units in held if begin <= start < until)
            if units:
                yield start, end, min(units, self.pools[key].capacity)

    def _sequences(self) -> None:
        for sequence in self.problem.sequences:
            order = {line: number for number, line in enumerate(sequence.lines)}
            works = [
                (order[bundle.line.key], self.start[job.number], self.end[job.number], self.on[job.number][number])
                for bundle in self.shop.bundles
                if bundle.line.key in order
                for job in bundle.all_jobs()
                for number, option in enumerate(job.options)
                if option.machine.key == sequence.machine
            ]
            for first in works:
                for then in works:
                    if first[0] < then[0]:
                        self.model.add(then[1] >= first[2]).only_enforce_if(first[3], then[3])


Node = tuple[str, Any, Any, Any]
"""(family, earliest work, end, literal) of a run on a machine with changeovers; the literal of frozen work is None."""


def batches_of(bundle: Bundle, job: Job) -> tuple[int, ...]:
    """Pieces of the batches of a job."""
    return bundle.lot.batches[job.part.first_batch : end_of(job)]


def end_of(job: Job) -> int:
    """The number behind its last batch."""
    return job.part.first_batch + job.part.batches


def waits_min(job: Job, pieces: int) -> int:
    """Minutes without a machine behind a batch, as if they all passed at once."""
    return sum(wait.fixed_min + -(-pieces * wait.piece_s // 60) for wait in job.step.waits)


def _joined(periods: Iterable[Period]) -> list[Period]:
    """The same minutes, each once."""
    joined: list[Period] = []
    for start, end in sorted(period for period in periods if period[0] < period[1]):
        if joined and start < joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined
