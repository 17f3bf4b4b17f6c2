"""What firms, or the association, claim of a supplier."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mes.core.bounds import between, not_blank, plausible_times
from mes.core.feed import Feed
from mes.core.models import Record
from mes.core.tenancy import Office, Tenancy, two_party
from mes.firms.models import Firm
from procurement.rounds.models import MOST_KG, MOST_REASON, Round
from procurement.supply.choices import ClaimKind, ClaimStatus
from procurement.supply.models.agreements import FirmOrder
from procurement.supply.models.deliveries import Delivery
from procurement.supply.models.shares import LotAllocation

MOST_CLAIM_FEN = 1_000_000_000_000
_BOTH = (
    "kind",
    "status",
    "kg",
    "amount_fen",
    "reason",
    "settled_fen",
    "answer",
    "ended_at",
    "delivery_id",
    "lot_part_id",
    "order_id",
    "supplier_id",
)


class Claim(Record):
    """Too little, off specification or too late. Without a firm it is the association's, about a delivery.

    `seller`: the supplier where the firm has signed with it, and of the association's claims. `settled_fen`: what the
    supplier pays, at most the amount.
    """

    tenancy: ClassVar[Tenancy] = two_party(
        giver="firm_id", doer="seller_id", owners={"delivery": ""}, office=Office.ROUND
    )

    feed: ClassVar[Feed] = Feed(
        "resin_claim", resource="rounds", path="resin-claims/{id}", shows={"firm_id": _BOTH, "seller_id": _BOTH}
    )

    firm = models.ForeignKey(
        Firm, verbose_name=_("firm"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    supplier = models.ForeignKey(Firm, verbose_name=_("supplier"), on_delete=models.PROTECT, related_name="+")
    seller = models.ForeignKey(
        Firm, verbose_name=_("seller"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    round = models.ForeignKey(Round, verbose_name=_("round"), on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey(
        FirmOrder, verbose_name=_("order of a firm"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="claims",
    )  # fmt: skip
    lot_part = models.ForeignKey(
        LotAllocation, verbose_name=_("part of a lot"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="claims",
    )  # fmt: skip
    delivery = models.ForeignKey(
        Delivery, verbose_name=_("delivery"), null=True, blank=True, on_delete=models.PROTECT, related_name="claims"
    )
    kind = models.CharField(_("kind"), max_length=20, choices=ClaimKind.choices)
    status = models.CharField(_("status"), max_length=10, choices=ClaimStatus.choices, default=ClaimStatus.OPEN)
    kg = models.PositiveBigIntegerField(_("kg"))
    amount_fen = models.PositiveBigIntegerField(_("amount, fen"))
    reason = models.CharField(_("reason"), max_length=MOST_REASON)
    settled_fen = models.PositiveBigIntegerField(_("settled, fen"), null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=MOST_REASON, blank=True, default="")
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ClaimKind.values), name="claim_kind_known"),
            models.CheckConstraint(condition=Q(status__in=ClaimStatus.values), name="claim_status_known"),
            models.CheckConstraint(
                condition=between(1, MOST_KG, "kg") & between(0, MOST_CLAIM_FEN, "amount_fen"), name="claim_in_range"
            ),
            models.CheckConstraint(condition=not_blank("reason"), name="claim_has_reason"),
            models.CheckConstraint(
                condition=Q(status=ClaimStatus.SETTLED, settled_fen__lte=F("amount_fen"), ended_at__isnull=False)
                | Q(status=ClaimStatus.OPEN, settled_fen=None, ended_at=None)
                | Q(status=ClaimStatus.WITHDRAWN, settled_fen=None, ended_at__isnull=False),
                name="claim_ends_with_its_amount",
            ),
            models.CheckConstraint(
                condition=Q(firm__isnull=False, order__isnull=False)
                | Q(firm=None, order=None, lot_part=None, delivery__isnull=False),
                name="claim_of_an_order_or_a_delivery",
            ),
            models.CheckConstraint(condition=Q(seller=None) | Q(seller=F("supplier")), name="claim_seller_is_supplier"),
            models.CheckConstraint(condition=plausible_times("ended_at"), name="claim_end_plausible"),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())
