"""Refusals of webhooks."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from mes.core.errors import DomainError


class TooManyEndpoints(DomainError):
    """The firm has as many endpoints as it may have."""

    code = "too_many_endpoints"
    text = _("The firm has as many webhook endpoints as it may have.")


class EndpointDisabled(DomainError):
    """Nothing is sent to an endpoint that is disabled."""

    code = "endpoint_disabled"
    text = _("The endpoint is disabled. Make it active first.")
