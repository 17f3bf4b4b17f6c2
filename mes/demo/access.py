"""How one gets into a served park: passwords of the association's people, keys of three firms. Made, never fixed."""

from __future__ import annotations

from mes.core.actors import DatabaseRole
from mes.core.wall import wall
from mes.demo.acts import Door
from mes.demo.sample.case import case_facts
from mes.demo.seed.directory import ASSOCIATION, person
from mes.firms.choices import Role
from mes.firms.keys import new_password
from mes.firms.models import Firm, User
from mes.firms.services import api_key_issue

GIVER = str(case_facts()["firm"])
DOER = "F15"  # has a large press, which the giver lacks, and wants to be asked
OTHER = "F10"  # no party to what the two agree on


def give() -> tuple[dict[str, str], dict[str, str]]:
    """New passwords by user name and new keys by firm code. Keys that were lost stay valid: nobody knows them."""
    return _passwords(), {code: _key(code) for code in (GIVER, DOER, OTHER)}


def _passwords() -> dict[str, str]:
    given = {name: new_password() for name, _title, _role in ASSOCIATION}
    with wall(DatabaseRole.STAFF):
        for user in User.objects.filter(username__in=given):
            user.set_password(given[user.username])
            user.save(update_fields=["password"])
    return given


def _key(firm_code: str) -> str:
    """A key that acts for the firm's owner and may do all that he may."""
    username = person(firm_code, Role.OWNER)
    with wall(DatabaseRole.STAFF):
        firm_id = Firm.objects.values_list("pk", flat=True).get(code=firm_code)
    door = Door(DatabaseRole.FIRM, username, firm_id)
    with wall(door.role, door.firm_id):
        return api_key_issue(actor=door.actor(), user=User.objects.get(username=username), label="make serve")
