"""Sales orders: what a firm has promised. Customer and price stand apart, where only the firm reads."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mes.catalog.models import MachineClass, Product
from mes.core.bounds import between, not_blank, plausible_days, plausible_times
from mes.core.feed import Feed, PartOf, Through, shown_to_firm
from mes.core.models import Record
from mes.core.tenancy import ALL, APPEND, NONE, READ, WRITE, Tenancy, private
from mes.firms.models import Firm
from orders.sales.choices import Consent, DeclineReason, OrderOrigin, OrderStatus, PlanState

MOST_CUSTOMER = 120
MOST_PIECES = 10_000_000
MOST_CNY_PER_T = 10_000_000
MOST_WEIGHT_KG = 1_000_000_000


class SalesOrder(Record):
    """An order of a customer, or work taken over from another member (`origin` outsourced)."""

    tenancy: ClassVar[Tenancy] = private(firm=WRITE, planner=WRITE, exchange=WRITE)
    feed: ClassVar[Feed] = Feed(
        "sales_order",
        resource="orders",
        path="sales-orders/{id}",
        shows=shown_to_firm("number", "external_ref", "origin", "status", "ordered_on", "decline_reason"),
    )

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    number = models.CharField(_("number"), max_length=40)
    external_ref = models.CharField(_("the firm's own number"), max_length=80, null=True, blank=True)
    origin = models.CharField(_("origin"), max_length=12, choices=OrderOrigin.choices, default=OrderOrigin.OWN)
    status = models.CharField(_("status"), max_length=16, choices=OrderStatus.choices, default=OrderStatus.DRAFT)
    ordered_on = models.DateField(_("ordered on"))
    decline_reason = models.CharField(
        _("declined because of"), max_length=12, choices=DeclineReason.choices, blank=True, default=""
    )

    class Meta:
        verbose_name = _("sales order")
        verbose_name_plural = _("sales orders")
        constraints = [
            models.UniqueConstraint(fields=["firm", "number"], name="order_number_once_per_firm"),
            models.UniqueConstraint(fields=["firm", "external_ref"], name="order_ref_once_per_firm"),
            models.CheckConstraint(condition=not_blank("number"), name="order_has_number"),
            models.CheckConstraint(condition=plausible_days("ordered_on"), name="order_day_plausible"),
            models.CheckConstraint(condition=Q(status__in=OrderStatus.values), name="order_status_known"),
            models.CheckConstraint(
                condition=Q(status=OrderStatus.DECLINED, decline_reason__in=DeclineReason.values)
                | (~Q(status=OrderStatus.DECLINED) & Q(decline_reason="")),
                name="declined_for_a_reason",
            ),
            models.CheckConstraint(condition=Q(origin__in=OrderOrigin.values), name="order_origin_known"),
        ]
        indexes = [
            models.Index(fields=["firm", "ordered_on", "id"], name="order_by_firm_and_day"),
            models.Index(fields=["firm", "status", "ordered_on", "id"], name="order_by_firm_and_status"),
        ]

    def __str__(self) -> str:
        return self.number


class SalesOrderDecline(Record):
    """What a declined order would have been: how much, on which machines, and when the firm could have made it.

    `offerable_at` empty: no date could have been offered.
    """

    tenancy: ClassVar[Tenancy] = private(firm=APPEND, planner=NONE)
    feed: ClassVar[PartOf] = PartOf(
        "sales_order", key="order_id", shows=shown_to_firm("weight_kg", "machine_class_id", "offerable_at")
    )

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    order = models.OneToOneField(
        SalesOrder, verbose_name=_("sales order"), on_delete=models.CASCADE, related_name="decline"
    )
    weight_kg = models.DecimalField(_("declined, kg"), max_digits=14, decimal_places=3)
    machine_class = models.ForeignKey(
        MachineClass, verbose_name=_("machine class"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    offerable_at = models.DateTimeField(_("could have been offered for"), null=True)

    class Meta:
        verbose_name = _("declined order")
        verbose_name_plural = _("declined orders")
        constraints = [
            models.CheckConstraint(
                condition=Q(weight_kg__gt=0, weight_kg__lte=MOST_WEIGHT_KG), name="declined_weight_positive"
            ),
            models.CheckConstraint(condition=plausible_times("offerable_at"), name="offerable_date_plausible"),
        ]

    def __str__(self) -> str:
        return str(self.order)


class SalesOrderTerms(Record):
    """Who the customer is. Read by the firm alone."""

    tenancy: ClassVar[Tenancy] = private(firm=ALL, staff=NONE, planner=NONE)
    feed: ClassVar[PartOf] = PartOf("sales_order", key="order_id", shows=shown_to_firm("customer_name"))

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    order = models.OneToOneField(
        SalesOrder, verbose_name=_("sales order"), on_delete=models.CASCADE, related_name="terms"
    )
    customer_name = models.CharField(_("customer"), max_length=MOST_CUSTOMER)

    class Meta:
        verbose_name = _("order terms")
        verbose_name_plural = _("order terms")
        constraints = [models.CheckConstraint(condition=not_blank("customer_name"), name="customer_has_name")]

    def __str__(self) -> str:
        return f"{self.order_id}"


class SalesOrderLine(Record):
    """Pieces of a product by a date.

    `revision` grows with each change that the plan depends on. `due_at` is at the firm's own gate; a trigger refuses
    one before the day on which the order came.
    `plan_state` and `planned_finish_at` are written by the published plan.
    """

    tenancy: ClassVar[Tenancy] = private(firm=ALL, planner=WRITE, exchange=WRITE)
    feed: ClassVar[PartOf] = PartOf(
        "sales_order",
        key="order_id",
        shows=shown_to_firm(
            "number",
            "external_ref",
            "product_id",
            "pieces",
            "release_at",
            "due_at",
            "priority",
            "consent",
            "revision",
            "plan_state",
            "planned_finish_at",
        ),
    )

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    order = models.ForeignKey(SalesOrder, verbose_name=_("sales order"), on_delete=models.CASCADE, related_name="lines")
    number = models.PositiveSmallIntegerField(_("line"))
    external_ref = models.CharField(_("the firm's own number"), max_length=80, null=True, blank=True)
    product = models.ForeignKey(Product, verbose_name=_("product"), on_delete=models.PROTECT)
    pieces = models.PositiveIntegerField(_("pieces"))
    release_at = models.DateTimeField(_("not before"), null=True, blank=True)
    due_at = models.DateTimeField(_("due"))
    priority = models.PositiveSmallIntegerField(_("priority"), default=1)
    consent = models.CharField(_("outsourcing"), max_length=8, choices=Consent.choices, default=Consent.NEVER)
    revision = models.PositiveIntegerField(_("revision"), default=1)
    plan_state = models.CharField(
        _("in the plan"), max_length=10, choices=PlanState.choices, default=PlanState.UNPLANNED
    )
    planned_finish_at = models.DateTimeField(_("planned finish"), null=True, blank=True)

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        constraints = [
            models.UniqueConstraint(fields=["order", "number"], name="line_number_once"),
            models.UniqueConstraint(fields=["firm", "external_ref"], name="line_ref_once_per_firm"),
            models.CheckConstraint(condition=between(1, MOST_PIECES, "pieces"), name="line_pieces_in_range"),
            models.CheckConstraint(condition=plausible_times("due_at", "release_at"), name="line_dates_plausible"),
            models.CheckConstraint(
                condition=Q(release_at=None) | Q(due_at__gt=F("release_at")), name="line_due_after_release"
            ),
            models.CheckConstraint(condition=Q(plan_state__in=PlanState.values), name="line_plan_state_known"),
            models.CheckConstraint(condition=Q(priority__in=[1, 3, 9]), name="line_priority_known"),
            models.CheckConstraint(condition=Q(consent__in=Consent.values), name="line_consent_known"),
        ]
        indexes = [models.Index(fields=["firm", "due_at"], name="line_by_firm_and_due")]

    def __str__(self) -> str:
        return f"{self.order.number}-{self.number}"

    @property
    def fee_ceiling_cny_per_t(self) -> Decimal | None:
        """The most that the firm pays another for making it. Read `ceiling` with the line, not as the association."""
        ceiling = getattr(self, "ceiling", None)
        return None if ceiling is None else ceiling.fee_cny_per_t


class SalesOrderLineCeiling(Record):
    """The most that the firm pays another for making the line. No row: no ceiling. The association does not read it."""

    tenancy: ClassVar[Tenancy] = private(firm=ALL, staff=NONE, planner=READ, exchange=READ)
    feed: ClassVar[PartOf] = PartOf(
        "sales_order",
        key="line_id",
        shows=shown_to_firm("fee_cny_per_t"),
        through=Through("sales_salesorderline", on="id", key="order_id"),
    )

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    line = models.OneToOneField(
        SalesOrderLine, verbose_name=_("order line"), on_delete=models.CASCADE, related_name="ceiling"
    )
    fee_cny_per_t = models.DecimalField(_("fee ceiling, CNY per t"), max_digits=10, decimal_places=2)

    class Meta:
        verbose_name = _("fee ceiling, CNY per t")
        verbose_name_plural = _("fee ceiling, CNY per t")
        constraints = [
            models.CheckConstraint(condition=between(0, MOST_CNY_PER_T, "fee_cny_per_t"), name="line_ceiling_in_range")
        ]

    def __str__(self) -> str:
        return f"{self.line_id}"


class SalesOrderLineTerms(Record):
    """The selling price. Read by the firm alone."""

    tenancy: ClassVar[Tenancy] = private(firm=ALL, staff=NONE, planner=NONE)
    feed: ClassVar[PartOf] = PartOf(
        "sales_order",
        key="line_id",
        shows=shown_to_firm("price_cny_per_t"),
        through=Through("sales_salesorderline", on="id", key="order_id"),
    )

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    line = models.OneToOneField(
        SalesOrderLine, verbose_name=_("order line"), on_delete=models.CASCADE, related_name="terms"
    )
    price_cny_per_t = models.DecimalField(_("price, CNY per t"), max_digits=12, decimal_places=2)

    class Meta:
        verbose_name = _("line terms")
        verbose_name_plural = _("line terms")
        constraints = [
            models.CheckConstraint(condition=between(0, MOST_CNY_PER_T, "price_cny_per_t"), name="line_price_in_range")
        ]

    def __str__(self) -> str:
        return f"{self.line_id}"


class LineExclusion(Record):
    """A member that a line's work may never go to. It does not learn of it."""

    tenancy: ClassVar[Tenancy] = private(firm=ALL, staff=NONE, planner=READ, exchange=READ)
    feed: ClassVar[PartOf] = PartOf(
        "sales_order",
        key="line_id",
        shows=shown_to_firm("excluded_firm_id"),
        through=Through("sales_salesorderline", on="id", key="order_id"),
    )

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    line = models.ForeignKey(
        SalesOrderLine, verbose_name=_("order line"), on_delete=models.CASCADE, related_name="exclusions"
    )
    excluded_firm = models.ForeignKey(Firm, verbose_name=_("excluded firm"), on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("excluded firm")
        verbose_name_plural = _("excluded firms")
        constraints = [
            models.UniqueConstraint(fields=["line", "excluded_firm"], name="exclusion_once"),
            models.CheckConstraint(condition=~Q(firm=F("excluded_firm")), name="exclusion_of_another_firm"),
        ]

    def __str__(self) -> str:
        return f"{self.excluded_firm_id}"


class LinePlacement(Record):
    """Pieces of a line that are signed over to another member; less than zero when they come back. A ledger."""

    tenancy: ClassVar[Tenancy] = private(firm=READ, exchange=APPEND)

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    line = models.ForeignKey(
        SalesOrderLine, verbose_name=_("order line"), on_delete=models.PROTECT, related_name="placements"
    )
    pieces = models.IntegerField(_("pieces"))
    placed_at = models.DateTimeField(_("placed"))

    class Meta:
        verbose_name = _("placement")
        verbose_name_plural = _("placements")
        constraints = [models.CheckConstraint(condition=~Q(pieces=0), name="placement_not_empty")]

    def __str__(self) -> str:
        return f"{self.pieces}"


class LineCompletion(Record):
    """Pieces of a line that are good and through the last step. A ledger: a correction is a reversing row."""

    tenancy: ClassVar[Tenancy] = private(firm=APPEND, exchange=READ)
    feed: ClassVar[PartOf] = PartOf(
        "sales_order",
        key="line_id",
        shows=shown_to_firm("pieces"),
        through=Through("sales_salesorderline", on="id", key="order_id"),
    )

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    line = models.ForeignKey(
        SalesOrderLine, verbose_name=_("order line"), on_delete=models.PROTECT, related_name="completions"
    )
    pieces = models.IntegerField(_("pieces"))
    completed_at = models.DateTimeField(pgettext_lazy("time", "completed"))

    class Meta:
        verbose_name = _("completion")
        verbose_name_plural = _("completions")
        constraints = [models.CheckConstraint(condition=~Q(pieces=0), name="completion_not_empty")]

    def __str__(self) -> str:
        return f"{self.pieces}"
