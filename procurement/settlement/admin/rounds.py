"""What the settlement adds to a round's page: fees, and its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mes.core.actors import Actor
from mes.core.clock import business_now
from mes.core.desk.acts import Act, ActForm, offer
from mes.core.desk.related import Related, relate
from procurement.rounds.choices import RoundStatus
from procurement.rounds.models import Round
from procurement.settlement.choices import FeeKind
from procurement.settlement.models import MOST_FEN, MOST_REFERENCE, Fee
from procurement.settlement.services import fee_book, round_close


class FeeForm(ActForm):
    kind = forms.ChoiceField(label=_("kind"), choices=FeeKind.choices)
    fen = forms.IntegerField(label=_("without VAT, fen"), min_value=1, max_value=MOST_FEN)
    reference = forms.CharField(label=_("number of its invoice"), max_length=MOST_REFERENCE)


def _fee(actor: Actor, row: Round, values: Mapping[str, Any]) -> str:
    fee_book(actor=actor, round_id=row.pk, now=business_now(), **values)
    return gettext("The fee is passed on to the firms by what they got.")


def _close(actor: Actor, row: Round, _values: Mapping[str, Any]) -> str:
    round_close(actor=actor, round_id=row.pk, now=business_now())
    return gettext("The round is closed: its ledger sums to zero.")


def _settles(row: Round) -> bool:
    return row.status == RoundStatus.SETTLING and row.suspended_at is None


offer(
    Round,
    Act(
        name="book-fee",
        verb="fee.book",
        title=_("Pass on a fee"),
        explained=_("What the association paid for the round, at cost, split over the firms by the kg they got."),
        run=_fee,
        icon="request_quote",
        form=FeeForm,
        applies=_settles,
    ),
    Act(
        name="close",
        verb="round.close",
        title=_("Close the round"),
        explained=_("When all that was accepted is invoiced and settled, no claim is open and no deposit is held."),
        run=_close,
        icon="task_alt",
        applies=_settles,
    ),
)
relate(Round, Related(Fee, "round"))
