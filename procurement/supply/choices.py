"""States of what follows an award, and what a certificate may say."""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mes.core.states import Moves, table


class OrderStatus(models.TextChoices):
    """`open`: made from the award or called off. `signed`: with the number of its contract; the supplier reads it."""

    OPEN = "open", _("open")
    SIGNED = "signed", pgettext_lazy("contract", "signed")
    CANCELLED = "cancelled", _("cancelled")


ORDER_NEXT: Moves = table(open=("signed", "cancelled"), signed=("cancelled",))


class DeliveryStatus(models.TextChoices):
    """`settled`: its weight holds, and so do the kg of its lots."""

    ANNOUNCED = "announced", _("announced")
    WEIGHED = "weighed", _("weighed")
    DISPUTED = "disputed", _("disputed")
    SETTLED = "settled", pgettext_lazy("weight", "settled")
    CANCELLED = "cancelled", _("cancelled")


DELIVERY_NEXT: Moves = table(announced=("weighed", "cancelled"), weighed=("disputed", "settled"), disputed=("weighed",))


class WeightBasis(models.TextChoices):
    """Which weight is paid. `excess_only`: the ticket, less or more what goes beyond the tolerance."""

    TICKET = "ticket", _("the supplier's ticket")
    RECEIVED = "received", _("as received")
    THIRD_PARTY = "third_party", _("weighed by a third party")
    EXCESS_ONLY = "excess_only", _("the ticket, corrected by what is beyond the tolerance")


class LotStatus(models.TextChoices):
    QUARANTINED = "quarantined", _("quarantined")
    RELEASED = "released", pgettext_lazy("lot", "released")
    CONCEDED = "conceded", _("accepted by concession")
    REJECTED = "rejected", pgettext_lazy("lot", "rejected")


LOT_NEXT: Moves = table(quarantined=("released", "conceded", "rejected"))

ACCEPTED = frozenset({LotStatus.RELEASED, LotStatus.CONCEDED})
"""Only of these a firm gets anything; the database's trigger says the same."""


class ConcessionStatus(models.TextChoices):
    ASKED = "asked", pgettext_lazy("concession", "asked")
    AGREED = "agreed", _("agreed")
    DECLINED = "declined", _("declined")


CONCESSION_NEXT: Moves = table(asked=("agreed", "declined"))


class ClaimKind(models.TextChoices):
    SHORT = "short", pgettext_lazy("claim", "too little")
    OFF_SPECIFICATION = "off_specification", _("off specification")
    LATE = "late", pgettext_lazy("claim", "too late")


class ClaimStatus(models.TextChoices):
    OPEN = "open", _("open")
    SETTLED = "settled", pgettext_lazy("claim", "settled")
    WITHDRAWN = "withdrawn", _("withdrawn")


CLAIM_NEXT: Moves = table(open=("settled", "withdrawn"))


class Property(models.TextChoices):
    """What a certificate states of a resin lot (GB/T 21461.1, ISO 11542). A molecular weight names its equation."""

    VISCOSITY_NUMBER = "viscosity_number", _("viscosity number")
    MOLECULAR_WEIGHT = "molecular_weight", _("viscosity-average molecular weight")
    ELONGATIONAL_STRESS = "elongational_stress", _("elongational stress F(150/10)")
    BULK_DENSITY = "bulk_density", _("bulk density")
    PARTICLE_SIZE = "particle_size", _("mean particle size")
    VOLATILES = "volatiles", _("volatiles")
    ASH = "ash", _("ash")
    IMPURITIES = "impurities", _("impurities")
    CHARPY = "charpy", _("double-notched Charpy impact strength")


UNITS: Mapping[str, str] = {
    Property.VISCOSITY_NUMBER: "ml/g",
    Property.MOLECULAR_WEIGHT: "10^6 g/mol",
    Property.ELONGATIONAL_STRESS: "MPa",
    Property.BULK_DENSITY: "g/cm3",
    Property.PARTICLE_SIZE: "um",
    Property.VOLATILES: "%",
    Property.ASH: "%",
    Property.IMPURITIES: "1/300g",
    Property.CHARPY: "kJ/m2",
}


class Verdict(models.TextChoices):
    """`not_judged`: no limit, or one for another method or equation, with which a value cannot be compared."""

    WITHIN = "within", _("within the limits")
    OUTSIDE = "outside", _("outside the limits")
    NOT_JUDGED = "not_judged", _("not judged")
