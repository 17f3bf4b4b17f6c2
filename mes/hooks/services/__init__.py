"""Writes of webhooks: a firm's endpoints, and what is sent to them."""

from mes.hooks.services.collecting import collect
from mes.hooks.services.endpoints import (
    EndpointChanges,
    webhook_delivery_replay,
    webhook_endpoint_add,
    webhook_endpoint_change,
    webhook_endpoint_remove,
    webhook_endpoint_rotate,
    webhook_endpoint_test,
)
from mes.hooks.services.sending import send_due
from mes.hooks.services.signing import BOTH_FOR, secret_of

__all__ = [
    "BOTH_FOR",
    "EndpointChanges",
    "collect",
    "secret_of",
    "send_due",
    "webhook_delivery_replay",
    "webhook_endpoint_add",
    "webhook_endpoint_change",
    "webhook_endpoint_remove",
    "webhook_endpoint_rotate",
    "webhook_endpoint_test",
]
