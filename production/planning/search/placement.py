"""One lot onto machines: feeding steps just in time, one forming run, finishing batch by batch."""

from production.planning.problem import Line
from production.planning.search.board import Board
from production.planning.search.hours import FAR, Law
from production.planning.search.plant import Path, PathStep, Worker
from production.planning.search.track import Fit, Slot

FEED_AHEAD_MIN = 1440
"""How long before it is needed a batch may be fed. Earlier would take the machines from other lots."""

DELAY_ROUNDS = 8
"""How often a forming run is put off by its greatest delay until no batch comes late."""


class Resource:
    """A way to make a lot: a path, its forming machine (None: the path has none), and the offer it uses.

    rank: order of preference, by price; 0 at home.
    """

    __slots__ = ("offer", "path", "rank", "window", "worker")

    def __init__(
        self, path: Path, worker: Worker | None, offer: str | None, window: tuple[int, int], rank: int
    ) -> None:
        self.path = path
        self.worker = worker
        self.offer = offer
        self.window = window
        self.rank = rank


class PlacedLot:
    """A lot on the board. formed_min: end of its forming run (of its work, when it has none)."""

    __slots__ = ("batches", "finish_min", "formed_min", "forming", "number", "pieces", "resource", "slots")

    def __init__(self, number: int, resource: Resource, batches: list[int]) -> None:
        self.number = number
        self.resource = resource
        self.batches = batches
        self.pieces = sum(batches)
        self.finish_min = 0
        self.formed_min = 0
        self.forming: Slot | None = None
        self.slots: list[tuple[int, Slot]] = []


