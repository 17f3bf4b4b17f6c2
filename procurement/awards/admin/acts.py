"""What a round officer does with an award: search, choose by hand, put to the firms, agree, sign."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mes.core.actors import Actor
from mes.core.clock import business_now
from mes.core.desk.acts import Act, ActForm
from procurement.awards import services
from procurement.awards.choices import PlanStatus
from procurement.awards.models import AwardPlan
from procurement.awards.services.searching import MOST_PURCHASES, SEARCHABLE, Purchase
from procurement.rounds.models import MOST_KG, MOST_REASON, Round

_WORDS = 3
_LONGEST = 40 * MOST_PURCHASES


class OverrideForm(ActForm):
    """One purchase in each row: the line's number, the supplier's code, kg."""

    purchases = forms.CharField(
        label=_("purchases"),
        max_length=_LONGEST,
        widget=forms.Textarea(attrs={"rows": 8, "placeholder": "1 S1 30000"}),
        help_text=_("In each row the line's number, the supplier's code and the kg."),
    )
    reason = forms.CharField(label=_("reason"), max_length=MOST_REASON)

    def clean_purchases(self) -> list[Purchase]:
        rows = [row.split() for row in self.cleaned_data["purchases"].splitlines() if row.strip()]
        return [_purchase(number, words) for number, words in enumerate(rows, start=1)]


def _purchase(number: int, words: list[str]) -> Purchase:
    if len(words) != _WORDS or not (words[0].isdecimal() and words[2].isdecimal()) or len(words[2]) > len(str(MOST_KG)):
        raise forms.ValidationError(
            gettext("Row %(number)s is not a line's number, a supplier's code and kg.") % {"number": number}
        )
    return Purchase(int(words[0]), words[1], int(words[2]))


def _search(actor: Actor, row: Round, values: Mapping[str, Any]) -> str:
    services.award_search_start(actor=actor, round_id=row.pk, now=business_now())
    return gettext("The award is being searched. Its plans stand on this page when it is done.")


def _override(actor: Actor, row: Round, values: Mapping[str, Any]) -> str:
    services.award_override(actor=actor, round_id=row.pk, now=business_now(), **values)
    return gettext("Your choice is being priced and judged. It stands on this page when it is done.")


def _propose(actor: Actor, plan: AwardPlan, values: Mapping[str, Any]) -> str:
    services.award_propose(actor=actor, plan_id=plan.pk, now=business_now())
    return gettext("The award is put to the firms.")


def _consent(actor: Actor, plan: AwardPlan, values: Mapping[str, Any]) -> str:
    services.award_consent(actor=actor, plan_id=plan.pk, now=business_now())
    return gettext("You have agreed to the award.")


def _sign(actor: Actor, plan: AwardPlan, values: Mapping[str, Any]) -> str:
    services.award_sign(actor=actor, plan_id=plan.pk, now=business_now())
    return gettext("The award is signed. Firms and suppliers read what they have got.")


def _is_searchable(row: Round) -> bool:
    return row.status in SEARCHABLE and row.suspended_at is None


def _is(status: PlanStatus) -> Callable[[AwardPlan], bool]:
    return lambda plan: plan.status == status


ROUND_ACTS = (
    Act(
        name="search-award",
        verb="award.search",
        title=_("Search the award"),
        explained=_("The cheapest way to buy what was committed, with its proof, and beside it the greedy one."),
        run=_search,
        icon="search",
        applies=_is_searchable,
    ),
    Act(
        name="override-award",
        verb="award.override",
        title=_("Choose by hand"),
        explained=_("What you buy instead is priced, judged, and compared with the optimum."),
        run=_override,
        icon="edit_note",
        form=OverrideForm,
        applies=_is_searchable,
    ),
)

PLAN_ACTS = (
    Act(
        name="propose",
        verb="award.propose",
        title=_("Put to the firms"),
        explained=_("Each firm reads its own shares and confirms or opts out. Silence counts as each has said."),
        run=_propose,
        icon="outgoing_mail",
        applies=_is(PlanStatus.CANDIDATE),
    ),
    Act(
        name="consent",
        verb="award.consent",
        title=_("Agree to the award"),
        explained=_("Two officers who share no interest agree; none of them collected the market quotes."),
        run=_consent,
        icon="how_to_reg",
        applies=_is(PlanStatus.PROPOSED),
    ),
    Act(
        name="sign",
        verb="award.sign",
        title=_("Sign the award"),
        explained=_("From now on it binds firms and suppliers."),
        run=_sign,
        icon="draw",
        applies=_is(PlanStatus.PROPOSED),
    ),
)
