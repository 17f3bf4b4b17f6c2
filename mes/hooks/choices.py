from django.db import models
from django.utils.translation import gettext_lazy as _


class EndpointStatus(models.TextChoices):
    """`failing`: the last delivery did not arrive; it is tried on, for three days."""

    ACTIVE = "active", _("active")
    FAILING = "failing", _("failing")
    DISABLED = "disabled", _("disabled")


# What a firm may set.
SWITCH = [(status.value, status.label) for status in (EndpointStatus.ACTIVE, EndpointStatus.DISABLED)]


class DisabledBecause(models.TextChoices):
    """Why nothing is sent any more."""

    FIRM = "by_firm", _("by the firm")
    GONE = "gone", _("the receiver answered 410")
    FAILURES = "failures", _("three days of failures")


class DeliveryState(models.TextChoices):
    """`dropped`: when it was due, the firm could not see the object (or its status did not allow it) any more."""

    WAITING = "waiting", _("waiting")
    DELIVERED = "delivered", _("delivered")
    GIVEN_UP = "given_up", _("given up")
    DROPPED = "dropped", _("dropped")


class Failure(models.TextChoices):
    """Why an attempt did not arrive. What the receiver said is not kept, but for its status."""

    STATUS = "status", _("the receiver refused it")
    REDIRECT = "redirect", _("the receiver redirected, which is not followed")
    TIMEOUT = "timeout", _("no answer within 15 s")
    UNREACHABLE = "unreachable", _("no connection")
    UNKNOWN_HOST = "unknown_host", _("the host name leads nowhere")
    PRIVATE_ADDRESS = "private_address", _("the host name leads to an address that is not public")
    CERTIFICATE = "certificate", _("the receiver's certificate is not valid")
