"""Requests for quotations and what suppliers quote, sealed until two officers open them together.

Before the opening a quotation is read by its supplier alone: the policies look at the row's `opened_at`, which one
service sets after the closing time. Nobody can count what he cannot read.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mes.core.bounds import between, not_blank, plausible_days, plausible_times
from mes.core.feed import Feed, PartOf, Through, shown_to_named
from mes.core.models import Record
from mes.core.tenancy import ALL, APPEND, CHANGE, READ, THE_FIRM, WRITE, Office, Tenancy, system
from mes.firms.models import Firm
from procurement.quotations.choices import BreakKind, DeliveryBasis, QuotationStatus, TenderStatus
from procurement.rounds.models import (
    MOST_CODE,
    MOST_FEN_PER_T,
    MOST_KG,
    MOST_REASON,
    Round,
    RoundLine,
    no_interest,
    round_of_line,
)

MOST_CONDITIONS = 4_000
MOST_DAYS = 365
MOST_PERMILLE = 500

_INVITED = (
    "(SELECT quotations_tenderinvitation.tender_id FROM quotations_tenderinvitation"  # noqa: S608 - no input
    f" WHERE quotations_tenderinvitation.supplier_id = {THE_FIRM})"
)
_OWN = f"supplier_id = {THE_FIRM}"
_OPENED = "opened_at IS NOT NULL"
_NO_INTEREST_IN_LINE = no_interest(round_of_line("quotations_tenderline"))
# Rivals' prices are nothing for who has an interest in a supplier; parts are read with what they are parts of.
_OF_TENDER = (
    "(SELECT quotations_tender.round_id FROM quotations_tender"
    " WHERE quotations_tender.id = quotations_quotation.tender_id)"
)
_OPENED_TO_READER = f"({_OPENED} AND {no_interest(_OF_TENDER)})"
_OF_OPENED = f"({_OPENED} AND quotation_id IN (SELECT quotations_quotation.id FROM quotations_quotation))"  # noqa: S608 - no input
_OF_OPENED_LINE = f"({_OPENED} AND line_id IN (SELECT quotations_quotationline.id FROM quotations_quotationline))"  # noqa: S608 - no input


class Tender(Record):
    """What suppliers of a round are asked for. `revision` grows when conditions change, and voids what was sealed.

    Suppliers do not read the round: `code`, `confirm_within_h` are its, `status` and `closes_at` follow it (trigger).
    `interest_permille`: what a year of credit counts when quotations are compared.
    """

    tenancy: ClassVar[Tenancy] = system(
        firm=READ, firm_condition=f"id IN {_INVITED}", staff=WRITE, planner=("SELECT", "UPDATE"), exchange=CHANGE
    )

    feed: ClassVar[Feed] = Feed(
        "tender",
        resource="tenders",
        path="tenders/{id}",
        shows=shown_to_named(
            "code", "status", "revision", "conditions", "payment_days", "interest_permille", "published_at",
            "closes_at", "opened_at", "confirm_within_h",
        ),
        named=Through("quotations_tenderinvitation", on="tender_id", key="supplier_id"),
    )  # fmt: skip

    round = models.OneToOneField(Round, verbose_name=_("round"), on_delete=models.PROTECT, related_name="tender")
    code = models.CharField(_("code"), max_length=MOST_CODE)
    status = models.CharField(_("status"), max_length=10, choices=TenderStatus.choices, default=TenderStatus.OPEN)
    revision = models.PositiveSmallIntegerField(_("revision"), default=1)
    conditions = models.TextField(_("conditions"), blank=True, default="")
    payment_days = models.PositiveSmallIntegerField(_("payment, days"), default=0)
    interest_permille = models.PositiveSmallIntegerField(_("interest a year, per mille"), default=0)
    confirm_within_h = models.PositiveSmallIntegerField(_("hours to confirm"), default=48)
    published_at = models.DateTimeField(_("published"))
    closes_at = models.DateTimeField(_("quotations until"))
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True)
    few_suppliers_reason = models.CharField(
        _("reason to ask fewer than three"), max_length=MOST_REASON, blank=True, default=""
    )

    class Meta:
        verbose_name = _("request for quotations")
        verbose_name_plural = _("requests for quotations")
        constraints = [
            models.CheckConstraint(condition=Q(published_at__lt=F("closes_at")), name="tender_times_in_order"),
            models.CheckConstraint(
                condition=Q(opened_at=None) | Q(opened_at__gte=F("closes_at")), name="tender_opened_after_its_close"
            ),
            models.CheckConstraint(condition=plausible_times("closes_at", "opened_at"), name="tender_times_plausible"),
            models.CheckConstraint(condition=Q(status__in=TenderStatus.values), name="tender_status_known"),
            models.CheckConstraint(
                condition=between(0, MOST_DAYS, "payment_days") & between(0, MOST_PERMILLE, "interest_permille"),
                name="tender_terms_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round_id}/{self.revision}"


class TenderLine(Record):
    """How much of a round's line suppliers are asked for: the whole park's, never a firm's."""

    tenancy: ClassVar[Tenancy] = system(
        firm=READ, firm_condition=f"tender_id IN {_INVITED}", staff=WRITE, staff_condition=_NO_INTEREST_IN_LINE,
        planner=READ, exchange=READ,
    )  # fmt: skip

    tender = models.ForeignKey(Tender, verbose_name=_("request"), on_delete=models.PROTECT, related_name="lines")
    line = models.OneToOneField(
        RoundLine, verbose_name=_("round line"), on_delete=models.PROTECT, related_name="tender_line"
    )
    number = models.PositiveSmallIntegerField(_("number"))
    material_code = models.CharField(_("material"), max_length=30)
    zone = models.CharField(_("zone"), max_length=30, blank=True, default="")
    window_from = models.DateField(_("delivered from"))
    window_to = models.DateField(_("delivered until"))
    bag_kg = models.PositiveIntegerField(_("bag, kg"))
    wanted_kg = models.PositiveBigIntegerField(_("wanted, kg"))
    most_kg = models.PositiveBigIntegerField(_("most, kg"))

    class Meta:
        verbose_name = _("line of a request")
        verbose_name_plural = _("lines of a request")
        constraints = [models.UniqueConstraint(fields=["tender", "number"], name="tender_line_number_once")]

    def __str__(self) -> str:
        return f"{self.number}"


