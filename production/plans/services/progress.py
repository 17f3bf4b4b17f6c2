"""How far a computation is, for whoever looks at its run; and a sign of life for the job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from mes.core.actors import DatabaseRole
from mes.core.clock import stopwatch_s
from mes.core.jobs import Lease
from mes.core.wall import wall
from production.planning.schedule import Note
from production.planning.search.solve import RuleLog
from production.plans.choices import PlanRunState
from production.plans.models import PlanRun
from production.plans.services.reasons import notes_told
from production.plans.services.redaction import tiers_for_association

LOOK_EVERY_S = 4.0


@dataclass(slots=True)
class Progress:
    """Writes each rule's result, and the engine's, to the run as it comes, and renews the lease with it."""

    run_id: UUID
    lease: Lease
    orders_total: int
    log: list[Mapping[str, Any]] = field(default_factory=list)
    base_cost_fen: int = 0
    best: RuleLog | None = None
    discarded: bool = False
    looked_s: float = 0.0

    def on_notes(self, notes: tuple[Note, ...]) -> None:
        """Bad data is told before the search."""
        if notes:
            with wall(DatabaseRole.PLANNER):
                self.lease.renew()
                PlanRun.objects.filter(pk=self.run_id, state=PlanRunState.RUNNING).update(notes=notes_told(notes))

    def on_rule(self, entry: RuleLog) -> None:
        """A rule that could no longer win is cut short; its figures are those of the lines placed until then."""
        if self.best is None:
            self.best, self.base_cost_fen = entry, entry.tiers.cost_fen
        elif not entry.is_cut and entry.tiers < self.best.tiers:
            self.best = entry
        self.log.append(
            {
                "rule": entry.rule,
                "tiers": tiers_for_association(entry.tiers, base_cost_fen=self.base_cost_fen),
                "orders_placed": entry.orders_placed,
                "is_cut": entry.is_cut,
                "ms": round(entry.seconds * 1000),
            }
        )
        with wall(DatabaseRole.PLANNER):
            self.lease.renew()
            running = PlanRun.objects.filter(pk=self.run_id, state=PlanRunState.RUNNING)
            self.discarded = not running.update(
                rule=self.best.rule,
                rule_log=self.log,
                orders_placed=self.best.orders_placed,
                orders_total=self.orders_total,
                tiers=tiers_for_association(self.best.tiers, base_cost_fen=self.base_cost_fen),
            )

    def is_discarded(self) -> bool:
        """Whether somebody has dropped the run since. Asked between lines; looks and renews the lease now and then."""
        now_s = stopwatch_s()
        if now_s - self.looked_s > LOOK_EVERY_S:
            self.looked_s = now_s
            with wall(DatabaseRole.PLANNER):
                self.lease.renew()
                self.discarded = not PlanRun.objects.filter(pk=self.run_id, state=PlanRunState.RUNNING).exists()
        return self.discarded
