"""Where a firm wants to be told of changes, and what was sent there."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mes.core.models import Record
from mes.core.tenancy import ALL, CHANGE, NONE, Tenancy, private
from mes.firms.models import Firm
from mes.hooks.choices import DeliveryState, DisabledBecause, EndpointStatus, Failure

MOST_URL = 500
TEST_KIND = "webhook"


class WebhookEndpoint(Record):
    """An address of a firm's own that is told of changes. Only the firm reads it.

    `kinds` empty: all of them. Its secret is derived from `version` and stored nowhere; after a rotation the one before
    signs as well for a day. `reached`: the place in the change feed. `busy_until`: the lease of who sends to it, and
    `token` counts the leases. `rest_until`: after a failure nothing is tried before.
    """

    tenancy: ClassVar[Tenancy] = private(firm=ALL, staff=NONE, planner=CHANGE)

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    url = models.CharField(_("address"), max_length=MOST_URL)
    kinds = ArrayField(models.CharField(max_length=40), verbose_name=_("kinds"), null=True)
    status = models.CharField(_("status"), max_length=10, choices=EndpointStatus.choices, default=EndpointStatus.ACTIVE)
    disabled_because = models.CharField(
        _("disabled because"), max_length=10, choices=DisabledBecause.choices, blank=True, default=""
    )
    failing_since = models.DateTimeField(_("failing since"), null=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    rest_until = models.DateTimeField(_("rests until"), null=True)
    version = models.PositiveIntegerField(_("version of the secret"), default=1)
    rotated_at = models.DateTimeField(_("secret rotated"), null=True)
    reached = models.JSONField(_("place in the change feed"))
    busy_until = models.DateTimeField(_("busy until"), null=True)
    token = models.PositiveIntegerField(_("fencing token"), default=0)

    class Meta:
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")
        constraints = [
            models.UniqueConstraint(fields=["firm", "url"], name="endpoint_once_per_firm"),
            models.CheckConstraint(condition=Q(status__in=EndpointStatus.values), name="endpoint_status_known"),
            models.CheckConstraint(
                condition=Q(status=EndpointStatus.DISABLED, disabled_because__in=DisabledBecause.values)
                | (~Q(status=EndpointStatus.DISABLED) & Q(disabled_because="")),
                name="endpoint_disabled_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"


class WebhookDelivery(Record):
    """An event on its way to an endpoint. `number` is its place; of one object a later one waits for the earlier.

    `attempts` counts the tries, `last_*` tell of the latest one.
    """

    tenancy: ClassVar[Tenancy] = private(firm=("SELECT", "INSERT", "DELETE"), staff=NONE, planner=ALL)

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    endpoint = models.ForeignKey(
        WebhookEndpoint, verbose_name=_("webhook endpoint"), on_delete=models.CASCADE, related_name="deliveries"
    )
    kind = models.CharField(_("kind"), max_length=40)
    object_id = models.UUIDField(_("object key"))
    deleted = models.BooleanField(_("deleted"), default=False)
    changed_at = models.DateTimeField(_("changed"))
    state = models.CharField(_("state"), max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    due_at = models.DateTimeField(_("due"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_at = models.DateTimeField(_("last attempt"), null=True)
    last_status = models.PositiveSmallIntegerField(_("last status"), null=True)
    last_failure = models.CharField(_("last failure"), max_length=20, choices=Failure.choices, blank=True, default="")
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=DeliveryState.values), name="delivery_state_known"),
            models.CheckConstraint(
                condition=Q(state=DeliveryState.WAITING, finished_at=None)
                | (~Q(state=DeliveryState.WAITING) & Q(finished_at__isnull=False)),
                name="delivery_waits_or_is_finished",
            ),
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "due_at"], condition=Q(state=DeliveryState.WAITING), name="delivery_waiting"
            ),
            models.Index(fields=["endpoint", "created_at"], name="delivery_by_endpoint"),
        ]

    def __str__(self) -> str:
        return self.kind