class LotPlacer:
    """Places one lot; whatever it has done when it gives up is left for the caller to undo."""

    def __init__(self, board: Board, line: Line, resource: Resource, batches: list[int]) -> None:
        self.board = board
        self.line = line
        self.path = resource.path
        self.resource = resource
        self.batches = batches
        self.lot = PlacedLot(board.new_lot(line.key), resource, batches)
        self.horizon = board.plant.problem.horizon_min

    def place(self) -> PlacedLot | None:
        """The lot with its runs on the board; None when some step finds no place."""
        release = max(self.line.release_min, 0)
        ready: list[int] | None = [release] * len(self.batches)
        if self.path.forming is not None:
            ready = self._form(self.path.forming, release)
        for step in self.path.after:
            if ready is None:
                return None
            ready = self._work(step, ready)
        if ready is None:
            return None
        self.lot.finish_min = max(ready) + self.path.trip_min
        return self.lot

    def _form(self, step: PathStep, release: int) -> list[int] | None:
        """Finds the forming run's place together with its feeding; gives when its batches are handed over."""
        assert self.resource.worker is not None
        number, law = self.resource.worker
        track = self.board.tracks[number]
        units = law.units(self.lot.pieces)
        if self.resource.offer is not None and not self.board.use_offer(self.resource.offer, law.minutes(units)):
            return None
        lowest, highest = self.resource.window
        supplied = self._with_materials(step, [release] * len(self.batches))
        if supplied is None:
            return None
        ready = max(supplied[0], release + feeding_min(self.path, self.batches))
        found = self._fit(number, law, step, (units, ready, lowest, highest))
        fed: list[int] | None = None
        for _ in range(DELAY_ROUNDS):
            if found is None:
                return None
            begins, ends = law.spans(track.hours, found[2], self.batches)
            if fed is None:
                fed = self._feed(begins, release)
                if fed is None:
                    return None
                fed = [max(pair) for pair in zip(fed, supplied, strict=True)]
            delay = max(0, *(at - begin for at, begin in zip(fed, begins, strict=True)))
            if delay == 0 and not self._clashes(number, step, found):
                self._insert_forming(number, law, step, found)
                return self._hand_over(step, ends)
            found = self._fit(number, law, step, (units, found[2] + delay, lowest, highest))
        return None

    def _fit(self, number: int, law: Law, step: PathStep, wanted: tuple[int, int, int, int]) -> Fit | None:
        """The earliest place on a machine in which the pools have what the run needs.

        wanted: units, and when work may begin, the earliest and the latest minute of the run.
        """
        units, ready, lowest, highest = wanted
        track = self.board.tracks[number]
        needs = self.board.plant.needs_on(number, step)
        while True:
            found = track.fit(law, units, step.family, ready, lowest, highest)
            if found is None or not needs:
                return found
            again = self.board.pools.clash(needs, track.hours, found[1], found[2], found[0])
            if again is None:
                return found
            lowest = again

    def _clashes(self, number: int, step: PathStep, found: Fit) -> bool:
        """Whether its feeding, which was placed meanwhile, holds what the run needs."""
        needs = self.board.plant.needs_on(number, step)
        end, start, work = found
        return self.board.pools.clash(needs, self.board.tracks[number].hours, start, work, end) is not None

    def _insert_forming(self, number: int, law: Law, step: PathStep, found: Fit) -> None:
        end, start, work = found
        slot = Slot(start, work, end, step.family, law=law, lowest=self.resource.window[0])
        slot.is_pinned = start == step.start_min
        slot.needs = self.board.plant.needs_on(number, step)
        slot.pieces = self.lot.pieces
        slot.parts = [(self.lot.number, step.number, batch) for batch in range(len(self.batches))]
        self.board.insert(number, slot)
        self.lot.forming = slot
        self.lot.formed_min = end
        self.lot.slots.append((number, slot))

    def _feed(self, needed: list[int], release: int) -> list[int] | None:
        """Steps before the forming one, each batch about a day before it is needed at the earliest."""
        ahead = FEED_AHEAD_MIN
        for step in self.path.before:
            if step.whole:
                workers = step.workers
                law = workers[0][1]
                ahead += law.minutes(law.units(self.lot.pieces)) // len(workers) + law.setup
        if any(step.whole for step in self.path.before):
            needed = [needed[0]] * len(needed)
        ready: list[int] | None = [max(release, at - ahead) for at in needed]
        for step in self.path.before:
            if ready is None:
                return None
            if step.start_min is not None:
                ready = [max(release, min(at, step.start_min)) for at in ready]
            ready = self._work(step, ready)
        return ready

    def _with_materials(self, step: PathStep, ready: list[int]) -> list[int] | None:
        if not step.materials:
            return ready
        firm, trip_min = self.path.supply
        moved = list(ready)
        for batch, size in enumerate(self.batches):
            for material, grams in step.materials:
                at = self.board.reserve(firm, material, grams * size)
                if at is None:
                    return None
                moved[batch] = max(moved[batch], max(at, 0) + trip_min)
        return moved

    def _work(self, step: PathStep, ready: list[int]) -> list[int] | None:
        """All batches through a step that several machines may share; gives when they are handed over."""
        supplied = self._with_materials(step, ready)
        if supplied is None:
            return None
        ends: list[int] = []
        mine: dict[int, Slot] = {}
        for first, last in self._loads(step):
            group = self.batches[first:last]
            done = self._work_load(step, mine, first, group, max(supplied[first:last]))
            if done is None:
                return None
            ends.extend(done)
        if self.lot.forming is None:
            self.lot.formed_min = max(ends)
        return self._hand_over(step, ends)

    def _loads(self, step: PathStep) -> list[tuple[int, int]]:
        """Batches worked together: one by one at a rate, as many as its load takes by an oven."""
        law = step.workers[0][1]
        loads: list[tuple[int, int]] = []
        carried = 0
        for batch, size in enumerate(self.batches):
            if law.is_cycle and loads and carried + size <= law.per:
                loads[-1] = (loads[-1][0], batch + 1)
                carried += size
            else:
                loads.append((batch, batch + 1))
                carried = size
        return loads

    def _work_load(
        self, step: PathStep, mine: dict[int, Slot], first: int, group: list[int], ready: int
    ) -> list[int] | None:
        pieces = sum(group)
        longer, limit = self._longer_run(mine, pieces, ready)
        best: Fit | None = None
        chosen: Worker | None = None
        for worker in step.workers:
            number, law = worker
            floor, ceiling = self.board.between(number, self.line.key)
            lowest, highest = max(floor, step.start_min or 0), min(limit, ceiling)
            found = self._fit(number, law, step, (law.units(pieces), ready, lowest, highest))
            if found is not None and (best is None or found[0] < best[0]):
                best, chosen, limit = found, worker, found[0] - 1
        if best is None or chosen is None:
            if longer < 0:
                return None
            slot = mine[longer]
            self.board.append(longer, slot, limit + 1, pieces, (self.lot.number, step.number, first))
            return [slot.end]
        number, law = chosen
        slot = Slot(best[1], best[2], best[0], step.family, law=law, lowest=step.start_min or 0)
        slot.is_pinned = best[1] == step.start_min
        slot.needs = self.board.plant.needs_on(number, step)
        slot.pieces = pieces
        slot.parts = [(self.lot.number, step.number, first + batch) for batch in range(len(group))]
        self.board.insert(number, slot)
        self.lot.slots.append((number, slot))
        mine[number] = slot
        if len(group) == 1:
            return [slot.end]
        return law.spans(self.board.tracks[number].hours, slot.work, group)[1]

    def _longer_run(self, mine: dict[int, Slot], pieces: int, ready: int) -> tuple[int, int]:
        """(machine, limit) where this lot's last run on a machine can carry one batch more, ending soonest.

        Another run must end by `limit` to be better. Machine -1: none can.
        """
        machine, limit = -1, self.horizon
        for number, slot in mine.items():
            law = slot.law
            if law is None or law.is_cycle or ready > slot.end:
                continue
            track = self.board.tracks[number]
            end = track.hours.after(slot.work, law.minutes(slot.pieces + pieces))
            if self.board.pools.clash(slot.needs, track.hours, slot.end, slot.end, end) is not None:
                continue
            if end <= limit and end <= track.free_until(slot):
                machine, limit = number, end - 1
        return machine, limit

    def _hand_over(self, step: PathStep, ends: list[int]) -> list[int] | None:
        """When each batch may start the next step: after its waits; together where the lot goes on whole."""
        plant, firm = self.board.plant, self.path.firm
        done = [plant.after_waits(firm, step.waits, size, at) for size, at in zip(self.batches, ends, strict=True)]
        latest = max(done)
        if latest >= FAR:
            return None
        return [latest] * len(done) if step.whole else done


def feeding_min(path: Path, batches: list[int]) -> int:
    """Least minutes before the forming run can start: its first batch, or the whole lot, is fed."""
    total = 0
    for step in path.before:
        pieces = sum(batches) // len(step.workers) if step.whole else batches[0]
        law = step.workers[0][1]
        total += law.setup + law.minutes(law.units(max(pieces, 1))) + _waits_min(step, batches[0])
    return total


def finishing_min(path: Path, last_batch: int) -> int:
    """Least minutes after the forming run's end for its last batch, in open time, with the trip."""
    total = path.trip_min
    if path.forming is not None:
        total += _waits_min(path.forming, last_batch)
    for step in path.after:
        law = step.workers[0][1]
        total += law.setup + law.minutes(law.units(last_batch)) + _waits_min(step, last_batch)
    return total


def _waits_min(step: PathStep, pieces: int) -> int:
    return sum(wait.fixed_min + -(-pieces * wait.piece_s // 60) for wait in step.waits)
