"""Scenarios: start one, drop one. Nothing of them touches the live plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from mes.core import audit, jobs
from mes.core.actors import Actor
from mes.core.clock import DatabaseNow
from mes.core.errors import DomainError, InvalidValue, NotAllowedInState, NotFound
from mes.core.states import move
from mes.firms.access import require
from mes.firms.choices import FirmStatus
from mes.firms.models import Firm
from orders.sales.services.lines import PRIORITIES
from production.planning.scenario.override import Override, ScenarioError, overrides_plain, overrides_read
from production.plans.choices import SCENARIO_NEXT, OverrideKind, ScenarioFault, ScenarioState
from production.plans.models import Scenario, ScenarioBase
from production.plans.models.scenarios import MOST_NAME
from production.plans.selectors.live import minutes_between
from production.plans.selectors.scenarios import NAMES, keys_seen, lines_of_own_products

SCENARIO = "plan.scenario"
LIMIT_OVER = timedelta(hours=1)

AS_ASKED: Mapping[str, str] = {
    "from_min": "from_at", "until_min": "until_at", "due_min": "due_at", "day_min": "minutes_per_day",
}  # fmt: skip
"""Fields that doors name otherwise than the planning core: instants in place of minutes."""

OF_FIRM = frozenset(
    {
        OverrideKind.MACHINE_MORE, OverrideKind.HOURS_MORE, OverrideKind.NO_WORK, OverrideKind.LINE_MORE,
        OverrideKind.LINE_LESS, OverrideKind.LINE_CHANGE,
    }
)  # fmt: skip
"""What a firm may have otherwise: alone it has no offers."""

NOBODYS = frozenset({"fee_fen_per_t"})
"""What no door asks for: the association does not know fees, and must not find them out by trying."""

Asked = Sequence[Mapping[str, Any]]


class TooManyScenarios(DomainError):
    """The firm, or the association, has started too many within an hour."""

    code = "too_many_scenarios"
    status = HTTPStatus.TOO_MANY_REQUESTS
    text = _("Too many scenarios were started within an hour. Try again later.")
    retry_after_s = 60


@transaction.atomic
def scenario_start(
    *, actor: Actor, name: str, overrides: Asked, like_id: UUID | None = None, now: datetime
) -> Scenario:
    """Queues a scenario of the whole park, or for a firm of the firm alone, as of `now`.

    overrides: as the planning core takes them, with `from_at`, `until_at`, `due_at` as instants and `minutes_per_day`;
    a firm's own machines by their codes and lines as `SO-1-1`. like_id: a scenario whose snapshot is used again, so
    that both are compared with the same plan. Raises InvalidValue with the pointer, NotFound for an unknown `like_id`,
    NotPermitted, NotAllowedInState for a firm that the park's plan leaves out, TooManyScenarios.
    """
    firm_id = actor.firm_id
    require(actor, "scenario.start")
    firm = _firm(firm_id)
    base = _base(firm_id, like_id, now)
    _check_limit(firm_id)
    if not 0 < len(name.strip()) <= MOST_NAME:
        raise InvalidValue(pointer="/name")
    read = _read(overrides, base.zero_at, firm)
    if like_id is None:
        base.save(force_insert=True)
    scenario = Scenario(firm_id=firm_id, base=base, name=name.strip(), overrides=overrides_plain(read))
    scenario.job_id = jobs.enqueue(kind=SCENARIO, payload={"scenario_id": str(scenario.pk)}, firm_id=firm_id)
    scenario.save(force_insert=True)
    audit.record(
        actor=actor,
        verb="scenario.start",
        obj=scenario,
        firm_id=firm_id,
        changes={"overrides": len(scenario.overrides)},
    )
    return scenario


@transaction.atomic
def scenario_discard(*, actor: Actor, scenario_id: UUID) -> Scenario:
    """Drops a scenario; one that is computed ends soon. Raises NotFound, NotPermitted, NotAllowedInState."""
    scenario = _of(actor.firm_id).select_for_update(of=("self",)).filter(pk=scenario_id).first()
    if scenario is None:
        raise NotFound
    require(actor, "scenario.discard", scenario)
    changes = move(scenario, ScenarioState.DISCARDED, moves=SCENARIO_NEXT, field="state")
    audit.record(actor=actor, verb="scenario.discard", obj=scenario, firm_id=scenario.firm_id, changes=changes)
    return scenario


def fault_in_words(code: str, data: Mapping[str, Any]) -> str:
    """Why an override cannot be used, in the reader's language."""
    return str(ScenarioFault(code).label) % dict(data)


