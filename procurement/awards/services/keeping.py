"""After the last opt-outs that are solved again: the award is kept for the others, where no price of theirs rises."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from mes.core.actors import system_actor
from procurement.award.fairness import line_prices, whole_fen
from procurement.awards.choices import Answer, PlanStatus
from procurement.awards.models import AwardPlan, AwardRun, AwardSearch, FirmShare
from procurement.awards.selectors.problem import Posed
from procurement.awards.services.finding import Made, kg_by_share
from procurement.awards.services.moving import plan_put_to_firms, plan_set_aside
from procurement.awards.services.storing import plan_store
from procurement.rounds.choices import RoundStatus
from procurement.rounds.models import Round
from procurement.rounds.services.moves import round_moved


def keep(
    search: AwardSearch,
    row: Round,
    run_id: UUID | None,
    posed: Posed,
    made: Sequence[Made],
    said: str,
    *,
    now: datetime,
) -> str:
    """The plan without those who opted out takes the place of the one that was put to the firms, with their answers.

    Where it breaks a rule, a price rises or a firm that confirmed would be out, the round goes back to the officers;
    returns why.
    """
    before = AwardPlan.objects.get(round=row, status=PlanStatus.PROPOSED)
    confirmed = before.shares.filter(answer=Answer.CONFIRMED, kg__gt=0)
    if made and not said:
        said = _worse(posed, made[0], confirmed)
    if said or not made or run_id is None:
        plan_set_aside(before)
        round_moved(
            actor=system_actor(),
            row=row,
            to=RoundStatus.PROPOSED,
            now=now,
            reason=_("opt-outs"),
            confirm_closes_at=None,
        )
        return said or _("Nothing is left to award.")
    run = AwardRun.objects.get(pk=run_id)
    plan = plan_store(search, run, posed, made[0], answered=list(confirmed))
    plan_set_aside(before)
    plan_put_to_firms(plan)
    return ""


def _worse(posed: Posed, made: Made, confirmed: QuerySet[FirmShare]) -> str:
    prices = {line: whole_fen(price) for line, price in line_prices(made.award).items()}
    got = kg_by_share(made.award)
    numbers = {line.pk: key for key, line in posed.lines.items()}
    asked = {(share.firm.code, numbers[share.line_id]): share for share in confirmed.select_related("firm")}
    if asked.keys() != got.keys():
        return _("Another firm would be out, or would have to be asked again.")
    for (_firm, key), share in asked.items():
        if share.price_fen_per_t is None or prices[key] > share.price_fen_per_t:
            return _("The price of line %(line)s would rise.") % {"line": int(key)}
    return ""
