"""Writes of what follows an award: orders, deliveries, their lots, who gets what, claims, the end of deliveries."""

from procurement.supply.services.agreements import AgreementChanges, agreement_change
from procurement.supply.services.certificates import ValueDraft, certificate_put, lot_retest
from procurement.supply.services.claims import (
    ClaimDraft,
    claim_open,
    claim_open_of_delivery,
    claim_settle,
    claim_withdraw,
)
from procurement.supply.services.concessions import concession_agree, concession_ask, concession_decline
from procurement.supply.services.deliveries import (
    DeliveryDraft,
    LotDraft,
    delivery_announce,
    delivery_cancel,
    delivery_dispute,
)
from procurement.supply.services.ending import deliveries_end
from procurement.supply.services.limits import limit_set
from procurement.supply.services.lots import lot_concede, lot_reject, lot_release
from procurement.supply.services.orders import order_call_off, order_cancel, order_sign, orders_make
from procurement.supply.services.sharing import delivery_share
from procurement.supply.services.taking_in import lot_take_in
from procurement.supply.services.weights import delivery_settle, delivery_weigh, delivery_weigh_again

__all__ = [
    "AgreementChanges",
    "ClaimDraft",
    "DeliveryDraft",
    "LotDraft",
    "ValueDraft",
    "agreement_change",
    "certificate_put",
    "claim_open",
    "claim_open_of_delivery",
    "claim_settle",
    "claim_withdraw",
    "concession_agree",
    "concession_ask",
    "concession_decline",
    "deliveries_end",
    "delivery_announce",
    "delivery_cancel",
    "delivery_dispute",
    "delivery_settle",
    "delivery_share",
    "delivery_weigh",
    "delivery_weigh_again",
    "limit_set",
    "lot_concede",
    "lot_reject",
    "lot_release",
    "lot_retest",
    "lot_take_in",
    "order_call_off",
    "order_cancel",
    "order_sign",
    "orders_make",
]
