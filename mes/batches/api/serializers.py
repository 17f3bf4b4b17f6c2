"""Batches as the firm's own programs read them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mes.batches.models import Batch, BatchItem

MOST_AT_ONCE = 500
MOST_ITEMS = 5_000


class JobSerializer(serializers.ModelSerializer[Batch]):
    """Many items that a worker does. `total`, `done` and of those `refused` count items."""

    total = serializers.IntegerField()
    done = serializers.IntegerField()
    refused = serializers.IntegerField()
    dry_run = serializers.BooleanField(source="rehearses")

    class Meta:
        model = Batch
        fields = ("id", "kind", "state", "atomic", "dry_run", "total", "done", "refused", "created_at", "finished_at")


@extend_schema_field({"type": "object", "nullable": True, "additionalProperties": {}})
class _AnswerField(serializers.JSONField):
    pass


class JobItemSerializer(serializers.ModelSerializer[BatchItem]):
    """`status` and `answer` are those that the item would have got alone; null while it waits, or was not taken
    because of another."""

    answer = _AnswerField(allow_null=True)

    class Meta:
        model = BatchItem
        fields = ("number", "status", "answer")


class ItemAnswerSerializer(serializers.Serializer[Any]):
    """`status` and `answer` are those that the item would have got alone. `number` counts from 0."""

    number = serializers.IntegerField()
    status = serializers.IntegerField()
    answer = _AnswerField()


class BulkAnswerSerializer(serializers.Serializer[Any]):
    """An answer for each item, in their order."""

    items = ItemAnswerSerializer(many=True)