class TenderInvitation(Record):
    """A supplier that may quote. No other supplier learns of it."""

    tenancy: ClassVar[Tenancy] = system(
        firm=READ, firm_condition=_OWN, staff=("SELECT", "INSERT", "DELETE"), planner=READ, exchange=READ,
        owner="supplier_id", office=Office.ROUND,
    )  # fmt: skip

    feed: ClassVar[PartOf] = PartOf("tender", key="tender_id", shows={"supplier_id": ("tender_id",)})

    tender = models.ForeignKey(Tender, verbose_name=_("request"), on_delete=models.PROTECT, related_name="invitations")
    supplier = models.ForeignKey(Firm, verbose_name=_("supplier"), on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [models.UniqueConstraint(fields=["tender", "supplier"], name="invited_once")]

    def __str__(self) -> str:
        return f"{self.supplier_id}"


class Quotation(Record):
    """What a supplier offers in a round. `tender_revision`: the conditions it was sealed for.

    `capacity_kg`: over all its lines. `supplier_id` owns it and nobody else reads it until `opened_at`.
    """

    tenancy: ClassVar[Tenancy] = system(
        firm=WRITE, firm_condition=_OWN, staff=READ, staff_condition=_OPENED_TO_READER, planner=("SELECT", "UPDATE"),
        exchange=CHANGE, owner="supplier_id", office=Office.ROUND,
    )  # fmt: skip

    feed: ClassVar[PartOf] = PartOf(
        "tender",
        key="tender_id",
        shows={
            "supplier_id": (
                "status", "tender_revision", "sealed_at", "sealed_sha256", "opened_at", "valid_until", "capacity_kg",
                "payment_days", "with_vat", "vat_permille", "basis", "freight_fen_per_t",
            )
        },
    )  # fmt: skip

    supplier = models.ForeignKey(Firm, verbose_name=_("supplier"), on_delete=models.PROTECT, related_name="+")
    tender = models.ForeignKey(Tender, verbose_name=_("request"), on_delete=models.PROTECT, related_name="quotations")
    tender_revision = models.PositiveSmallIntegerField(_("for revision"))
    status = models.CharField(
        _("status"), max_length=12, choices=QuotationStatus.choices, default=QuotationStatus.DRAFT
    )
    sealed_at = models.DateTimeField(_("sealed"), null=True, blank=True)
    sealed_sha256 = models.CharField(_("digest of what was sealed"), max_length=64, blank=True, default="")
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"))
    capacity_kg = models.PositiveBigIntegerField(_("capacity, kg"), null=True, blank=True)
    payment_days = models.PositiveSmallIntegerField(_("payment, days"), default=0)
    with_vat = models.BooleanField(_("prices with VAT"))
    vat_permille = models.PositiveSmallIntegerField(_("VAT, per mille"), default=130)
    basis = models.CharField(_("delivery"), max_length=10, choices=DeliveryBasis.choices)
    freight_fen_per_t = models.PositiveBigIntegerField(_("freight, fen per t"), default=0)

    class Meta:
        verbose_name = _("quotation")
        verbose_name_plural = _("quotations")
        constraints = [
            models.UniqueConstraint(fields=["supplier", "tender"], name="quotation_once_per_supplier"),
            models.CheckConstraint(condition=Q(status__in=QuotationStatus.values), name="quotation_status_known"),
            models.CheckConstraint(condition=Q(basis__in=DeliveryBasis.values), name="quotation_basis_known"),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "withdrawn"])
                | (Q(sealed_at__isnull=False) & not_blank("sealed_sha256")),
                name="sealed_quotation_has_digest",
            ),
            models.CheckConstraint(
                condition=Q(opened_at=None) | Q(status__in=["opened", "awarded", "lost"]),
                name="opened_quotation_says_so",
            ),
            models.CheckConstraint(
                condition=between(0, MOST_PERMILLE, "vat_permille") & between(0, MOST_DAYS, "payment_days")
                & between(0, MOST_FEN_PER_T, "freight_fen_per_t")
                & (Q(capacity_kg=None) | between(1, MOST_KG, "capacity_kg")),
                name="quotation_terms_in_range",
            ),
            models.CheckConstraint(condition=plausible_days("valid_until"), name="quotation_validity_plausible"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.get_status_display())


