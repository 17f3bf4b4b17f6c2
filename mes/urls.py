"""Addresses of all doors."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from mes.core.api.health import livez, readyz
from mes.core.api.pages import explorer, schema
from mes.core.api.problems import not_found

handler404 = not_found

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("account/", include("mes.signin.account.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/v1/", include("mes.core.api.urls")),
    path("api/v1/", include("mes.firms.api.urls")),
    path("api/v1/", include("mes.batches.api.urls")),
    path("api/v1/", include("mes.files.api.urls")),
    path("api/v1/", include("mes.hooks.api.urls")),
    path("api/v1/", include("mes.catalog.api.urls")),
    path("api/v1/", include("orders.sales.api.urls")),
    path("api/v1/", include("orders.outsourcing.api.urls")),
    path("api/v1/", include("procurement.suppliers.api.urls")),
    path("api/v1/", include("procurement.rounds.api.urls")),
    path("api/v1/", include("procurement.quotations.api.urls")),
    path("api/v1/", include("procurement.awards.api.urls")),
    path("api/v1/", include("procurement.supply.api.urls")),
    path("api/v1/", include("procurement.settlement.api.urls")),
    path("api/v1/", include("procurement.savings.api.urls")),
    path("api/v1/", include("production.machines.api.urls")),
    path("api/v1/", include("production.plans.api.urls")),
    path("api/v1/", include("production.exchange.api.urls")),
    path("api/v1/", include("production.floor.api.urls")),
    path("api/v1/schema", schema, name="api-schema"),
    path("api/v1/docs", explorer, name="api-docs"),
    path("livez", livez),
    path("readyz", readyz),
]
