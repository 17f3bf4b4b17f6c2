"""Starts scenarios as people do, and computes them as a worker does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from mes.core.actors import Actor
from mes.core.wall import actor_wall
from production.plans.models import Scenario
from production.plans.services.scenarios import SCENARIO, scenario_start
from tests.plans.small_park import ZERO, staff
from tests.plans.work import work_off


def started(*overrides: Mapping[str, Any], actor: Actor | None = None, like_id: UUID | None = None) -> Scenario:
    """A scenario of the park, or of the firm whose actor is given, as it waits for a worker."""
    who = staff() if actor is None else actor
    with actor_wall(who):
        return scenario_start(actor=who, name="假如", overrides=overrides, like_id=like_id, now=ZERO)


def computed(*overrides: Mapping[str, Any], actor: Actor | None = None, like_id: UUID | None = None) -> Scenario:
    """The scenario after a worker has done it."""
    who = staff() if actor is None else actor
    scenario = started(*overrides, actor=who, like_id=like_id)
    work_off(SCENARIO)
    with actor_wall(who):
        return Scenario.objects.select_related("base").get(pk=scenario.pk)
