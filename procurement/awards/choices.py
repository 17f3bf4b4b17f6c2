from django.db import models
from django.utils.translation import gettext_lazy as _

from mes.core.states import Moves, table


class PlanKind(models.TextChoices):
    OPTIMAL = "optimal", _("optimal")
    GREEDY = "greedy", _("greedy")
    OVERRIDE = "override", _("override")


class PlanStatus(models.TextChoices):
    """`proposed`: put to the firms. `set_aside`: another one was put to them, or it was solved again."""

    CANDIDATE = "candidate", _("candidate")
    PROPOSED = "proposed", _("proposed")
    AWARDED = "awarded", _("awarded")
    SET_ASIDE = "set_aside", _("set aside")


NEXT: Moves = table(candidate=("proposed", "set_aside"), proposed=("awarded", "set_aside"))


class Answer(models.TextChoices):
    """What a firm says to its share. `silent`: the time ended, and the rule chosen with the commitment holds."""

    CONFIRMED = "confirmed", _("confirmed")
    OPTED_OUT = "opted_out", _("opted out")
