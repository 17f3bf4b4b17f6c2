"""What stands beside a round; reached from its page."""

from __future__ import annotations

from django.contrib import admin

from mes.core.desk.columns import state
from mes.core.desk.filters import by_choice, by_row
from mes.core.desk.lists import DeskAdmin
from mes.core.desk.related import Related
from procurement.rounds.choices import CommitmentStatus
from procurement.rounds.models import (
    Commitment,
    DemandSnapshot,
    LockedCommitment,
    RoundLine,
    RoundMove,
    UseAllowance,
)

_COMMITMENT_STATUS = state(Commitment, "status", good=(CommitmentStatus.SUBMITTED,), bad=(CommitmentStatus.WITHDRAWN,))


@admin.register(RoundLine)
class RoundLineAdmin(DeskAdmin):
    list_display = ("number", "round", "material", "zone", "window_from", "window_to", "spot_fen_per_t")
    list_filter = (by_row("round"), by_row("material"))
    list_select_related = ("round", "material")
    search_fields = ("round__code", "material__code")
    page_fields = (
        "round", "number", "material", "zone", "window_from", "window_to", "bag_kg", "truck_kg", "spot_fen_per_t",
        "least_suppliers", "most_suppliers", "greatest_share_permille", "least_share_permille", "created_at",
    )  # fmt: skip
    ordering = ("-round__demand_closes_at", "number")
    related = (Related(Commitment, "line"), Related(DemandSnapshot, "line"))


@admin.register(Commitment)
class CommitmentAdmin(DeskAdmin):
    list_display = ("firm", "line", _COMMITMENT_STATUS, "least_kg", "wanted_kg", "most_kg", "priority")
    list_filter = (by_row("firm"), by_row("line"), by_choice("status"))
    list_select_related = ("firm", "line")
    search_fields = ("firm__code", "line__round__code")
    page_fields = (
        "firm", "line", _COMMITMENT_STATUS, "least_kg", "wanted_kg", "most_kg", "priority", "silence", "revision",
        "created_at",
    )  # fmt: skip
    also_asked = ("line__round",)
    ordering = ("firm__code", "line__number")


@admin.register(DemandSnapshot)
class DemandSnapshotAdmin(DeskAdmin):
    list_display = ("line", "firms", "least_kg", "wanted_kg", "most_kg", "frozen_at")
    list_filter = (by_row("line"),)
    list_select_related = ("line",)
    page_fields = ("line", "firms", "least_kg", "wanted_kg", "most_kg", "sha256", "frozen_at", "created_at")
    also_asked = ("line__round",)
    ordering = ("-frozen_at", "line__number")
    related = (Related(LockedCommitment, "snapshot"),)


@admin.register(LockedCommitment)
class LockedCommitmentAdmin(DeskAdmin):
    list_display = ("firm", "snapshot", "least_kg", "wanted_kg", "most_kg", "priority")
    list_filter = (by_row("firm"),)
    list_select_related = ("firm", "snapshot")
    search_fields = ("firm__code",)
    page_fields = (
        "firm", "snapshot", "least_kg", "wanted_kg", "most_kg", "priority", "silence", "tie", "created_at",
    )  # fmt: skip
    ordering = ("firm__code",)


@admin.register(UseAllowance)
class UseAllowanceAdmin(DeskAdmin):
    list_display = ("firm", "line", "most_kg", "reason", "created_at")
    list_filter = (by_row("firm"), by_row("line"))
    list_select_related = ("firm", "line")
    page_fields = ("firm", "line", "most_kg", "reason", "created_at")
    also_asked = ("line__round",)
    ordering = ("-created_at",)


@admin.register(RoundMove)
class RoundMoveAdmin(DeskAdmin):
    list_display = ("at", "round", "before", "after", "by_clock", "reason")
    list_filter = (by_row("round"), by_choice("after"))
    list_select_related = ("round",)
    page_fields = ("round", "before", "after", "at", "by_clock", "reason", "created_at")
    ordering = ("-at",)
