"""How many pieces each machine gets when a line is split: estimated from free time, corrected by placing."""

from collections.abc import Callable, Iterator, Sequence

from production.planning.problem import Line
from production.planning.search.batches import plain_batches, ramped_batches
from production.planning.search.board import Board
from production.planning.search.hours import FAR
from production.planning.search.placement import (
    LotPlacer,
    PlacedLot,
    Resource,
    feeding_min,
    finishing_min,
)

FEW_LOTS = 3
"""Up to so many lots, contention among them is small and few corrections do."""

ROUNDS_FEW = 2
ROUNDS_MANY = 10
STALE_ROUNDS = 1
"""Trials without a better one after which no more are made."""

BISECTION_MIN = 15
"""The finish that is sought for is found to this many minutes before corrections."""

Share = tuple[int, int]
"""(number of the resource, pieces)."""


def least_lot(board: Board, line: Line, resource: Resource) -> int:
    """The smallest lot, in pieces, that line and offer allow at a resource."""
    least = min(line.least_lot_pieces, line.pieces)
    if resource.offer is None:
        return least
    return max(least, -(-board.plant.offers[resource.offer].least_lot_g // line.unit_mass_g))


class Sizer:
    """Splits one line over resources. `tails[i]`: minutes from the end of forming to the finish at i.

    The tails start as the least possible ones; each trial placement corrects them by what queues at feeding
    and finishing machines have really cost.
    """

    def __init__(self, board: Board, line: Line, resources: Sequence[Resource], *, least_pieces: int = 1) -> None:
        self.board = board
        self.line = line
        self.resources = resources
        self.release = max(line.release_min, 0)
        self.leads: list[int] = []
        self.tails: list[int] = []
        for resource in resources:
            assert resource.worker is not None
            law = resource.worker[1]
            batches = ramped_batches(line.pieces, resource.path, law.per)
            self.leads.append(feeding_min(resource.path, batches))
            self.tails.append(finishing_min(resource.path, batches[-1]))
        self.least = [max(least_lot(board, line, resource), least_pieces) for resource in resources]
        self.by_rank: dict[int, list[int]] = {}
        for index, resource in enumerate(resources):
            self.by_rank.setdefault(resource.rank, []).append(index)
        self.ranks = sorted(self.by_rank)
        self.least_tails = tuple(self.tails)
        self.is_staggered = False
        self.mean_pieces = 0
        self.stale = 0

    def cycle_pieces(self, index: int) -> int:
        """Pieces of one cycle at a resource."""
        worker = self.resources[index].worker
        return worker[1].per if worker is not None else 1

    def capacity(self, index: int, finish_min: int) -> int:
        """Pieces that one run can form so that they are finished by finish_min, if nothing queues."""
        resource = self.resources[index]
        assert resource.worker is not None
        assert resource.path.forming is not None
        number, law = resource.worker
        lowest, highest = resource.window
        highest = min(highest, finish_min - self.tails[index])
        ready = self.release + self.leads[index]
        units = self.board.tracks[number].room(law, resource.path.forming.family, ready, lowest, highest)
        left = self.board.offered.get(resource.offer or "")
        if left is not None:
            units = min(units, left * law.den // law.num)
        return units * law.per

    def predicted(self, index: int, pieces: int) -> int:
        """When a lot of that size would be finished, if nothing queues beyond the tail; FAR: no place."""
        resource = self.resources[index]
        assert resource.worker is not None
        assert resource.path.forming is not None
        number, law = resource.worker
        found = self.board.tracks[number].fit(
            law,
            law.units(pieces),
            resource.path.forming.family,
            self.release + self.leads[index],
            *resource.window,
        )
        return found[0] + self.tails[index] if found is not None else FAR

    def shares(self, finish_min: int, pieces: int) -> list[Share]:
        """Few and large lots by finish_min: home first, cheaper offers before dearer, larger rooms first.

        Given in the order of the resources, so that who queues behind whom stays the same from one trial to
        the next.
        """
        chosen: list[Share] = []
        left = pieces
        for rank in self.ranks:
            rooms = self._rooms(rank, finish_min)
            for negative_room, index in sorted(rooms):
                if not left or -negative_room < max(1, self.least[index]):
                    break
                take = min(-negative_room, left)
                short = self.least[index] - take
                if short > 0:
                    if not chosen or chosen[-1][1] - short < self.least[chosen[-1][0]]:
                        continue
                    chosen[-1] = (chosen[-1][0], chosen[-1][1] - short)
                    take += short
                    left += short
                chosen.append((index, take))
                left -= take
            if not left:
                break
        return sorted(chosen)

    def _rooms(self, rank: int, finish_min: int) -> list[Share]:
        """(-pieces by finish_min, number) of one rank's resources; staggered: earlier ones finish earlier."""
        rooms = [(-self.capacity(index, finish_min), index) for index in self.by_rank[rank]]
        if not self.is_staggered:
            return rooms
        usable = [index for room, index in rooms if -room >= max(1, self.least[index])]
        staggered = []
        for behind, index in enumerate(reversed(usable)):
            lag = behind * finishing_lag_min(self.resources[index], self.mean_pieces)
            staggered.append((-self.capacity(index, finish_min - lag), index))
        return staggered

    def place(self, shares: list[Share], finish_min: int) -> list[PlacedLot] | None:
        """Places the shares and corrects the tails; None when one finds no place."""
        expected = [self.predicted(index, pieces) for index, pieces in shares]
        self.mean_pieces = sum(pieces for _, pieces in shares) // len(shares)
        lots: list[PlacedLot] = []
        for (index, pieces), predicted in zip(shares, expected, strict=True):
            lot = self.place_one(index, pieces, ramped=len(shares) > 1)
            if lot is None:
                self.tails[index] += finish_min
                return None
            lots.append(lot)
            self.tails[index] += lot.finish_min - predicted
        return lots

    def place_one(self, index: int, pieces: int, *, ramped: bool) -> PlacedLot | None:
        """One lot at a resource; undone when it finds no place."""
        resource = self.resources[index]
        per = resource.worker[1].per if resource.worker is not None else 1
        cut = ramped_batches if ramped else plain_batches
        mark = self.board.mark()
        lot = LotPlacer(self.board, self.line, resource, cut(pieces, resource.path, per)).place()
        if lot is None:
            self.board.undo(mark)
        return lot


def finishing_lag_min(resource: Resource, pieces: int) -> int:
    """How long a lot handed over whole keeps the busiest finishing machines; 0 for batches."""
    path = resource.path
    lag = 0
    if path.forming is not None and path.forming.whole:
        for step in path.after:
            law = step.workers[0][1]
            lag = max(lag, law.minutes(law.units(pieces)) // len(step.workers))
    return lag


def fill_on_time(
    board: Board, line: Line, resources: Sequence[Resource], pieces: int, *, whole: bool = False
) -> list[PlacedLot]:
    """As many of `pieces` as can be finished by the due date; the lots are on the board, none of them late.

    whole: nothing less than all of them is of use, so it gives up as soon as that is out of reach.
    """
    if pieces <= 0 or not resources:
        return []
    sizer = Sizer(board, line, resources)
    mark = board.mark()
    best: list[Share] = []
    best_pieces = 0
    for shares in _trials(sizer, lambda: sizer.shares(line.due_min, pieces)):
        if whole and sum(size for _, size in shares) < pieces:
            break
        lots = sizer.place(shares, line.due_min)
        if lots is None:
            board.undo(mark)
            continue
        good = [share for share, lot in zip(shares, lots, strict=True) if lot.finish_min <= line.due_min]
        on_time = sum(size for _, size in good)
        if on_time > best_pieces:
            best, best_pieces, sizer.stale = good, on_time, 0
            if on_time == pieces:
                return lots
        board.undo(mark)
    if len(best) > FEW_LOTS and any(_is_whole(resource) for resource in resources):
        best = _polished(sizer, best, line.due_min, pieces)
    return _redo(sizer, best, line.due_min)


def _polished(sizer: Sizer, shares: list[Share], finish_min: int, pieces: int) -> list[Share]:
    """One more cycle for each lot that can take it without making any late."""
    mark = sizer.board.mark()
    for place, (index, size) in enumerate(shares):
        more = min(sizer.cycle_pieces(index), pieces - sum(size for _, size in shares))
        if not more:
            break
        longer = [*shares[:place], (index, size + more), *shares[place + 1 :]]
        lots = sizer.place(longer, finish_min)
        sizer.board.undo(mark)
        if lots is not None and max(lot.finish_min for lot in lots) <= finish_min:
            shares = longer
    return shares


def fill_soonest(board: Board, line: Line, resources: Sequence[Resource], pieces: int) -> list[PlacedLot]:
    """All `pieces` (or what the horizon takes), the last lot finished as early as can be found."""
    if not resources:
        return []
    portion = min(resource.path.transfer or 1 for resource in resources)
    sizer = Sizer(board, line, resources, least_pieces=min(portion, pieces))
    mark = board.mark()
    horizon = board.plant.problem.horizon_min
    best: list[Share] = []
    best_key = (-1, 0)
    for shares in _trials(sizer, lambda: sizer.shares(_soonest(sizer, pieces, horizon), pieces)):
        lots = sizer.place(shares, horizon)
        board.undo(mark)
        if lots is None:
            continue
        key = (sum(size for _, size in shares), -max(lot.finish_min for lot in lots))
        if key > best_key:
            best, best_key, sizer.stale = shares, key, 0
    if len(best) > FEW_LOTS and any(_is_whole(resource) for resource in resources):
        best = _levelled(sizer, best, horizon)
    return _redo(sizer, best, FAR)


def _levelled(sizer: Sizer, shares: list[Share], horizon: int) -> list[Share]:
    """Cycles moved to the lots that come last to the finishing machines while that helps."""
    mark = sizer.board.mark()

    def last_finish(trial: list[Share]) -> int:
        lots = sizer.place(trial, horizon)
        sizer.board.undo(mark)
        return max(lot.finish_min for lot in lots) if lots is not None else FAR

    best = last_finish(shares)
    count = len(shares)
    for taker in range(count - 1, count // 2, -1):
        for giver in range(taker):
            moved = sizer.cycle_pieces(shares[giver][0])
            if shares[giver][1] - moved < max(1, sizer.least[shares[giver][0]]):
                continue
            trial = list(shares)
            trial[giver] = (trial[giver][0], trial[giver][1] - moved)
            trial[taker] = (trial[taker][0], trial[taker][1] + moved)
            finish = last_finish(trial)
            if finish < best:
                best, shares = finish, trial
    return shares


def _trials(sizer: Sizer, shares_of: Callable[[], list[Share]]) -> Iterator[list[Share]]:
    """Shares to try, each from the tails that the trial before has left: all at once, then staggered."""
    is_many = False
    for sizer.is_staggered in (False, True):
        if sizer.is_staggered and not (is_many and any(_is_whole(item) for item in sizer.resources)):
            return
        sizer.tails = list(sizer.least_tails)
        sizer.stale = 0
        before: list[Share] = []
        for number in range(ROUNDS_MANY):
            shares = shares_of()
            if not shares or shares == before or (number >= ROUNDS_FEW and not is_many):
                break
            if sizer.stale > (ROUNDS_MANY if sizer.is_staggered else STALE_ROUNDS):
                break
            sizer.stale += 1
            is_many = len(shares) > FEW_LOTS
            yield shares
            before = shares


def _is_whole(resource: Resource) -> bool:
    return resource.path.forming is not None and resource.path.forming.whole


def _redo(sizer: Sizer, shares: list[Share], finish_min: int) -> list[PlacedLot]:
    lots = []
    for index, pieces in shares:
        mark = sizer.board.mark()
        lot = sizer.place_one(index, pieces, ramped=len(shares) > 1)
        if lot is not None and lot.finish_min <= finish_min:
            lots.append(lot)
        else:
            sizer.board.undo(mark)
    return lots


def _soonest(sizer: Sizer, pieces: int, horizon: int) -> int:
    """The earliest finish by which the shares add up; the horizon when they never do."""
    low, high = sizer.release, horizon
    while high - low > BISECTION_MIN:
        middle = (low + high) // 2
        if sum(size for _, size in sizer.shares(middle, pieces)) >= pieces:
            high = middle
        else:
            low = middle
    return high
