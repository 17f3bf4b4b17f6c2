from django.db import models
from django.utils.translation import gettext_lazy as _

from mes.core.states import Moves, table


class QualificationStatus(models.TextChoices):
    PROPOSED = "proposed", _("proposed")
    QUALIFIED = "qualified", _("qualified")
    REFUSED = "refused", _("refused")
    SUSPENDED = "suspended", _("suspended")


NEXT: Moves = table(
    proposed=("qualified", "refused"),
    qualified=("suspended",),
    suspended=("qualified", "refused"),
    refused=("proposed",),
)
