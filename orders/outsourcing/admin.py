from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from mes.core.desk.columns import NOTHING, column, state, tonnes
from mes.core.desk.filters import by_choice, by_day, by_row
from mes.core.desk.lists import DeskAdmin
from mes.core.desk.related import Related, relate
from mes.core.desk.sections import Section
from mes.firms.models import Firm
from orders.outsourcing.choices import OutsourceStatus
from orders.outsourcing.models import OutsourceDispatch, OutsourceOrder, OutsourceReceipt
from orders.sales.models import SalesOrder, SalesOrderLine

_SIDES = {"giver": _("the giver"), "doer": _("the doer")}
_STATUS = state(
    OutsourceOrder,
    "status",
    good=(OutsourceStatus.RECEIVED, OutsourceStatus.CLOSED),
    warn=(OutsourceStatus.DISPATCHED,),
    bad=(OutsourceStatus.CANCELLED,),
)
_WEIGHT = tonnes(_("weight, t"), "weight_g")


def _material_from(order: OutsourceOrder) -> Any:
    return _SIDES.get(order.material_from, NOTHING)


@admin.register(OutsourceOrder)
class OutsourceOrderAdmin(DeskAdmin):
    """Work signed over from one member to another. The fee is between the two."""

    section = Section.ORDERS
    icon = "handshake"
    rank = 30
    list_display = ("giver_number", "giver", "doer", "product", "pieces", _WEIGHT, "due_at", _STATUS)
    list_filter = (by_choice("status"), by_row("giver"), by_row("doer"), by_day("due_at"))
    list_select_related = ("giver", "doer")
    prefetched = ("product",)
    search_fields = ("giver_number", "giver__code", "doer__code")
    page_fields = (
        "giver_number", "giver", "doer", "giver_line", "doer_order", "product", "pieces", _WEIGHT, "due_at",
        column(_("material from"), _material_from), _STATUS, "created_at",
    )  # fmt: skip
    ordering = ("-created_at",)
    related = (Related(OutsourceDispatch, "order"), Related(OutsourceReceipt, "order"))


class _Goods(DeskAdmin):
    """A ledger of goods; reached from the order's page."""

    grows_long = True
    list_filter = (by_row("giver"), by_row("doer"))
    list_select_related = ("order", "giver", "doer")
    search_fields = ("order__giver_number", "giver__code", "doer__code")


@admin.register(OutsourceDispatch)
class OutsourceDispatchAdmin(_Goods):
    list_display = ("dispatched_at", "order", "doer", "giver", "pieces")
    page_fields = list_display
    ordering = ("-dispatched_at",)


@admin.register(OutsourceReceipt)
class OutsourceReceiptAdmin(_Goods):
    list_display = ("received_at", "order", "doer", "giver", "accepted_pieces", "refused_pieces")
    page_fields = list_display
    ordering = ("-received_at",)


relate(SalesOrderLine, Related(OutsourceOrder, "giver_line"))
relate(SalesOrder, Related(OutsourceOrder, "doer_order", title=_("Taken over as")))
relate(
    Firm,
    Related(OutsourceOrder, "giver", title=_("Work given away")),
    Related(OutsourceOrder, "doer", title=_("Work taken over")),
)
