"""Arranges firms, people and keys by the services that make them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from mes.core.actors import Actor, Channel, DatabaseRole
from mes.core.clock import database_now
from mes.core.wall import wall
from mes.firms import services
from mes.firms.choices import FIRM_ROLES, Role
from mes.firms.models import DataTerms, Firm, User

PASSWORD = "correct-horse-7-battery"


@dataclass(frozen=True)
class Party:
    """A firm with an owner and the key of his program."""

    firm: Firm
    user: User
    key: str = field(repr=False)

    @property
    def firm_id(self) -> UUID:
        return self.firm.pk

    @property
    def actor(self) -> Actor:
        return firm_actor(self.firm.pk, *FIRM_ROLES, user_id=self.user.pk)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}


def staff_actor(*roles: Role, user_id: UUID | None = None) -> Actor:
    granted = frozenset(roles or (Role.ADMINISTRATOR,))
    return Actor(database_role=DatabaseRole.STAFF, channel=Channel.COMMAND, user_id=user_id, roles=granted)


def firm_actor(firm_id: UUID, *roles: Role, user_id: UUID | None = None) -> Actor:
    return Actor(
        database_role=DatabaseRole.FIRM,
        channel=Channel.API,
        user_id=user_id,
        firm_id=firm_id,
        roles=frozenset(roles),
    )


def make_party(code: str) -> Party:
    with wall(DatabaseRole.STAFF):
        firm = services.firm_create(actor=staff_actor(), code=code, name_zh=f"{code}企业", name_en=f"{code} Ltd")
        firm = services.firm_admit(actor=staff_actor(), firm_id=firm.pk, signature=a_signature(), now=database_now())
        user = services.user_create(
            actor=staff_actor(),
            username="owner",
            firm=firm,
            roles=[Role.OWNER, Role.PLANNER],
        )
        give_password(user)
    with wall(DatabaseRole.FIRM, firm.pk):
        key = services.api_key_issue(actor=firm_actor(firm.pk, Role.OWNER), user=user, label="ERP")
    return Party(firm, user, key)


def a_signature(version: str = "2026-1") -> services.Signature:
    """A signature under a version of the data terms, which is published when it is first asked for."""
    terms = DataTerms.objects.filter(version=version).first()
    if terms is None:
        terms = services.data_terms_publish(actor=staff_actor(), version=version, text="数据条款")
    return services.Signature(terms.pk, "王总", date(2026, 1, 5))


def make_officer(username: str = "officer", *roles: Role) -> User:
    """One of the association's people."""
    with wall(DatabaseRole.STAFF):
        user = services.user_create(
            actor=staff_actor(), username=username, firm=None, roles=roles or [Role.ADMINISTRATOR]
        )
        return give_password(user)


def give_password(user: User, password: str = PASSWORD) -> User:
    """As if the person had set it. Inside a wall that may write the person."""
    user.set_password(password)
    user.save(update_fields=["password"])
    return user
