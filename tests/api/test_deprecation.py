"""What is on its way out says so: in its answers and in the schema."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import path
from drf_spectacular.generators import SchemaGenerator
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from mes.core.api.operations import operation
from mes.core.api.views import Api
from tests.core.people import make_party

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


class NothingSerializer(serializers.Serializer[Any]):
    """Nothing."""


class OldApi(Api):
    """An old address."""

    resource = "me"

    @operation("old_get", NothingSerializer, deprecated_on=date(2026, 1, 1), sunset_on=date(2027, 1, 1))
    def get(self, request: Request) -> Response:
        return self.answer({})

    @operation("new_change", NothingSerializer)
    def post(self, request: Request) -> Response:
        return self.answer({})


urlpatterns = [path("api/v1/old", OldApi.as_view())]


def test_answers_say_since_when_and_until_when() -> None:
    client = Client(headers=make_party("A").headers)
    for answer in (client.get("/api/v1/old"), Client().get("/api/v1/old"), client.get("/api/v1/old?x=1")):
        assert answer["Deprecation"] == "@1767225600"
        assert answer["Sunset"] == "Fri, 01 Jan 2027 00:00:00 GMT"
    assert "Deprecation" not in client.post("/api/v1/old")


def test_the_schema_says_it() -> None:
    shown = SchemaGenerator(patterns=urlpatterns).get_schema(request=None, public=True)["paths"]["/api/v1/old"]  # type: ignore[no-untyped-call]
    assert shown["get"]["deprecated"] is True
    assert "deprecated" not in shown["post"]
