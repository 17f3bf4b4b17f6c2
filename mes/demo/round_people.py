"""Who takes part in the demo's round: officers, suppliers' heads and the firms' owners, each behind his own wall."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from mes.core.actors import Actor, Channel, DatabaseRole
from mes.core.clock import business_now, database_now
from mes.core.wall import actor_wall, wall
from mes.demo.acts import looks
from mes.demo.database import set_clock
from mes.demo.sample.round_book import RoundBook
from mes.demo.seed import Index
from mes.demo.seed.directory import ASSOCIATION, person
from mes.demo.seed.resin_use import seed_use
from mes.demo.worker import Worker
from mes.firms.authentication import actor_of_user
from mes.firms.choices import Role
from mes.firms.models import Firm, User
from mes.firms.services import supplier_create, user_create
from mes.park.services.scheduled_jobs import scheduled_job_run
from procurement.suppliers.choices import QualificationStatus
from procurement.suppliers.services import qualification_decide, qualification_propose

ADMINISTRATOR, DISPATCHER = (name for name, _title, _role in ASSOCIATION)
COLLECTOR, FIRST, SECOND = "quotes", "officer", "second-officer"
OFFICERS = ((COLLECTOR, "行情专员"), (FIRST, "集采专员"), (SECOND, "集采复核"))
HEAD = "head"
Done = TypeVar("Done")
Row = TypeVar("Row")


@dataclass(slots=True)
class People:
    """Acts of the round's people: one service call each, behind the person's wall."""

    database: str
    index: Index
    worker: Worker
    suppliers: dict[str, UUID] = field(default_factory=dict)
    _actors: dict[str, Actor] = field(default_factory=dict)

    def act(self, username: str, service: Callable[..., Done], /, **given: Any) -> Done:
        """A call of a service that needs no time."""
        actor = self._actor(username)
        with actor_wall(actor):
            return service(actor=actor, **given)

    def act_now(self, username: str, service: Callable[..., Done], /, **given: Any) -> Done:
        """A call of a service that is told the park's time."""
        actor = self._actor(username)
        with actor_wall(actor):
            return service(actor=actor, now=business_now(), **given)

    def read(self, username: str, selector: Callable[..., Done], /, *given: Any) -> Done:
        """What a person reads."""
        with actor_wall(self._actor(username)):
            return selector(*given)

    def rows(self, username: str, found: Iterable[Row]) -> list[Row]:
        """Rows that a person reads, while he stands behind his wall."""
        with actor_wall(self._actor(username)):
            return list(found)

    def the_time_is(self, moment: datetime) -> None:
        """Puts the park's clock there."""
        set_clock(self.database, business_at=moment)

    def run_by_hand(self, kind: str) -> None:
        """The dispatcher starts a scheduled job out of turn: no beat stands beside the demo's worker."""
        self.act(DISPATCHER, scheduled_job_run, kind=kind)

    def until(self, field_name: str, username: str, is_done: Callable[[], bool]) -> None:
        """Waits until the worker has done what a person sees. Raises StepFailed when it takes too long."""
        for _look in looks(self.worker, field_name):
            if self.read(username, is_done):
                return

    def _actor(self, username: str) -> Actor:
        """As a signed-in person. Nobody of the round gets or loses a role or an interest in the demo."""
        if username not in self._actors:
            with wall(DatabaseRole.STAFF):
                user = User.objects.get(username=username)
                self._actors[username] = actor_of_user(user, channel=Channel.COMMAND)
        return self._actors[username]


def owner_of(firm_code: str) -> str:
    """The user name of who buys for a firm."""
    return person(firm_code, Role.OWNER)


def head_of(supplier_code: str) -> str:
    return f"{HEAD}@{supplier_code}"


def gather(people: People, book: RoundBook) -> None:
    """Officers, what firms have used so far, and suppliers, each qualified for what it sells."""
    for name, title in OFFICERS:
        people.act(ADMINISTRATOR, user_create, username=name, firm=None, roles=[Role.ROUND_OFFICER], full_name=title)
    seed_use(used_kg=book.used_kg, index=people.index)
    for offer in book.offers:
        row = offer.supplier
        people.act(
            ADMINISTRATOR,
            supplier_create,
            code=row.code,
            name_zh=row.name_zh,
            name_en=row.name_en,
            username=HEAD,
            now=database_now(),
        )
        of_code = Firm.objects.filter(code=row.code)
        people.suppliers[row.code] = people.read(ADMINISTRATOR, of_code.get).pk
        for asked in offer.asked:
            qualification = people.act_now(head_of(row.code), qualification_propose, material_code=asked.grade_code)
            people.act(
                FIRST,
                qualification_decide,
                qualification_id=qualification.pk,
                status=QualificationStatus.QUALIFIED,
                reason="样品与证书合格",
            )
