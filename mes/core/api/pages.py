"""The schema of the API, and a page that shows it. Both are the same for everybody and hold nothing of any firm."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from drf_spectacular.views import SpectacularSwaggerView

SCHEMA_FILE = "docs/openapi/v1.yaml"


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """The committed schema, which `make check` compares with the doors."""
    text = (settings.BASE_DIR / SCHEMA_FILE).read_text(encoding="utf-8")
    return HttpResponse(text, content_type="application/yaml; charset=utf-8")


explorer = require_safe(SpectacularSwaggerView.as_view(url_name="api-schema"))
