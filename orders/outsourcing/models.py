"""Outsource orders: documents of two firms. The doer gets a sales order of its own, never a view of the giver's."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mes.catalog.models import Product
from mes.core.bounds import between, plausible_times
from mes.core.feed import Feed, PartOf, shown_to_both
from mes.core.models import Record
from mes.core.tenancy import APPEND, NONE, Tenancy, two_party
from mes.files.models import KeptFile, file_constraints
from mes.firms.models import Firm
from orders.outsourcing.choices import OutsourceStatus
from orders.sales.models import MOST_CNY_PER_T, MOST_PIECES, SalesOrder, SalesOrderLine

MOST_FEE_CNY = 100_000_000_000
_BOTH = ("product_id", "specification", "pieces", "weight_g", "due_at", "material_from", "status")


class OutsourceOrder(Record):
    """Work that one firm has signed over to another. Goods go to the giver's gate.

    `specification` freezes what the doer must know of the product. `giver_line` and `doer_order` each belong to one
    party; the other sees no more of them than their keys.
    """

    tenancy: ClassVar[Tenancy] = two_party(
        giver="giver_id", doer="doer_id", owners={"giver_line": "giver_id", "doer_order": "doer_id"}
    )
    feed: ClassVar[Feed] = Feed(
        "outsource_order",
        resource="exchange",
        path="outsource-orders/{id}",
        shows={"giver_id": (*_BOTH, "giver_number", "giver_line_id"), "doer_id": (*_BOTH, "doer_order_id")},
    )

    giver = models.ForeignKey(Firm, verbose_name=_("giver"), on_delete=models.PROTECT, related_name="+")
    doer = models.ForeignKey(Firm, verbose_name=_("doer"), on_delete=models.PROTECT, related_name="+")
    giver_number = models.CharField(_("the giver's number"), max_length=40)
    giver_line = models.ForeignKey(
        SalesOrderLine, verbose_name=_("order line"), on_delete=models.PROTECT, related_name="outsource_orders"
    )
    doer_order = models.OneToOneField(
        SalesOrder, verbose_name=_("the doer's sales order"), on_delete=models.PROTECT, related_name="outsource_order"
    )
    product = models.ForeignKey(Product, verbose_name=_("product"), on_delete=models.PROTECT)
    specification = models.JSONField(_("specification"), default=dict)
    pieces = models.PositiveIntegerField(_("pieces"))
    weight_g = models.PositiveBigIntegerField(_("weight, g"))
    due_at = models.DateTimeField(_("due at the giver's gate"))
    material_from = models.CharField(_("material from"), max_length=8)
    status = models.CharField(
        _("status"), max_length=16, choices=OutsourceStatus.choices, default=OutsourceStatus.CONFIRMED
    )

    class Meta:
        verbose_name = _("outsource order")
        verbose_name_plural = _("outsource orders")
        constraints = [
            models.UniqueConstraint(fields=["giver", "giver_number"], name="outsource_number_once_per_giver"),
            models.CheckConstraint(condition=~Q(giver=F("doer")), name="outsource_between_two_firms"),
            models.CheckConstraint(condition=between(1, MOST_PIECES, "pieces"), name="outsource_pieces_in_range"),
            models.CheckConstraint(condition=Q(weight_g__gt=0), name="outsource_weight_positive"),
            models.CheckConstraint(condition=plausible_times("due_at"), name="outsource_date_plausible"),
            models.CheckConstraint(condition=Q(material_from__in=["giver", "doer"]), name="outsource_material_known"),
            models.CheckConstraint(condition=Q(status__in=OutsourceStatus.values), name="outsource_status_known"),
        ]

    def __str__(self) -> str:
        return self.giver_number


class OutsourceOrderTerms(Record):
    """The price, which the two parties read and the association does not."""

    tenancy: ClassVar[Tenancy] = two_party(giver="giver_id", doer="doer_id", staff=NONE, planner=NONE)
    feed: ClassVar[PartOf] = PartOf("outsource_order", key="order_id", shows=shown_to_both("fee_cny_per_t", "fee_cny"))

    giver = models.ForeignKey(Firm, verbose_name=_("giver"), on_delete=models.PROTECT, related_name="+")
    doer = models.ForeignKey(Firm, verbose_name=_("doer"), on_delete=models.PROTECT, related_name="+")
    order = models.OneToOneField(
        OutsourceOrder, verbose_name=_("outsource order"), on_delete=models.PROTECT, related_name="terms"
    )
    fee_cny_per_t = models.DecimalField(_("fee, CNY per t"), max_digits=12, decimal_places=2)
    fee_cny = models.DecimalField(_("fee, CNY"), max_digits=14, decimal_places=2)

    class Meta:
        verbose_name = _("outsource terms")
        verbose_name_plural = _("outsource terms")
        constraints = [
            models.CheckConstraint(
                condition=between(0, MOST_CNY_PER_T, "fee_cny_per_t") & between(0, MOST_FEE_CNY, "fee_cny"),
                name="outsource_fee_in_range",
            )
        ]

    def __str__(self) -> str:
        return f"{self.order_id}"


class OutsourceDispatch(Record):
    """Pieces that left the doer for the giver's gate. A ledger of both parties."""

    tenancy: ClassVar[Tenancy] = two_party(giver="giver_id", doer="doer_id", exchange=APPEND)
    feed: ClassVar[PartOf] = PartOf("outsource_order", key="order_id", shows=shown_to_both("pieces"))

    giver = models.ForeignKey(Firm, verbose_name=_("giver"), on_delete=models.PROTECT, related_name="+")
    doer = models.ForeignKey(Firm, verbose_name=_("doer"), on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey(
        OutsourceOrder, verbose_name=_("outsource order"), on_delete=models.PROTECT, related_name="dispatches"
    )
    pieces = models.PositiveIntegerField(_("pieces"))
    dispatched_at = models.DateTimeField(_("dispatched at"))

    class Meta:
        verbose_name = _("dispatch")
        verbose_name_plural = _("dispatches")
        constraints = [models.CheckConstraint(condition=between(1, MOST_PIECES, "pieces"), name="dispatch_not_empty")]

    def __str__(self) -> str:
        return f"{self.pieces}"


class OutsourceReceipt(Record):
    """Dispatched pieces that the giver has counted at its gate, good and refused. A ledger of both parties."""

    tenancy: ClassVar[Tenancy] = two_party(giver="giver_id", doer="doer_id", exchange=APPEND)
    feed: ClassVar[PartOf] = PartOf(
        "outsource_order", key="order_id", shows=shown_to_both("accepted_pieces", "refused_pieces")
    )

    giver = models.ForeignKey(Firm, verbose_name=_("giver"), on_delete=models.PROTECT, related_name="+")
    doer = models.ForeignKey(Firm, verbose_name=_("doer"), on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey(
        OutsourceOrder, verbose_name=_("outsource order"), on_delete=models.PROTECT, related_name="receipts"
    )
    accepted_pieces = models.PositiveIntegerField(_("accepted pieces"))
    refused_pieces = models.PositiveIntegerField(_("refused pieces"))
    received_at = models.DateTimeField(_("received at"))

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        constraints = [
            models.CheckConstraint(
                condition=Q(accepted_pieces__gt=0) | Q(refused_pieces__gt=0), name="receipt_not_empty"
            ),
            models.CheckConstraint(
                condition=between(0, MOST_PIECES, "accepted_pieces", "refused_pieces"), name="receipt_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.accepted_pieces}"


class OutsourceFile(KeptFile):
    """A drawing, ticket, photo or certificate of an outsource order: both parties read it, the association does not.

    `sender` has put it there, in its own room.
    """

    tenancy: ClassVar[Tenancy] = two_party(giver="giver_id", doer="doer_id", staff=NONE, planner=("SELECT", "DELETE"))
    feed: ClassVar[PartOf] = PartOf(
        "outsource_order",
        key="order_id",
        shows=shown_to_both("name", "media_type", "size_bytes", "sha256", "removed_at"),
    )
    payer = "sender_id"

    giver = models.ForeignKey(Firm, verbose_name=_("giver"), on_delete=models.PROTECT, related_name="+")
    doer = models.ForeignKey(Firm, verbose_name=_("doer"), on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey(
        OutsourceOrder, verbose_name=_("outsource order"), on_delete=models.PROTECT, related_name="files"
    )
    sender = models.ForeignKey(Firm, verbose_name=_("sender"), on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("file of an outsource order")
        verbose_name_plural = _("files of outsource orders")
        constraints = [
            *file_constraints("outsource_file"),
            models.CheckConstraint(
                condition=Q(sender=F("giver")) | Q(sender=F("doer")), name="outsource_file_of_a_party"
            ),
        ]
        indexes = [models.Index(fields=["sha256"], name="outsource_file_by_digest")]
