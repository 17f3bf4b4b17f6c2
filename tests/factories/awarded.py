"""A round whose award is signed, without a search: each supplier's part of each line is said, and shared out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from mes.core.actors import Actor
from mes.core.ids import new_id
from mes.firms.authentication import actor_of_user
from mes.firms.choices import Role
from procurement.awards.models import Allocation, AwardConsent, AwardLine, AwardPlan, AwardRun, FirmShare
from procurement.rounds.models import LockedCommitment
from tests.database import as_owner
from tests.factories.park import MONDAY, user_of
from tests.factories.rounds import OpenedRound, Quote, T, Want, _to, an_opened_round

MFEN_PER_KG = 1_000_003
"""A supplier's price: not a whole fen per t, as incremental breaks make it."""

Given = Mapping[tuple[str, str], Sequence[tuple[str, int]]]
"""(supplier, material) to (firm, t)."""

USUAL_WANTS = (
    Want("F01", 30, most_t=36), Want("F02", 20, priority=1), Want("F03", 5), Want("F04", 10), Want("F05", 8, most_t=9),
)  # fmt: skip
USUAL_GIVEN: Given = {
    ("S1", "PE1"): (("F01", 30), ("F02", 10), ("F03", 5)),
    ("S2", "PE1"): (("F02", 10), ("F04", 10), ("F05", 8)),
}


def an_awarded_round(
    wants: Sequence[Want] = USUAL_WANTS, given: Given = USUAL_GIVEN, *, mode: str = "each_signs", **terms: Any
) -> OpenedRound:
    """As the signing leaves it. `terms`: of an_opened_round."""
    quotes = tuple(Quote(supplier, material=material) for supplier, material in given)
    found = an_opened_round(wants, quotes, **terms)
    with as_owner():
        found.row.mode = mode
        found.row.save(update_fields=["mode"])
        run = AwardRun.objects.create(round=found.row, problem_sha256="0" * 64, record={})
        plan = AwardPlan.objects.create(round=found.row, run=run, kind="optimal", cost_mfen=1)
        shares = {key: _share(found, plan, key, given) for key in found.commitments}
        for (supplier, material), parts in given.items():
            kg = sum(tonnes for _firm, tonnes in parts) * T
            line = AwardLine.objects.create(
                plan=plan, supplier=found.firms[supplier], line=found.lines[material], kg=kg, cost_mfen=kg * MFEN_PER_KG
            )
            for firm, tonnes in parts:
                Allocation.objects.create(
                    firm=found.firms[firm], share=shares[firm, material], award_line=line, supplier_id=line.supplier_id,
                    kg=tonnes * T,
                )  # fmt: skip
        for status in ("proposed", "awarded"):
            for _officer in range(2 if status == "awarded" else 0):
                AwardConsent.objects.create(plan=plan, officer_id=new_id(), at=MONDAY)
            AwardPlan.objects.filter(pk=plan.pk).update(status=status)
            FirmShare.objects.filter(plan=plan).update(status=status)
        AwardLine.objects.filter(plan=plan).update(awarded=True)
        _to(found.row, "proposed", "confirming", "awarded")
    return found


def seller_of(found: OpenedRound, code: str) -> Actor:
    """The supplier's person who sells."""
    return actor_of_user(user_of(found.firms[code], Role.SELLER))


def _share(found: OpenedRound, plan: AwardPlan, key: tuple[str, str], given: Given) -> FirmShare:
    firm, material = key
    kg = sum(
        tonnes * T for (_s, of), parts in given.items() if of == material for name, tonnes in parts if name == firm
    )
    return FirmShare.objects.create(
        firm=found.firms[firm],
        plan=plan,
        line=found.lines[material],
        locked=LockedCommitment.objects.get(commitment=found.commitments[key]),
        kg=kg,
        outcome="served" if kg else "short",
        price_fen_per_t=1_000_000,
        answer="confirmed" if kg else "",
        answered_at=MONDAY + timedelta(hours=1) if kg else None,
    )
