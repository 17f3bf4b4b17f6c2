"""The first page: what waits for the person, each count and each row with the list behind it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mes.catalog.models import MachineClass, Material
from mes.core.clock import business_now, database_now
from mes.core.desk.columns import NOTHING, grouped, in_words
from mes.core.desk.names import name_of
from mes.core.desk.related import Table
from mes.firms.models import Firm
from mes.park.selectors.declined import Declined, declined_orders
from mes.park.selectors.material import Shortage, material_short
from mes.park.selectors.today import last_day_soon, needs_today
from orders.sales.choices import DeclineReason

# What the first page counts: heading, list, and what is asked of it.
_NEEDS: dict[str, tuple[Any, str, dict[str, str]]] = {
    "late": (gettext_lazy("Order lines late in the plan"), "sales_salesorderline", {"need": "late"}),
    "overdue": (gettext_lazy("Order lines whose due date has passed"), "sales_salesorderline", {"need": "overdue"}),
    "unplaced": (gettext_lazy("Order lines without a place in the plan"), "sales_salesorderline", {"need": "unplaced"}),
    "candidates": (
        gettext_lazy("Plans to publish or discard"),
        "plans_planrun",
        {"state__exact": "candidate", "scope__exact": "park"},
    ),
    "proposals": (
        gettext_lazy("Proposals that wait for an answer"), "plans_proposal", {"status__exact": "proposed"},
    ),
    "expiring": (
        gettext_lazy("Proposals that expire by tomorrow"), "plans_proposal", {"status__exact": "proposed"},
    ),
    "downtimes": (gettext_lazy("Downtimes under way"), "machines_downtime", {"when": "now"}),
    "without_hours": (gettext_lazy("Firms whose machines lack working hours"), "firms_firm", {"hours": "none"}),
    "failed_jobs": (gettext_lazy("Failed jobs"), "core_backgroundjob", {"state__exact": "failed"}),
    "untold": (gettext_lazy("Events that are not told yet"), "core_outboxevent", {"told": "no"}),
}  # fmt: skip
_DECLINED_MONTHS = 12
"""The last of them is shown; the others have been."""
_MOST_SHORT = 10
_KG_PER_T = 1000
_G_PER_T = 1_000_000


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Adds to the first page's context what waits for the person, as far as the access table shows the lists."""
    now = business_now()
    tables = []
    if _sees(request, "machines_stockmovement"):
        tables.append(_short(now))
    if _sees(request, "sales_salesorderdecline"):
        tables += _declined(database_now())
    return {**context, "cards": list(_cards(request, now)), "related_tables": tables}


def _sees(request: HttpRequest, model: str) -> bool:
    return request.user.has_perm(model.replace("_", ".view_"))


def _address(model: str, asked: dict[str, str]) -> str:
    return f"{reverse(f'admin:{model}_changelist')}?{urlencode(asked)}"


def _cards(request: HttpRequest, now: datetime) -> Iterable[dict[str, Any]]:
    counts = needs_today(now=now)
    until = {"expiring": {"expires_at_to": last_day_soon(now).isoformat()}}
    for name, (heading, model, asked) in _NEEDS.items():
        if _sees(request, model):
            address = _address(model, asked | until.get(name, {}))
            yield {"heading": heading, "count": counts[name], "address": address}


def _short(now: datetime) -> Table:
    """Material that the plan takes and that will be missing. The movements of firm and material lie behind each row."""
    found = material_short(now=now)
    shown = found[:_MOST_SHORT]
    firms = {firm.pk: firm for firm in Firm.objects.filter(pk__in={row.firm_id for row in shown})}
    codes = {row.material_code for row in shown}
    materials = {material.code: material for material in Material.objects.filter(code__in=codes)}
    rows = [_short_row(row, firms[row.firm_id], materials[row.material_code]) for row in shown]
    left = len(found) - len(shown)
    notes = [_("Firms' own products are not counted: the association does not read their recipes.")]
    if left:
        notes.insert(0, _("And %(count)s more.") % {"count": left})
    return Table(
        title=_("Material short of the plan"),
        headings=_headings(_("material"), _("firm"), _("missing, t"), _("first missing")),
        rows=rows,
        note=" ".join(notes),
    )


def _short_row(row: Shortage, firm: Firm, material: Material) -> list[Any]:
    asked = {"firm__id__exact": str(firm.pk), "material__id__exact": str(material.pk)}
    link = _linked("machines_stockmovement", asked, f"{material.code} {name_of(material)}".strip())
    return [link, in_words(firm), grouped(Decimal(row.missing_g) / _G_PER_T, places=3), in_words(row.since)]


def _declined(now: datetime) -> list[Table]:
    """What was turned away in the last whole month: one that grows from day to day would tell of each new order.

    `now`: the database's clock, by which rows are stamped.
    """
    days = _first_days(timezone.localdate(now), _DECLINED_MONTHS)
    found = declined_orders(bounds=[timezone.make_aware(datetime.combine(day, time())) for day in days])
    first, last = days[-2], days[-1] - timedelta(days=1)
    asked = {"created_at_from": first.isoformat(), "created_at_to": last.isoformat()}
    reasons = [
        _declined_row(row, DeclineReason(row.key).label, asked | {"order__decline_reason__exact": row.key})
        for row in found.by_reason
    ]
    names = {row.pk: row for row in MachineClass.objects.filter(pk__in={row.key for row in found.by_class})}
    classes = [
        _declined_row(row, name_of(names[row.key]), asked | {"machine_class__id__exact": str(row.key)})
        if row.key is not None
        else _declined_row(row, _("no machine named"), asked | {"machine_class__isnull": "True"})
        for row in found.by_class
    ]
    notes = [
        _(
            "Figures are withheld where they come from fewer than five firms, or one firm has more than three fifths of"
            " them, or where the difference from an earlier month would tell that of a firm."
        ),
        _("Each order stands in the list behind, for the desk alone; only the figures shown here may be passed on."),
    ]
    note = " ".join(notes)
    month = {"month": f"{first:%Y-%m}"}
    headings = (_("orders"), _("declined, t"))
    return [
        Table(_("Declined in %(month)s, by reason") % month, _headings(_("reason"), *headings), reasons, note=note),
        Table(_("Declined in %(month)s, by machine class") % month, _headings(_("machine class"), *headings), classes),
    ]


def _first_days(today: date, months: int) -> list[date]:
    """The first days of so many whole months before this one, and of this one."""
    days = [today.replace(day=1)]
    for _month in range(months):
        days.insert(0, (days[0] - timedelta(days=1)).replace(day=1))
    return days


def _headings(*words: str) -> list[str]:
    return [str(capfirst(word)) for word in words]


def _declined_row(row: Declined, words: Any, asked: dict[str, str]) -> list[Any]:
    weight = _("withheld") if row.weight_kg is None else grouped(row.weight_kg / _KG_PER_T, places=1)
    orders = _("withheld") if row.orders is None else grouped(row.orders)
    return [_linked("sales_salesorderdecline", asked, words or NOTHING), orders, weight]


def _linked(model: str, asked: dict[str, str], words: Any) -> str:
    return format_html('<a class="desk-link" href="{}">{}</a>', _address(model, asked), words)
