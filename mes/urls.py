"""Addresses of all doors."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from mes.core.api.health import readyz

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", include("mes.firms.api.urls")),
    path("api/v1/", include("orders.sales.api.urls")),
    path("readyz", readyz),
]
