from django.db import models
from django.utils.translation import gettext_lazy as _

from mes.core.states import Moves, table


class PlanKind(models.TextChoices):
    """`kept`: what stands after the last opt-outs that are not solved again."""

    OPTIMAL = "optimal", _("optimal")
    GREEDY = "greedy", _("greedy")
    OVERRIDE = "override", _("override")
    KEPT = "kept", _("kept without those who opted out")


class PlanStatus(models.TextChoices):
    """`proposed`: put to the firms. `set_aside`: another one was put to them, or it was solved again."""

    CANDIDATE = "candidate", _("candidate")
    PROPOSED = "proposed", _("proposed")
    AWARDED = "awarded", _("awarded")
    SET_ASIDE = "set_aside", _("set aside")


NEXT: Moves = table(candidate=("proposed", "set_aside"), proposed=("awarded", "set_aside"))

# What a firm reads of its share.
SHARE_STATUSES = [(status.value, status.label) for status in PlanStatus if status is not PlanStatus.CANDIDATE]

SHARE_NEXT: Moves = table(candidate=("proposed",), proposed=("awarded", "set_aside"))
"""A candidate's share is told to nobody, also when it is set aside."""


class SearchKind(models.TextChoices):
    """`keep`: after the last opt-outs that are not solved again."""

    SOLVE = "solve", _("search")
    OVERRIDE = "override", _("override")
    KEEP = "keep", _("keep the rest")


class SearchStatus(models.TextChoices):
    """`refused`: what was asked for breaks a rule. `stale`: the round has moved on meanwhile."""

    QUEUED = "queued", _("queued")
    DONE = "done", _("done")
    REFUSED = "refused", _("refused")
    STALE = "stale", _("out of date")
    FAILED = "failed", _("failed")


SEARCH_NEXT: Moves = table(queued=("done", "refused", "stale", "failed"))


class Outcome(models.TextChoices):
    """Why a firm gets nothing of a line."""

    SERVED = "served", _("served")
    PRICE = "price", _("the price is above the reserve")
    LEAST = "least", _("less than it can use")
    SHORT = "short", _("too little is offered")
    NO_AWARD = "no_award", _("nothing is awarded")


class Answer(models.TextChoices):
    CONFIRMED = "confirmed", _("confirmed")
    OPTED_OUT = "opted_out", _("opted out")
