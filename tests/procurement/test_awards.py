"""From opened quotations to a signed award: searched by itself, put to the firms, answered, signed by two."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum

from mes.core.actors import DatabaseRole
from mes.core.errors import NotAllowedInState, NotFound, NotPermitted
from mes.core.wall import actor_wall, wall
from procurement.award.codec import load
from procurement.award.record import Record, rerun
from procurement.awards import services
from procurement.awards.choices import Answer, PlanStatus
from procurement.awards.models import Allocation, AwardLine, AwardPlan, AwardRun, AwardSearch, FirmShare
from procurement.awards.services import ConfirmationClosed, Purchase
from procurement.awards.services.searching import SOLVE
from procurement.benchmarks.models import MarketQuote
from procurement.quotations.models import Quotation
from procurement.rounds.models import LockedCommitment
from tests.database import as_owner
from tests.factories.park import MONDAY, a_firm
from tests.factories.rounds import (
    Quote,
    Want,
    an_officer,
    an_opened_round,
    with_interest,
)
from tests.procurement.work import (
    AFTER,
    act,
    as_planner,
    closed,
    plan_of,
    proposed,
    searched,
    share_of,
    signed,
    work_off,
)
from tests.rounds.work import the_time_is

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def seconds(settings: Any) -> None:
    settings.AWARD_SECONDS = 10


def test_the_opening_searches_by_itself_and_stores_the_optimum_beside_the_greedy() -> None:
    found = searched(an_opened_round())
    assert found.again().status == "proposed"
    with as_owner():
        optimal, greedy = (AwardPlan.objects.get(round_id=found.pk, kind=kind) for kind in ("optimal", "greedy"))
        assert (optimal.status, greedy.status) == ("candidate", "candidate")
        assert optimal.lowest_mfen is not None
        assert 0 <= optimal.cost_mfen - optimal.lowest_mfen <= optimal.cost_mfen // 1000
        assert greedy.dearer_mfen == greedy.cost_mfen - optimal.cost_mfen >= 0
        assert optimal.fairness["above_reserve"] == 0
        for plan in (optimal, greedy):
            for line in AwardLine.objects.filter(plan=plan):
                assert line.kg == Allocation.objects.filter(award_line=line).aggregate(kg=Sum("kg"))["kg"]
            for share in FirmShare.objects.filter(plan=plan).select_related("locked"):
                assert share.kg == 0 or share.locked.least_kg <= share.kg <= share.locked.most_kg
        assert FirmShare.objects.filter(plan=optimal).count() == LockedCommitment.objects.count()
        assert FirmShare.objects.filter(plan=optimal, kg__gt=0, alone_fen_per_t=None).count() == 0


def test_a_record_comes_out_the_same_again() -> None:
    searched(an_opened_round())
    with as_planner():
        record = load(Record, json.dumps(AwardRun.objects.get().record))
    assert rerun(record).is_same


def test_the_opening_told_twice_searches_once() -> None:
    found = an_opened_round()
    searched(found)
    searched(found)
    with as_owner():
        assert AwardSearch.objects.count() == 1


def test_a_firm_reads_nothing_of_a_candidate_and_then_its_own_shares() -> None:
    found = searched(an_opened_round())
    with actor_wall(found.buyer("F01")):
        assert not FirmShare.objects.exists()
    proposed(found)
    with actor_wall(found.buyer("F01")):
        shares = list(FirmShare.objects.order_by("line__number"))
        assert {share.firm_id for share in shares} == {found.firms["F01"].pk}
        assert len(shares) == 2
        assert not Allocation.objects.exists()
    with actor_wall(found.buyer("S1")):
        assert not AwardLine.objects.exists()


def test_silence_answers_and_two_officers_sign() -> None:
    found = searched(an_opened_round())
    proposed(found)
    act(found.buyer("F06"), services.share_confirm, share_id=share_of(found, "F06").pk)
    closed()
    told = share_of(found, "F02")
    assert (told.answer, told.by_silence) == (Answer.CONFIRMED, True)
    signed(found)
    assert found.again().status == "awarded"
    with actor_wall(found.buyer("F01")):
        assert Allocation.objects.exists()
        assert set(FirmShare.objects.values_list("status", flat=True)) == {"awarded"}
    with as_owner():
        won = set(AwardLine.objects.filter(awarded=True).values_list("supplier__code", flat=True))
        statuses = dict(Quotation.objects.values_list("supplier__code", "status"))
    assert {code for code, status in statuses.items() if status == "awarded"} == won
    with actor_wall(found.buyer("S1")):
        assert set(AwardLine.objects.values_list("supplier__code", flat=True)) <= {"S1"}


def test_opt_outs_are_solved_again_without_the_firm() -> None:
    found = searched(an_opened_round())
    proposed(found)
    closed()  # F06 said that its silence means no
    assert (found.again().status, found.again().opt_outs_solved) == ("proposed", 1)
    work_off(SOLVE)
    again = proposed(found)
    assert again.turn == 1
    with as_owner():
        assert not FirmShare.objects.filter(plan=again, firm__code="F06").exists()
        assert FirmShare.objects.filter(firm__code="F06", status="set_aside").count() == 1
    closed(AFTER + timedelta(days=3))
    signed(found)
    assert found.again().status == "awarded"


def test_after_two_turns_the_award_is_kept_for_the_others() -> None:
    found = searched(an_opened_round())
    for turn, firm in enumerate(("F06", "F05", "F04")):
        proposed(found)
        act(found.buyer(firm), services.share_opt_out, share_id=share_of(found, firm).pk)
        closed(AFTER + turn * timedelta(days=3))
        work_off(SOLVE)
    with as_owner():
        kept = AwardSearch.objects.get(kind="keep")
    assert (kept.status, kept.said) == ("done", "")
    assert (found.again().status, found.again().opt_outs_solved) == ("confirming", 2)
    signed(found)
    assert plan_of(found, status="awarded").kind == "kept"
    with as_owner():
        assert not FirmShare.objects.filter(status="awarded", firm__code="F04").exists()


def test_where_a_price_would_rise_the_officers_decide() -> None:
    """Together all reach the break; without the last who opts out the others do not."""
    wants = [Want(f"F0{number}", 10) for number in range(1, 6)]
    found = searched(an_opened_round(wants, [Quote("S1", ((0, 1_000_000), (30, 900_000)))]))
    for turn, firm in enumerate(("F05", "F04", "F03")):
        proposed(found)
        act(found.buyer(firm), services.share_opt_out, share_id=share_of(found, firm).pk)
        closed(AFTER + turn * timedelta(days=3))
        work_off(SOLVE)
    with as_owner():
        kept = AwardSearch.objects.get(kind="keep")
    assert (kept.status, found.again().status) == ("refused", "proposed")
    assert kept.said
    proposed_again = act(an_officer(), services.award_search_start, round_id=found.pk)
    work_off(SOLVE)
    with as_owner():
        assert AwardSearch.objects.get(pk=proposed_again.pk).status == "done"


def test_an_override_is_priced_beside_the_optimum_and_needs_its_reason() -> None:
    found = searched(an_opened_round())
    buys = [Purchase(1, "S2", 50_000), Purchase(1, "S1", 30_000), Purchase(2, "S1", 20_000)]
    act(an_officer(), services.award_override, round_id=found.pk, purchases=buys, reason="老供应商")
    work_off(SOLVE)
    plan = plan_of(found, kind="override")
    best = plan_of(found, kind="optimal")
    assert plan.dearer_mfen == plan.cost_mfen - best.cost_mfen >= 0
    assert plan.reason == "老供应商"


def test_an_override_that_breaks_a_rule_is_refused_and_not_stored() -> None:
    found = searched(an_opened_round())
    for buys in ([Purchase(1, "S1", 1_000)], [Purchase(1, "S9", 5_000)], [Purchase(2, "S1", 20_001)]):
        act(an_officer(), services.award_override, round_id=found.pk, purchases=buys, reason="试")
        work_off(SOLVE)
    with as_owner():
        searches = AwardSearch.objects.filter(kind="override")
        assert {search.status for search in searches} == {"refused"}
        assert all(search.said for search in searches)
        assert not AwardPlan.objects.filter(kind="override").exists()


def test_an_answer_counts_until_the_time_is_over_and_may_change_before() -> None:
    found = searched(an_opened_round())
    proposed(found)
    buyer, share = found.buyer("F02"), share_of(found, "F02")
    act(buyer, services.share_opt_out, share_id=share.pk)
    act(buyer, services.share_confirm, share_id=share.pk)
    assert share_of(found, "F02").answer == Answer.CONFIRMED
    the_time_is(found.again().confirm_closes_at)  # type: ignore[arg-type]
    with pytest.raises(ConfirmationClosed):
        act(buyer, services.share_opt_out, share_id=share.pk)


def test_a_firm_answers_for_itself_alone() -> None:
    found = searched(an_opened_round())
    proposed(found)
    with pytest.raises(NotFound):
        act(found.buyer("F01"), services.share_confirm, share_id=share_of(found, "F02").pk)
    with pytest.raises(NotPermitted):
        act(an_officer(), services.share_confirm, share_id=share_of(found, "F02").pk)


def test_an_officer_with_an_interest_sees_no_plan_and_signs_none() -> None:
    found = searched(an_opened_round())
    for barred in (with_interest("of-firm", found.firms["F02"]), with_interest("of-supplier", found.firms["S2"])):
        with actor_wall(barred):
            assert not AwardPlan.objects.exists()
            assert not AwardSearch.objects.exists()
        with pytest.raises(NotPermitted):
            act(barred, services.award_search_start, round_id=found.pk)
        with pytest.raises(NotFound):
            act(barred, services.award_propose, plan_id=plan_of(found, kind="optimal").pk)


def test_who_collected_market_quotes_does_not_sign() -> None:
    found = searched(an_opened_round())
    plan = proposed(found)
    act(found.buyer("F06"), services.share_confirm, share_id=share_of(found, "F06").pk)
    closed()
    collector = an_officer("collector")
    assert collector.user_id is not None
    with as_owner():
        MarketQuote.objects.create(
            material=found.lines["PE1"].material, source="trader_quote", source_name="甲", quoted_on=MONDAY.date(),
            lot_kg=1, price_fen_per_t=1, with_vat=False, delivered=True, normalised_fen_per_t=1, grade="B",
            collector_id=collector.user_id,
        )  # fmt: skip
    with pytest.raises(NotPermitted):
        act(collector, services.award_consent, plan_id=plan.pk)


def test_two_who_share_an_interest_elsewhere_do_not_sign_together() -> None:
    found = searched(an_opened_round())
    plan = proposed(found)
    act(found.buyer("F06"), services.share_confirm, share_id=share_of(found, "F06").pk)
    closed()
    elsewhere = a_firm("F99")
    act(with_interest("one", elsewhere), services.award_consent, plan_id=plan.pk)
    with pytest.raises(NotPermitted):
        act(with_interest("other", elsewhere), services.award_consent, plan_id=plan.pk)


def test_one_officer_is_not_enough_and_counts_once() -> None:
    found = searched(an_opened_round())
    plan = proposed(found)
    act(found.buyer("F06"), services.share_confirm, share_id=share_of(found, "F06").pk)
    with pytest.raises(NotAllowedInState):
        act(an_officer(), services.award_consent, plan_id=plan.pk)
    closed()
    act(an_officer(), services.award_consent, plan_id=plan.pk)
    with pytest.raises(NotAllowedInState):
        act(an_officer(), services.award_consent, plan_id=plan.pk)
    with pytest.raises(NotAllowedInState):
        act(an_officer(), services.award_sign, plan_id=plan.pk)
    with as_owner(), pytest.raises(IntegrityError, match="signed by two"), transaction.atomic():
        AwardPlan.objects.filter(pk=plan.pk).update(status=PlanStatus.AWARDED)


def test_raw_sql_cannot_change_what_was_put_to_the_firms() -> None:
    found = searched(an_opened_round())
    plan = proposed(found)
    changes: list[Callable[[], object]] = [
        lambda: AwardLine.objects.filter(plan=plan).update(kg=1),
        lambda: FirmShare.objects.filter(plan=plan).update(price_fen_per_t=1),
        lambda: Allocation.objects.filter(share__plan=plan).update(kg=1),
        lambda: Allocation.objects.filter(share__plan=plan).delete(),
    ]
    for change in changes:
        with as_owner(), pytest.raises(IntegrityError, match="does not change"), transaction.atomic():
            change()


def test_a_plan_that_does_not_add_up_is_not_put_to_the_firms() -> None:
    found = searched(an_opened_round())
    plan = plan_of(found, kind="optimal")
    spoilt: list[tuple[Callable[[], object], str]] = [
        (lambda: AwardLine.objects.filter(plan=plan).update(kg=1), "not what is allocated"),
        (lambda: FirmShare.objects.filter(plan=plan, kg__gt=0).update(kg=1), "committed to"),
    ]
    for spoil, match in spoilt:
        with as_owner(), pytest.raises(IntegrityError, match=match), transaction.atomic():
            spoil()
            AwardPlan.objects.filter(pk=plan.pk).update(status=PlanStatus.PROPOSED)


def test_an_answer_after_the_time_is_refused_by_the_database_too() -> None:
    found = searched(an_opened_round())
    proposed(found)
    the_time_is(AFTER)
    share = share_of(found, "F02")
    with pytest.raises(IntegrityError, match="while its round is confirming"), wall(DatabaseRole.EXCHANGE):
        FirmShare.objects.filter(pk=share.pk).update(answer="confirmed", answered_at=AFTER)
