from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mes.catalog.models import Product
from mes.core.bounds import between, plausible_times
from mes.core.feed import Feed, PartOf, shown_to_both
from mes.core.models import Record
from mes.core.tenancy import NONE, WRITE, Tenancy, two_party
from mes.firms.models import Firm
from orders.outsourcing.models import MOST_FEE_CNY, OutsourceOrder
from orders.sales.models import MOST_CNY_PER_T, SalesOrderLine
from production.machines.choices import MaterialFrom
from production.machines.models import CapacityOffer
from production.plans.choices import ProposalStatus
from production.plans.models.runs import PlanRun

_BOTH = (
    "product_id", "specification", "pieces", "weight_g", "finish_at", "material_from", "status", "expires_at",
    "giver_agreed_at", "doer_agreed_at", "answered_at", "outsource_order_id",
)  # fmt: skip


class Proposal(Record):
    """A placement of lots of one line on one offer: it binds nobody until both sides agree, and holds the machine time
    until then.

    `giver_agreed_at` stands from the start where the line's consent is `allowed`, `doer_agreed_at` where the offer
    is accepted at once. `finish_at` is at the giver's gate.
    """

    tenancy: ClassVar[Tenancy] = two_party(
        giver="giver_id", doer="doer_id", planner=WRITE, owners={"line": "giver_id", "offer": "doer_id"}
    )
    feed: ClassVar[Feed] = Feed(
        "proposal",
        resource="exchange",
        path="proposals/{id}",
        shows={"giver_id": (*_BOTH, "line_id"), "doer_id": (*_BOTH, "starts_at")},
    )

    giver = models.ForeignKey(Firm, verbose_name=_("giver"), on_delete=models.PROTECT, related_name="+")
    doer = models.ForeignKey(Firm, verbose_name=_("doer"), on_delete=models.PROTECT, related_name="+")
    line = models.ForeignKey(
        SalesOrderLine, verbose_name=_("order line"), on_delete=models.PROTECT, related_name="proposals"
    )
    offer = models.ForeignKey(CapacityOffer, verbose_name=_("capacity offer"), on_delete=models.PROTECT)
    plan_run = models.ForeignKey(PlanRun, verbose_name=_("plan run"), on_delete=models.PROTECT)
    product = models.ForeignKey(Product, verbose_name=_("product"), on_delete=models.PROTECT)
    specification = models.JSONField(_("specification"), default=dict)
    pieces = models.PositiveIntegerField(_("pieces"))
    weight_g = models.PositiveBigIntegerField(_("weight, g"))
    starts_at = models.DateTimeField(_("start"))
    finish_at = models.DateTimeField(_("finish at the giver's gate"))
    material_from = models.CharField(_("material from"), max_length=8)
    status = models.CharField(
        _("status"), max_length=12, choices=ProposalStatus.choices, default=ProposalStatus.PROPOSED
    )
    expires_at = models.DateTimeField(_("expires"))
    giver_agreed_at = models.DateTimeField(_("giver agreed"), null=True)
    doer_agreed_at = models.DateTimeField(_("doer agreed"), null=True)
    answered_at = models.DateTimeField(_("answered"), null=True)
    outsource_order = models.OneToOneField(
        OutsourceOrder, verbose_name=_("outsource order"), null=True, on_delete=models.PROTECT, related_name="proposal"
    )

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ProposalStatus.values), name="proposal_status_known"),
            models.CheckConstraint(condition=~Q(giver=F("doer")), name="proposal_between_two_firms"),
            models.CheckConstraint(condition=Q(pieces__gt=0, weight_g__gt=0), name="proposal_pieces_positive"),
            models.CheckConstraint(condition=Q(material_from__in=MaterialFrom.values), name="proposal_material_known"),
            models.CheckConstraint(
                condition=plausible_times("starts_at", "finish_at", "expires_at") & Q(finish_at__gt=F("starts_at")),
                name="proposal_dates_plausible",
            ),
            models.CheckConstraint(
                condition=~Q(status=ProposalStatus.ACCEPTED)
                | Q(giver_agreed_at__isnull=False, doer_agreed_at__isnull=False),
                name="accepted_proposal_has_both_yes",
            ),
        ]
        indexes = [models.Index(fields=["status", "expires_at"], name="proposal_by_status_and_expiry")]

    def __str__(self) -> str:
        return f"{self.line}: {self.pieces}"


class ProposalTerms(Record):
    """The fee of the offer at the time of the plan. The two parties read it, the association does not."""

    tenancy: ClassVar[Tenancy] = two_party(giver="giver_id", doer="doer_id", staff=NONE, planner=WRITE)
    feed: ClassVar[PartOf] = PartOf("proposal", key="proposal_id", shows=shown_to_both("fee_cny_per_t", "fee_cny"))

    giver = models.ForeignKey(Firm, verbose_name=_("giver"), on_delete=models.PROTECT, related_name="+")
    doer = models.ForeignKey(Firm, verbose_name=_("doer"), on_delete=models.PROTECT, related_name="+")
    proposal = models.OneToOneField(
        Proposal, verbose_name=_("proposal"), on_delete=models.CASCADE, related_name="terms"
    )
    fee_cny_per_t = models.DecimalField(_("fee, CNY per t"), max_digits=12, decimal_places=2)
    fee_cny = models.DecimalField(_("fee, CNY"), max_digits=14, decimal_places=2)

    class Meta:
        verbose_name = _("proposal terms")
        verbose_name_plural = _("proposal terms")
        constraints = [
            models.CheckConstraint(
                condition=between(0, MOST_CNY_PER_T, "fee_cny_per_t") & between(0, MOST_FEE_CNY, "fee_cny"),
                name="proposal_fee_in_range",
            )
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id}"