def pointer_of(place: str) -> str:
    """The planning core's pointer as doors name it: `/3/until_min` is `/overrides/3/until_at`."""
    parts = place.split("/")
    return "/".join(["/overrides", *(AS_ASKED.get(part, part) for part in parts[1:])])


def _of(firm_id: UUID | None) -> QuerySet[Scenario]:
    return Scenario.objects.filter(firm=None) if firm_id is None else Scenario.objects.filter(firm_id=firm_id)


def _check_limit(firm_id: UUID | None) -> None:
    started = _of(firm_id).filter(created_at__gt=DatabaseNow() - LIMIT_OVER)
    if started.count() >= settings.SCENARIOS_PER_HOUR:
        raise TooManyScenarios


def _firm(firm_id: UUID | None) -> Firm | None:
    if firm_id is None:
        return None
    firm = Firm.objects.get(pk=firm_id)
    if firm.status != FirmStatus.MEMBER:
        raise NotAllowedInState
    return firm


def _base(firm_id: UUID | None, like_id: UUID | None, now: datetime) -> ScenarioBase:
    if like_id is None:
        return ScenarioBase(firm_id=firm_id, zero_at=now.replace(second=0, microsecond=0))
    like = _of(firm_id).filter(pk=like_id).select_related("base").first()
    if like is None:
        raise NotFound
    return like.base


def _read(asked: Asked, zero_at: datetime, firm: Firm | None) -> tuple[Override, ...]:
    """The overrides, each thing that they name being there for the one who asks."""
    try:
        read = overrides_read([_plain(item, zero_at, firm) for item in asked])
        for number, item in enumerate(read):
            _check_kind(number, item, firm)
        seen = keys_seen(read)
        for number, item in enumerate(read):
            for name in NAMES:
                key = getattr(item, name)
                if key is not None and (name, key) not in seen:
                    raise ScenarioError(f"/{number}/{name}", "key_unknown")
    except ScenarioError as error:
        raise InvalidValue(fault_in_words(error.code, error.data), pointer=pointer_of(error.field)) from error
    _check_own_products(read)
    return read


def _check_kind(number: int, item: Override, firm: Firm | None) -> None:
    if firm is not None and item.kind not in OF_FIRM:
        raise ScenarioError(f"/{number}/kind", "kind_unknown")
    for name in NOBODYS:
        if item.is_about(name):
            raise ScenarioError(f"/{number}/{name}", "field_unknown")
    if item.is_about("priority") and item.priority not in PRIORITIES:
        raise ScenarioError(f"/{number}/priority", "choice_unknown")
    if firm is not None and item.is_about("consent"):
        raise ScenarioError(f"/{number}/consent", "field_unknown")


def _check_own_products(read: Sequence[Override]) -> None:
    """A firm's own product is its secret: no scenario places it elsewhere."""
    willing = {number: str(item.line) for number, item in enumerate(read) if item.consent not in {None, "never"}}
    own = lines_of_own_products(sorted(willing.values())) if willing else frozenset()
    for number, line in willing.items():
        if line in own:
            text = _("Its product is the firm's own and is made at home only.")
            raise InvalidValue(text, pointer=f"/overrides/{number}/consent")


def _plain(item: Mapping[str, Any], zero_at: datetime, firm: Firm | None) -> dict[str, Any]:
    """An override as the planning core reads it: minutes for instants, keys for a firm's codes."""
    plain = {name: value for name, value in item.items() if name not in AS_ASKED.values()}
    for name, asked in AS_ASKED.items():
        if item.get(asked) is not None:
            value = item[asked]
            plain[name] = minutes_between(zero_at, value) if isinstance(value, datetime) else value
    if firm is None:
        return plain
    if "machine" in plain:
        plain["machine"] = f"{firm.code}:{plain['machine']}"
    elif plain.get("kind") in {OverrideKind.HOURS_MORE, OverrideKind.NO_WORK}:
        plain["firm"] = firm.code
    if "line" in plain:
        number, _dash, line = str(plain["line"]).rpartition("-")
        plain["line"] = f"{firm.code}:{number}:{line}"
    return plain
