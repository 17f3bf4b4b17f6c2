"""What leads to a firm's part of a round by a detour: sums and subtraction, audit rows, events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models

from mes.core.actors import Actor, DatabaseRole, Sight
from mes.core.errors import NotAllowedInState, NotPermitted
from mes.core.models import AuditRow, OutboxEvent
from mes.core.wall import actor_wall, wall
from mes.core.walls import walled_models
from procurement.awards import services
from procurement.awards.models import Allocation, AwardLine, FirmShare
from procurement.quotations.models import Quotation, TenderLine
from procurement.quotations.services import TenderDraft, tender_publish
from procurement.rounds.models import Commitment, DemandSnapshot, LineProgress
from tests.database import as_owner
from tests.factories.park import MONDAY
from tests.factories.rounds import USUAL_WANTS, OpenedRound, T, Want, an_officer, an_opened_round, with_interest
from tests.isolation.questions import right_of
from tests.procurement.work import act, closed, proposed, searched, share_of, signed

pytestmark = pytest.mark.django_db(transaction=True)

PROCUREMENT = [
    model for model in walled_models() if apps.get_app_config(model._meta.app_label).name.startswith("procurement.")
]
WANTED_KG = 80 * T
"""Of PE1 by all firms, 20 t of them by F02; nothing else of the round is so much."""


@pytest.fixture
def found(settings: Any) -> OpenedRound:
    settings.AWARD_SECONDS = 10
    ready = searched(an_opened_round((*USUAL_WANTS[:-2], Want("F01", 11, "PE2"), Want("F03", 8, "PE2"))))
    proposed(ready)
    with as_owner():
        for line in ready.lines.values():
            LineProgress.objects.create(line=line, band="under_100_t", shown_at=MONDAY)
    return ready


def read_by_staff() -> Iterator[type[models.Model]]:
    for model in PROCUREMENT:
        right = right_of(model, DatabaseRole.STAFF)
        if right is not None and "SELECT" in right.privileges:
            yield model


def told(reader: Actor) -> dict[str, set[int]]:
    """Each whole number that the reader finds in a row of procurement, or as the sum of a column, by table."""
    figures: dict[str, set[int]] = {}
    for model in read_by_staff():
        with actor_wall(reader), connection.cursor() as cursor:
            cursor.execute(f'SELECT to_jsonb(found) FROM "{model._meta.db_table}" AS found')
            rows = [json.loads(row) for (row,) in cursor.fetchall()]
        numbers = [{key: value for key, value in row.items() if type(value) is int} for row in rows]
        sums = {sum(row.get(key, 0) for row in numbers) for key in {key for row in numbers for key in row}}
        figures[model._meta.label] = sums | {value for row in numbers for value in row.values()}
    return figures


def test_no_figure_beside_the_others_leads_to_the_firm(found: OpenedRound) -> None:
    price = share_of(found, "F02").price_fen_per_t
    without = told(an_officer())
    assert {label for label, figures in without.items() if WANTED_KG in figures} >= {
        "rounds.DemandSnapshot",
        "quotations.TenderLine",
    }
    barred = with_interest("barred", found.firms["F02"])
    seen = told(barred)
    assert {label for label, figures in seen.items() if {WANTED_KG, price} & figures} == set()
    with actor_wall(barred):
        others = Commitment.objects.filter(line=found.lines["PE1"])
        assert sum(others.values_list("wanted_kg", flat=True)) == WANTED_KG - 20 * T


@pytest.mark.parametrize("firm", ["F02", "S2"])
def test_no_total_rivals_price_or_share_is_left_to_who_is_barred(found: OpenedRound, firm: str) -> None:
    hidden = {DemandSnapshot, TenderLine, Quotation, AwardLine, FirmShare, Allocation, LineProgress}
    with actor_wall(an_officer()):
        assert {model for model in hidden if model.objects.exists()} == hidden
    with actor_wall(with_interest("barred", found.firms[firm])):
        assert {model for model in hidden if model.objects.exists()} == set()


def test_who_is_barred_asks_no_suppliers(found: OpenedRound) -> None:
    asked = {"round_id": found.pk, "draft": TenderDraft(suppliers=("S1",))}
    with pytest.raises(NotAllowedInState):
        act(an_officer(), tender_publish, **asked)
    with pytest.raises(NotPermitted):
        act(with_interest("barred", found.firms["F02"]), tender_publish, **asked)


def test_audit_and_outbox_tell_offices_beside_the_rounds_of_no_firms_part(found: OpenedRound) -> None:
    act(found.buyer("F06"), services.share_confirm, share_id=share_of(found, "F06").pk)
    closed()
    signed(found)
    with as_owner():
        parts = AuditRow.objects.filter(verb="award.sign", firm_id__isnull=False)
        assert {"quotations.quotation", "awards.firmshare"} == set(parts.values_list("object_type", flat=True))
        assert OutboxEvent.objects.filter(topic="resin_share.answered", firm_id__isnull=False).exists()
    with wall(DatabaseRole.STAFF, sight=Sight(sees_rounds=False)):
        assert not AuditRow.objects.filter(firm_id__isnull=False).exists()
        assert not OutboxEvent.objects.filter(firm_id__isnull=False).defer("payload").exists()
        told = json.dumps(list(AuditRow.objects.values_list("changes", flat=True)))
        assert "kg" not in told
        assert "cost" not in told
    with wall(DatabaseRole.STAFF, sight=Sight(sees_members=False)):
        assert AuditRow.objects.filter(object_type="awards.firmshare").exists()
    with wall(DatabaseRole.FIRM, found.firms["F01"].pk):
        assert AuditRow.objects.filter(verb="award.sign").exists()
