"""The list of rounds and a round's page: its stage, its clock, who has not answered, how far it is."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Count, Sum
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mes.core.desk.columns import NOTHING, column, grouped, state
from mes.core.desk.filters import by_choice, by_day
from mes.core.desk.lists import DeskAdmin
from mes.core.desk.related import Related
from mes.core.desk.sections import Section
from procurement.rounds.admin.acts import CREATE, ROUND_ACTS
from procurement.rounds.choices import OPEN_STATUSES, CommitmentStatus, RoundStatus
from procurement.rounds.models import Commitment, DemandSnapshot, Round, RoundLine, RoundMove, UseAllowance
from procurement.rounds.selectors import firms_without_answer

_MOST_NAMED = 60

STATUS = state(
    Round,
    "status",
    good=(RoundStatus.AWARDED, RoundStatus.DELIVERING, RoundStatus.SETTLING, RoundStatus.CLOSED),
    warn=(RoundStatus.COLLECTING, RoundStatus.FIRMING, RoundStatus.TENDERING, RoundStatus.CONFIRMING),
    bad=(RoundStatus.CANCELLED, RoundStatus.FAILED),
)


def _next_time(row: Round) -> object:
    """What the clock does next, and when."""
    if row.suspended_at is not None:
        return gettext("stands still")
    if row.status == RoundStatus.COLLECTING:
        return row.firming_at
    if row.status == RoundStatus.FIRMING:
        return row.demand_closes_at
    return row.quotations_close_at if row.status in {RoundStatus.FROZEN, RoundStatus.TENDERING} else NOTHING


def _unanswered(row: Round) -> str:
    """Firms without a commitment, by name. Those that have one are not named beside."""
    if row.status not in OPEN_STATUSES:
        return NOTHING
    firms = firms_without_answer(round_id=row.pk)
    names = ", ".join(str(firm) for firm in firms[:_MOST_NAMED])
    if len(firms) > _MOST_NAMED:
        names += gettext(" and %(count)s more") % {"count": len(firms) - _MOST_NAMED}
    return names or gettext("all have answered")


def _progress(row: Round) -> str:
    """What stands so far, as this person sees it."""
    standing = Commitment.objects.filter(line__round=row, status=CommitmentStatus.SUBMITTED)
    found = standing.aggregate(firms=Count("firm_id", distinct=True), kg=Sum("wanted_kg", default=0))
    return gettext("%(firms)s firms, %(kg)s kg wanted") % {"firms": found["firms"], "kg": grouped(found["kg"])}


@admin.register(Round)
class RoundAdmin(DeskAdmin):
    section = Section.ROUNDS
    icon = "shopping_cart"
    rank = 10
    list_display = ("code", "title", STATUS, column(_("next, by the clock"), _next_time), "demand_closes_at")
    list_filter = (by_choice("status"), by_day("demand_closes_at"))
    search_fields = ("code", "title")
    page_fields = (
        "code", "title", "mode", STATUS, "suspended_at", column(_("next, by the clock"), _next_time), "firming_at",
        "demand_closes_at", "quotations_close_at", column(_("progress"), _progress),
        column(_("no answer yet"), _unanswered), "use_cap_permille", "few_firms_reason", "end_reason",
        "policy_sha256", "created_at",
    )  # fmt: skip
    ordering = ("-demand_closes_at",)
    related = (
        Related(RoundLine, "round"),
        Related(DemandSnapshot, "line__round"),
        Related(Commitment, "line__round"),
        Related(UseAllowance, "line__round"),
        Related(RoundMove, "round"),
    )
    acts_on_list = (CREATE,)
    acts_on_row = ROUND_ACTS
