"""Who acts: one value in place of user, token and firm parameters."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID


class DatabaseRole(StrEnum):
    """The working roles of the database (they log nobody in; a request or task switches to one of them)."""

    FIRM = "mes_firm"
    STAFF = "mes_staff"
    PLANNER = "mes_planner"
    EXCHANGE = "mes_exchange"


class Channel(StrEnum):
    """The door through which the actor came."""

    API = "api"
    ADMIN = "admin"
    ACCOUNT = "account"
    TASK = "task"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class Sight:
    """What one of the association's people may see of the firms.

    `barred_firms`: nothing of them is seen, for the person has an interest in them. `session_firms`: a read session
    opens what is otherwise closed of them. `sees_members`: whether his office looks at the members' affairs at all;
    `sees_rounds`: whether it looks at what each wants of a round.
    """

    barred_firms: frozenset[UUID] = frozenset()
    session_firms: frozenset[UUID] = frozenset()
    sees_members: bool = True
    sees_rounds: bool = True


OPEN = Sight()


@dataclass(frozen=True, slots=True)
class Actor:
    """The acting person, firm or job.

    `firm_id` is None for the association's people and for the system; `user_id` is None for the system.
    `roles` hold the values of `mes.firms.choices.Role`. `scopes`: what the API key may be used for, None for all.
    `program_id` stays the same while a program's keys replace each other.
    `sight` narrows the association's people.
    """

    database_role: DatabaseRole
    channel: Channel
    user_id: UUID | None = None
    firm_id: UUID | None = None
    roles: frozenset[str] = field(default_factory=frozenset)
    scopes: frozenset[str] | None = None
    api_key_id: UUID | None = None
    program_id: UUID | None = None
    sight: Sight = OPEN

    def __post_init__(self) -> None:
        if (self.database_role is DatabaseRole.FIRM) != (self.firm_id is not None):
            raise ValueError("A firm's actor has a firm, and no other has one.")

    @property
    def is_authenticated(self) -> bool:
        """Asked by Django REST framework, whose request carries the actor as its user."""
        return True

    @property
    def barred_firms(self) -> frozenset[UUID]:
        """The firms in which the person has declared an interest: nothing of theirs is found."""
        return self.sight.barred_firms

    @property
    def is_system(self) -> bool:
        return self.database_role is DatabaseRole.PLANNER


def system_actor(channel: Channel = Channel.TASK) -> Actor:
    """The actor of scheduled and queued work."""
    return Actor(database_role=DatabaseRole.PLANNER, channel=channel)
