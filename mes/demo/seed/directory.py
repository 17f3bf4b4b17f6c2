"""Firms, people and the park's calendar: what the association keeps."""

from __future__ import annotations

from mes.demo.sample.shapes import Park
from mes.demo.seed.index import Index
from mes.firms.choices import Role
from mes.firms.models import Firm, Membership, User
from production.machines.models import CalendarDay, Shift, ShiftPattern

ASSOCIATION = (("admin", "协会管理员", Role.ADMINISTRATOR), ("dispatcher", "协会调度员", Role.DISPATCHER))
FIRM_PEOPLE = (("owner", "厂长", Role.OWNER), ("planner", "计划员", Role.PLANNER))


def person(firm_code: str, role: Role) -> str:
    """The user name of a firm's owner or planner."""
    return f"{role.value}@{firm_code}"


def seed_directory(*, park: Park, index: Index) -> None:
    """Firms with their gates, two people of the association, an owner and a planner in each firm, the calendar.

    Nobody has a password: the sample's people act through the demo alone until one is given to them.
    """
    firms = [
        Firm(
            code=row.code,
            name_zh=row.name_zh,
            name_en=row.name_en,
            sort_key=row.sort_key,
            gate_east_m=int(row.x_km * 1000),
            gate_north_m=int(row.y_km * 1000),
        )
        for row in park.firms
    ]
    Firm.objects.bulk_create(firms)
    index.firms.update({firm.code: firm.pk for firm in firms})
    _people(index)
    _calendar(park, index)


def _people(index: Index) -> None:
    staff = [(User(username=name, full_name=title), role) for name, title, role in ASSOCIATION]
    members = [
        (User(username=person(code, role), full_name=f"{code} {title}", firm_id=firm_id), role)
        for code, firm_id in index.firms.items()
        for _name, title, role in FIRM_PEOPLE
    ]
    everybody = [*staff, *members]
    for user, _role in everybody:
        user.set_unusable_password()
    User.objects.bulk_create(user for user, _role in everybody)
    Membership.objects.bulk_create(
        Membership(user=user, firm_id=user.firm_id, role=role.value) for user, role in everybody
    )
    index.people.update({user.username: user.pk for user, _role in everybody})


def _calendar(park: Park, index: Index) -> None:
    patterns = {row.code: ShiftPattern(code=row.code) for row in park.patterns}
    ShiftPattern.objects.bulk_create(patterns.values())
    Shift.objects.bulk_create(
        Shift(pattern=patterns[row.code], start_min=start, end_min=end)
        for row in park.patterns
        for start, end in row.shifts_min
    )
    CalendarDay.objects.bulk_create(
        CalendarDay(
            day=row.day,
            kind=row.kind,
            name_zh=row.name_zh,
            name_en=row.name_en,
            assumed=row.assumed,
            source=row.source,
        )
        for row in park.calendar
    )
    index.patterns.update({code: pattern.pk for code, pattern in patterns.items()})
