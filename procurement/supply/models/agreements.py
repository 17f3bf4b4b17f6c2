"""What a supplier and the firms have agreed on: terms, how much under them, and each firm's orders."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mes.catalog.models import Material
from mes.core.bounds import between, not_blank, plausible_days, plausible_times
from mes.core.feed import Feed
from mes.core.models import Record
from mes.core.tenancy import READ, THE_FIRM, WRITE, Office, Tenancy, system, two_party
from mes.firms.models import Firm
from procurement.awards.models import Allocation, AwardLine
from procurement.rounds.models import MOST_BAG_KG, MOST_KG, MOST_REASON, WHOLE_PERMILLE, LockedCommitment, RoundLine
from procurement.supply.choices import OrderStatus, WeightBasis

MOST_TERMS = 500
MOST_CONTRACT = 60
MOST_MFEN_PER_T = 100_000_000_000

# Columns are named in full, as PostgreSQL prints them: a test compares the two.
_ORDERS_UNDER_IT = (
    "EXISTS (SELECT FROM supply_firmorder WHERE supply_firmorder.agreement_id = supply_frameworkagreement.id"
    f" AND supply_firmorder.firm_id = {THE_FIRM})"
)


class FrameworkAgreement(Record):
    """The terms on which a supplier delivers a line of a round, read by it and by the firms that order under them.

    `price_mfen_per_t`: without VAT, delivered, cash; thousandths of a fen. `price_terms`: how the price of later
    call-offs is found. Within `tolerance_permille` of the supplier's ticket the weight of `basis_within` is paid, else
    that of `basis_beyond`; a supplier disputes a weight within `dispute_h` hours.
    """

    tenancy: ClassVar[Tenancy] = system(
        firm=READ,
        firm_condition=f"(supplier_id = {THE_FIRM} OR {_ORDERS_UNDER_IT})",
        staff=READ,
        planner=READ,
        exchange=WRITE,
        owner="supplier_id",
        office=Office.ROUND,
    )

    supplier = models.ForeignKey(Firm, verbose_name=_("supplier"), on_delete=models.PROTECT, related_name="+")
    award_line = models.OneToOneField(
        AwardLine, verbose_name=_("award line"), on_delete=models.PROTECT, related_name="agreement"
    )
    line = models.ForeignKey(RoundLine, verbose_name=_("round line"), on_delete=models.PROTECT, related_name="+")
    material = models.ForeignKey(Material, verbose_name=_("material"), on_delete=models.PROTECT, related_name="+")
    bag_kg = models.PositiveIntegerField(_("bag, kg"))
    price_mfen_per_t = models.PositiveBigIntegerField(_("price, thousandths of a fen per t"))
    price_terms = models.CharField(_("terms of the price"), max_length=MOST_TERMS, blank=True, default="")
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("until"))
    tolerance_permille = models.PositiveIntegerField(_("weighing tolerance, per mille"))
    basis_within = models.CharField(
        _("weight within the tolerance"), max_length=12, choices=WeightBasis.choices, default=WeightBasis.TICKET
    )
    basis_beyond = models.CharField(
        _("weight beyond the tolerance"), max_length=12, choices=WeightBasis.choices, default=WeightBasis.RECEIVED
    )
    dispute_h = models.PositiveSmallIntegerField(_("hours to dispute a weight"))

    class Meta:
        verbose_name = _("framework agreement")
        verbose_name_plural = _("framework agreements")
        constraints = [
            models.UniqueConstraint(fields=["supplier", "line"], name="agreement_once_per_line"),
            models.CheckConstraint(
                condition=Q(from_on__lte=F("until_on")) & plausible_days("from_on", "until_on"), name="agreement_term"
            ),
            models.CheckConstraint(
                condition=between(1, MOST_MFEN_PER_T, "price_mfen_per_t") & between(1, MOST_BAG_KG, "bag_kg"),
                name="agreement_price_in_range",
            ),
            models.CheckConstraint(
                condition=between(0, WHOLE_PERMILLE, "tolerance_permille") & between(1, 720, "dispute_h"),
                name="agreement_tolerance_in_range",
            ),
            models.CheckConstraint(
                condition=Q(basis_within__in=["ticket", "received"], basis_beyond__in=WeightBasis.values),
                name="agreement_basis_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_id}"


class FrameworkBalance(Record):
    """The hard cap of an agreement and what is left of it; each order takes its kg from it, by a trigger.

    No firm reads it: from one order to the next its difference would be another firm's.
    """

    tenancy: ClassVar[Tenancy] = system(
        firm=READ,
        firm_condition=f"supplier_id = {THE_FIRM}",
        staff=READ,
        planner=READ,
        exchange=WRITE,
        owner="supplier_id",
        office=Office.ROUND,
    )

    supplier = models.ForeignKey(Firm, verbose_name=_("supplier"), on_delete=models.PROTECT, related_name="+")
    agreement = models.OneToOneField(
        FrameworkAgreement, verbose_name=_("framework agreement"), on_delete=models.PROTECT, related_name="balance"
    )
    cap_kg = models.PositiveBigIntegerField(_("cap, kg"))
    remaining_kg = models.BigIntegerField(_("remaining, kg"))

    class Meta:
        verbose_name = _("balance of an agreement")
        verbose_name_plural = _("balances of agreements")
        constraints = [
            models.CheckConstraint(
                condition=Q(remaining_kg__gte=0, remaining_kg__lte=F("cap_kg"), cap_kg__lte=MOST_KG),
                name="framework_cap_holds",
            )
        ]

    def __str__(self) -> str:
        return f"{self.remaining_kg}"


_OF_ORDER = (
    "agreement_id", "supplier_id", "number", "status", "kg", "price_mfen_per_t", "contract_number", "signed_at",
    "wanted_on", "reason",
)  # fmt: skip


class FirmOrder(Record):
    """What a firm orders of a supplier: its part of the award, or what it has called off (without `allocation`).

    `seller`: the supplier, once the firm has signed with it; empty before and where the association signs. The price
    is the supplier's own, as in the agreement. `locked`: decides who gets how much when too little or too much comes.
    """

    tenancy: ClassVar[Tenancy] = two_party(
        giver="firm_id",
        doer="seller_id",
        owners={"allocation": "firm_id", "locked": "firm_id", "agreement": ""},
        office=Office.ROUND,
    )

    feed: ClassVar[Feed] = Feed(
        "resin_order",
        resource="rounds",
        path="resin-orders/{id}",
        shows={"firm_id": _OF_ORDER, "seller_id": _OF_ORDER},
    )

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT, related_name="+")
    supplier = models.ForeignKey(Firm, verbose_name=_("supplier"), on_delete=models.PROTECT, related_name="+")
    seller = models.ForeignKey(
        Firm, verbose_name=_("seller"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    agreement = models.ForeignKey(
        FrameworkAgreement, verbose_name=_("framework agreement"), on_delete=models.PROTECT, related_name="orders"
    )
    line = models.ForeignKey(RoundLine, verbose_name=_("round line"), on_delete=models.PROTECT, related_name="+")
    locked = models.ForeignKey(
        LockedCommitment, verbose_name=_("locked commitment"), on_delete=models.PROTECT, related_name="+"
    )
    allocation = models.OneToOneField(
        Allocation, verbose_name=_("allocation"), null=True, blank=True, on_delete=models.PROTECT, related_name="order"
    )
    number = models.CharField(_("number"), max_length=60, unique=True)
    kg = models.PositiveBigIntegerField(_("kg"))
    price_mfen_per_t = models.PositiveBigIntegerField(_("price, thousandths of a fen per t"))
    wanted_on = models.DateField(_("wanted on"))
    status = models.CharField(_("status"), max_length=10, choices=OrderStatus.choices, default=OrderStatus.OPEN)
    contract_number = models.CharField(_("contract number"), max_length=MOST_CONTRACT, blank=True, default="")
    signed_at = models.DateTimeField(_("signed"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=MOST_REASON, blank=True, default="")

    class Meta:
        verbose_name = _("order of a firm")
        verbose_name_plural = _("orders of firms")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=OrderStatus.values), name="firm_order_status_known"),
            models.CheckConstraint(
                condition=between(1, MOST_KG, "kg") & between(1, MOST_MFEN_PER_T, "price_mfen_per_t"),
                name="firm_order_in_range",
            ),
            models.CheckConstraint(
                condition=~Q(status=OrderStatus.SIGNED) | (Q(signed_at__isnull=False) & not_blank("contract_number")),
                name="signed_order_has_contract",
            ),
            models.CheckConstraint(
                condition=~Q(status=OrderStatus.CANCELLED) | not_blank("reason"), name="cancelled_order_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(seller=None) | Q(seller=F("supplier")), name="firm_order_seller_is_supplier"
            ),
            models.CheckConstraint(
                condition=plausible_days("wanted_on") & plausible_times("signed_at"), name="firm_order_days_plausible"
            ),
        ]

    def __str__(self) -> str:
        return self.number
