"""Writes of firms."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from mes.core import audit
from mes.core.actors import Actor
from mes.core.bounds import check_text, check_whole_number
from mes.core.errors import InvalidValue
from mes.firms.access import require
from mes.firms.choices import FirmStatus, Role
from mes.firms.models import MOST_CODE, MOST_GATE_M, MOST_NAME, MOST_SORT_KEY, Firm
from mes.firms.services.codes import IssuedCode, account_code_issue
from mes.firms.services.people import user_create


@transaction.atomic
def firm_create(
    *,
    actor: Actor,
    code: str,
    name_zh: str,
    name_en: str = "",
    sort_key: str = "",
    gate_m: tuple[int, int] = (0, 0),
    sandbox: bool = False,
) -> Firm:
    """A firm that applies for membership (firm_admit makes it a member), or a sandbox, which is never one.

    `gate_m` is its gate's place, metres east and north of the park's origin.

    Raises InvalidValue with a pointer to the field: a text that is empty or too long, a gate out of reach, a code that
    is taken.
    """
    require(actor, "firm.create")
    status = FirmStatus.SANDBOX if sandbox else FirmStatus.APPLIED
    firm = Firm(code=code, name_zh=name_zh, name_en=name_en, sort_key=sort_key, status=status)
    firm.gate_east_m, firm.gate_north_m = gate_m
    return _added(actor, "firm.create", firm)


@transaction.atomic
def supplier_create(
    *, actor: Actor, code: str, name_zh: str, name_en: str = "", sort_key: str = "", username: str, now: datetime
) -> IssuedCode:
    """A firm that sells to the rounds and meets nothing else of the members', with its head and the code that lets him
    set a password (`now`: the database's time). Raises as firm_create and user_create.
    """
    require(actor, "supplier.create")
    firm = Firm(code=code, name_zh=name_zh, name_en=name_en, sort_key=sort_key, status=FirmStatus.SUPPLIER)
    head = user_create(
        actor=actor, firm=_added(actor, "supplier.create", firm), username=username, roles=[Role.SUPPLIER]
    )
    return account_code_issue(actor=actor, user_id=head.pk, now=now)


def _added(actor: Actor, verb: str, firm: Firm) -> Firm:
    for pointer, text, longest in (("/code", firm.code, MOST_CODE), ("/name_zh", firm.name_zh, MOST_NAME)):
        check_text(text, longest, pointer)
    check_text(firm.name_en, MOST_NAME, "/name_en", may_be_empty=True)
    check_text(firm.sort_key, MOST_SORT_KEY, "/sort_key", may_be_empty=True)
    for pointer, metres in (("/gate_east_m", firm.gate_east_m), ("/gate_north_m", firm.gate_north_m)):
        check_whole_number(metres, MOST_GATE_M, pointer, least=-MOST_GATE_M)
    try:
        with transaction.atomic():
            firm.save(force_insert=True)
    except IntegrityError as error:
        raise InvalidValue(_("There is a firm with this code."), pointer="/code") from error
    changes = {"code": firm.code, "status": firm.status}
    audit.record(actor=actor, verb=verb, obj=firm, firm_id=firm.pk, changes=changes)
    return firm
