"""Writes of people and their roles."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from mes.core import audit
from mes.core.actors import Actor
from mes.core.bounds import check_text
from mes.core.errors import InvalidValue, NotFound, NotPermitted
from mes.firms.access import require
from mes.firms.choices import ASSOCIATION_ROLES, FIRM_ROLES, SUPPLIER_ROLES, FirmStatus, Role
from mes.firms.errors import LastHead
from mes.firms.models import MOST_NAME, MOST_USERNAME, Firm, Membership, User


@transaction.atomic
def user_create(
    *,
    actor: Actor,
    username: str,
    firm: Firm | None,
    roles: Iterable[Role],
    full_name: str = "",
) -> User:
    """A person with roles, of the association (no firm) or of one firm, whose code ends the user name: `chen@F01`.

    Nobody can sign in with it until a code was issued and used (account_code_issue).
    Raises NotPermitted when a firm makes people of the association, or a limited key an owner, InvalidValue when a role
    belongs to the other side, a text is empty or too long, the user name is another side's, or it is taken.
    """
    require(actor, "user.create", User(firm=firm))
    wanted = _roles_of_side(roles, firm)
    if actor.scopes is not None and _head_of(firm) in wanted:
        raise NotPermitted
    name = _whole_name(username, firm)
    check_text(full_name, MOST_NAME, "/full_name", may_be_empty=True)
    try:
        with transaction.atomic():
            user = User(username=name, firm=firm, full_name=full_name)
            user.set_unusable_password()
            user.save(force_insert=True)
    except IntegrityError as error:  # by somebody of the same side: no other's names end like this
        raise InvalidValue(_("The user name is taken."), pointer="/username") from error
    Membership.objects.bulk_create(Membership(user=user, firm=firm, role=role) for role in sorted(wanted))
    audit.record(actor=actor, verb="user.create", obj=user, firm_id=user.firm_id, changes={"roles": sorted(wanted)})
    return user


@transaction.atomic
def user_change(
    *,
    actor: Actor,
    user_id: UUID,
    roles: Iterable[Role] | None = None,
    is_active: bool | None = None,
    full_name: str | None = None,
) -> User:
    """Gives a person other roles or another name, or ends or reopens the account; None leaves as it is.

    Raises NotFound for another firm's person, InvalidValue for no role, one of the other side or a name that is too
    long, NotPermitted for a limited key that would let somebody do more, LastHead when nobody would be left who may
    do this and can sign in: who has never set a password does not count.
    """
    require(actor, "user.change")
    side = Q() if actor.firm_id is None else Q(firm_id=actor.firm_id)
    firm = _firm_of(User.objects.select_related("firm").filter(side, pk=user_id).first())
    firm_id, head = firm.pk if firm else None, _head_of(firm)
    its_side = Q(firm_id=firm_id)
    heads = Membership.objects.filter(its_side, role=head).values("user_id")
    concerned = User.objects.filter(its_side, Q(pk=user_id) | Q(pk__in=heads))
    locked = {user.pk: user for user in concerned.select_for_update(of=("self",)).order_by("pk")}
    user = locked.pop(user_id)

    wanted = user.roles if roles is None else _roles_of_side(roles, firm)
    active = user.is_active if is_active is None else is_active
    if full_name is not None:
        check_text(full_name, MOST_NAME, "/full_name", may_be_empty=True)
    if actor.scopes is not None and (wanted - user.roles or (active and not user.is_active)):
        raise NotPermitted  # a limited key must not let anybody do more
    if head in user.roles and not (active and head in wanted) and _is_needed(user, head, locked.values()):
        raise LastHead(pointer="/roles" if active else "/is_active")

    changes = _renamed(user, full_name)
    if active != user.is_active:
        user.is_active = active
        changes["is_active"] = audit.Change(not active, active)
        user.save(update_fields=["is_active"])
    if wanted != user.roles:
        changes["roles"] = audit.Change(sorted(user.roles), sorted(wanted))
        user.memberships.exclude(role__in=wanted).delete()
        added = sorted(wanted - user.roles)
        Membership.objects.bulk_create(Membership(user=user, firm_id=firm_id, role=role) for role in added)

    if changes:
        audit.record(actor=actor, verb="user.change", obj=user, firm_id=firm_id, changes=changes)
    return User.objects.get(pk=user_id)


def _is_needed(head: User, role: Role, others: Iterable[User]) -> bool:
    """Whether the side would be locked out without this head: nobody else has a password, or nobody else is there."""
    left = [other for other in others if other.is_active and role in other.roles]
    if head.has_usable_password():
        return not any(other.has_usable_password() for other in left)
    return not left


def _renamed(user: User, full_name: str | None) -> dict[str, object]:
    """Names the person; what the audit row may tell of it, which is not the name."""
    if full_name is None or full_name == user.full_name:
        return {}
    user.full_name = full_name
    user.save(update_fields=["full_name"])
    return {"renamed": True}


def _firm_of(user: User | None) -> Firm | None:
    """The person's firm, none for the association's. Raises NotFound when there is no such person."""
    if user is None:
        raise NotFound
    return user.firm


def _head_of(firm: Firm | None) -> Role:
    """The role of those who give roles on a side."""
    if firm is None:
        return Role.ADMINISTRATOR
    return Role.SUPPLIER if firm.status == FirmStatus.SUPPLIER else Role.OWNER


def _roles_of_side(roles: Iterable[str], firm: Firm | None) -> frozenset[str]:
    """A supplier's people are never a member's, and the other way round."""
    its = {Role.ADMINISTRATOR: ASSOCIATION_ROLES, Role.SUPPLIER: SUPPLIER_ROLES, Role.OWNER: FIRM_ROLES}
    wanted = frozenset(roles)
    if not wanted or not wanted <= its[_head_of(firm)]:
        raise InvalidValue(_("No role, or one of the other side."), pointer="/roles")
    return wanted


def _whole_name(given: str, firm: Firm | None) -> str:
    """The user name that `given`, with or without the firm's code, stands for."""
    own, at, code = given.partition("@")
    if firm is not None and not at:
        code = firm.code
    if (firm.code if firm else "") != code or (firm is None and at):
        raise InvalidValue(_("A firm's people are called name@CODE, the association's have no @."), pointer="/username")
    check_text(own, MOST_USERNAME - len(code) - 1, "/username")
    if any(character.isspace() for character in own):
        raise InvalidValue(_("A user name has no spaces."), pointer="/username")
    return f"{own}@{code}" if firm else own