class QuotationLine(Record):
    """Nothing, or a multiple of `multiple_kg` from `least_kg` to `capacity_kg`, at the price of its breaks."""

    tenancy: ClassVar[Tenancy] = system(
        firm=ALL, firm_condition=_OWN, staff=READ, staff_condition=_OF_OPENED, planner=READ, exchange=CHANGE,
        owner="supplier_id", office=Office.ROUND,
    )  # fmt: skip

    feed: ClassVar[PartOf] = PartOf(
        "tender",
        key="quotation_id",
        shows={"supplier_id": ("line_id", "capacity_kg", "least_kg", "multiple_kg", "kind")},
        through=Through("quotations_quotation", on="id", key="tender_id"),
    )

    supplier = models.ForeignKey(Firm, verbose_name=_("supplier"), on_delete=models.PROTECT, related_name="+")
    quotation = models.ForeignKey(
        Quotation, verbose_name=_("quotation"), on_delete=models.PROTECT, related_name="lines"
    )
    line = models.ForeignKey(TenderLine, verbose_name=_("line"), on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True)
    capacity_kg = models.PositiveBigIntegerField(_("capacity, kg"))
    least_kg = models.PositiveBigIntegerField(_("least, kg"), default=0)
    multiple_kg = models.PositiveIntegerField(_("in multiples of, kg"), default=25)
    kind = models.CharField(_("breaks hold"), max_length=12, choices=BreakKind.choices, default=BreakKind.ALL_UNITS)

    class Meta:
        verbose_name = _("line of a quotation")
        verbose_name_plural = _("lines of quotations")
        constraints = [
            models.UniqueConstraint(fields=["quotation", "line"], name="quotation_line_once"),
            models.CheckConstraint(
                condition=between(1, MOST_KG, "capacity_kg") & Q(least_kg__lte=F("capacity_kg"))
                & Q(multiple_kg__gt=0, multiple_kg__lte=F("capacity_kg")),
                name="quotation_line_quantities_in_order",
            ),
            models.CheckConstraint(condition=Q(kind__in=BreakKind.values), name="quotation_line_kind_known"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.capacity_kg}"


class PriceBreak(Record):
    """The price from so many kg of the line on. Below the first break there is no offer."""

    tenancy: ClassVar[Tenancy] = system(
        firm=ALL, firm_condition=_OWN, staff=READ, staff_condition=_OF_OPENED_LINE, planner=READ, exchange=CHANGE,
        owner="supplier_id", office=Office.ROUND,
    )  # fmt: skip

    supplier = models.ForeignKey(Firm, verbose_name=_("supplier"), on_delete=models.PROTECT, related_name="+")
    line = models.ForeignKey(QuotationLine, verbose_name=_("line"), on_delete=models.CASCADE, related_name="breaks")
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True)
    from_kg = models.PositiveBigIntegerField(_("from, kg"))
    price_fen_per_t = models.PositiveBigIntegerField(_("price, fen per t"))

    class Meta:
        verbose_name = _("price break")
        verbose_name_plural = _("price breaks")
        constraints = [
            models.UniqueConstraint(fields=["line", "from_kg"], name="price_break_once"),
            models.CheckConstraint(
                condition=between(1, MOST_FEN_PER_T, "price_fen_per_t") & between(0, MOST_KG, "from_kg"),
                name="price_break_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_kg}"


class SupplierDiscount(Record):
    """From so many kg of all its lines on, a supplier takes so much off each of its prices."""

    tenancy: ClassVar[Tenancy] = system(
        firm=ALL, firm_condition=_OWN, staff=READ, staff_condition=_OF_OPENED, planner=READ, exchange=CHANGE,
        owner="supplier_id", office=Office.ROUND,
    )  # fmt: skip

    feed: ClassVar[PartOf] = PartOf(
        "tender",
        key="quotation_id",
        shows={"supplier_id": ("from_kg", "permille")},
        through=Through("quotations_quotation", on="id", key="tender_id"),
    )

    supplier = models.ForeignKey(Firm, verbose_name=_("supplier"), on_delete=models.PROTECT, related_name="+")
    quotation = models.ForeignKey(
        Quotation, verbose_name=_("quotation"), on_delete=models.CASCADE, related_name="discounts"
    )
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True)
    from_kg = models.PositiveBigIntegerField(_("from, kg"))
    permille = models.PositiveSmallIntegerField(_("discount, per mille"))

    class Meta:
        verbose_name = _("discount")
        verbose_name_plural = _("discounts")
        constraints = [
            models.UniqueConstraint(fields=["quotation", "from_kg"], name="discount_once"),
            models.CheckConstraint(
                condition=between(1, 999, "permille") & between(1, MOST_KG, "from_kg"), name="discount_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_kg}"


class OpeningConsent(Record):
    """An officer who takes part in the opening. Two are needed who share no interest and have none in the round."""

    tenancy: ClassVar[Tenancy] = system(staff=APPEND, planner=READ, exchange=READ)

    tender = models.ForeignKey(Tender, verbose_name=_("request"), on_delete=models.PROTECT, related_name="consents")
    officer_id = models.UUIDField(_("officer"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("consent to the opening")
        verbose_name_plural = _("consents to the opening")
        constraints = [models.UniqueConstraint(fields=["tender", "officer_id"], name="consent_once_per_officer")]

    def __str__(self) -> str:
        return f"{self.officer_id}"
