"""What follows an award: agreements with suppliers, firms' orders under them, deliveries, their lots, claims.

A firm reads what it gets of a lot and never the whole lot or delivery, whose difference would be another firm's.
"""

from procurement.supply.models.agreements import FirmOrder, FrameworkAgreement, FrameworkBalance
from procurement.supply.models.claims import Claim
from procurement.supply.models.deliveries import MOST_BAGS, MOST_TEXT, Delivery, DeliveryLot
from procurement.supply.models.quality import CertificateValue, ResinLimit
from procurement.supply.models.shares import Concession, LotAllocation

__all__ = [
    "MOST_BAGS",
    "MOST_TEXT",
    "CertificateValue",
    "Claim",
    "Concession",
    "Delivery",
    "DeliveryLot",
    "FirmOrder",
    "FrameworkAgreement",
    "FrameworkBalance",
    "LotAllocation",
    "ResinLimit",
]
