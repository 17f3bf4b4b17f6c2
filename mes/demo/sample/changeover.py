"""The minutes between two recipes, from the rules of `data/changeovers.json`."""

from collections.abc import Iterable

from mes.demo.sample.shapes import ChangeoverRule, Recipe


def changeover_min(*, rules: Iterable[ChangeoverRule], kind: str, before: Recipe | None, after: Recipe) -> int:
    """Minutes to set a machine of `kind` up for `after`; `before` None: it is set up for nothing.

    Equal recipes take 0. In a group the longest rule counts; the groups add up. An empty machine pays the
    tool group only: nothing has to be cleaned out.
    """
    if before == after:
        return 0
    longest: dict[str, int] = {}
    for rule in rules:
        if rule.kind == kind and _applies(rule=rule, before=before, after=after):
            longest[rule.group] = max(rule.minutes, longest.get(rule.group, 0))
    return sum(longest.values())


def _applies(*, rule: ChangeoverRule, before: Recipe | None, after: Recipe) -> bool:
    new = getattr(after, rule.attribute)
    if before is None:
        return rule.group == "tool" and (rule.change == "any" or (rule.change == "to_true" and bool(new)))
    old = getattr(before, rule.attribute)
    tests: dict[str, bool] = {
        "any": old != new,
        "to_true": bool(new) and old != new,
        "to_false": bool(old) and not new,
        "to_darker": rule.attribute == "colour_depth" and bool(new > old),
        "to_lighter": rule.attribute == "colour_depth" and bool(new < old),
    }
    return tests[rule.change]
