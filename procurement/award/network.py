"""Whole units from suppliers to groups of firms that take the same ones: what can still be had, and who competes."""

from collections import deque
from fractions import Fraction
from itertools import pairwise


class Network:
    """Groups get units of suppliers that they approve. What a group has got may change its supplier, not shrink."""

    def __init__(self, supply: dict[str, int], approved: list[tuple[str, ...]]) -> None:
        self.supply = supply
        self.free = dict(supply)
        self.approved = approved
        self.flow: list[dict[str, int]] = [dict.fromkeys(names, 0) for names in approved]

    def scaled(self, factor: int) -> "Network":
        """A copy with all quantities times the factor."""
        copy = Network({key: value * factor for key, value in self.supply.items()}, self.approved)
        copy.free = {key: value * factor for key, value in self.free.items()}
        copy.flow = [{key: value * factor for key, value in row.items()} for row in self.flow]
        return copy

    def got(self, group: int) -> int:
        """What the group has."""
        return sum(self.flow[group].values())

    def push(self, group: int, units: int) -> int:
        """Gives the group up to so many more; says how many it got."""
        left = units
        while left:
            path = self._path(group)
            if path is None:
                break
            left -= self._send(path, left)
        return units - left

    def reached(self, groups: list[int]) -> tuple[set[int], set[str]]:
        """All groups and suppliers that these compete with and for."""
        seen, names = set(groups), set[str]()
        queue = deque(groups)
        while queue:
            for name in self.approved[queue.popleft()]:
                if name in names:
                    continue
                names.add(name)
                for other, row in enumerate(self.flow):
                    if other not in seen and row.get(name):
                        seen.add(other)
                        queue.append(other)
        return seen, names

    def _path(self, group: int) -> list[tuple[int, str]] | None:
        """(group, supplier it takes more of), from a supplier with something free back to the group."""
        came: dict[int, tuple[int, str] | None] = {group: None}
        queue = deque([group])
        seen = set[str]()
        while queue:
            at = queue.popleft()
            for name in self.approved[at]:
                if name in seen:
                    continue
                seen.add(name)
                if self.free[name]:
                    return self._back(came, at, name)
                for other, row in enumerate(self.flow):
                    if other not in came and row.get(name):
                        came[other] = (at, name)
                        queue.append(other)
        return None

    @staticmethod
    def _back(came: dict[int, tuple[int, str] | None], at: int, name: str) -> list[tuple[int, str]]:
        path = [(at, name)]
        step = came[at]
        while step is not None:
            path.append(step)
            step = came[step[0]]
        return path

    def _send(self, path: list[tuple[int, str]], units: int) -> int:
        """Along the path each group takes of its supplier what the group before gives up."""
        amount = min(units, self.free[path[0][1]])
        for (group, _), (_, given_up) in pairwise(path):
            amount = min(amount, self.flow[group][given_up])
        self.free[path[0][1]] -= amount
        for number, (group, name) in enumerate(path):
            self.flow[group][name] += amount
            if number + 1 < len(path):
                self.flow[group][path[number + 1][1]] -= amount
        return amount


def tight_ratio(network: Network, weights: dict[int, int]) -> tuple[Fraction, set[int]]:
    """The greatest part of its weight, at most all, that each group can get at once, and the groups that it is tight
    for (none if each can get all)."""
    ratio, tight = Fraction(1), set[int]()
    while True:
        trial = network.scaled(ratio.denominator)
        wanted = {group: weight * ratio.numerator for group, weight in weights.items()}
        failing = [group for group in sorted(weights) if trial.push(group, wanted[group]) < wanted[group]]
        if not failing:
            return ratio, tight
        reached, names = trial.reached(failing)
        supply = sum(network.supply[name] for name in names) - sum(network.got(group) for group in reached)
        tight = reached & set(weights)
        ratio = Fraction(supply, sum(weights[group] for group in tight))
