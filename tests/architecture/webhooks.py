"""docs/openapi/webhooks.yaml: what is sent to firms' endpoints, read from the kinds of the change feed.

python -m tests.architecture.webhooks     prints the document
"""

from __future__ import annotations

import os
import sys
from typing import Any

import django
import yaml

HEAD = """\
Events are POSTed to the endpoints of a firm as Standard Webhooks has them. Answer with 2xx within 15 seconds, then
read the object at its `address`: an event says what became otherwise, never how. It arrives at least once; `webhook-id`
stays the same when it comes again.
"""
HEADERS = {
    "webhook-id": "The event's id, the same when it comes again.",
    "webhook-timestamp": "When it was sent, in seconds since 1970; refuse what is older than five minutes.",
    "webhook-signature": "`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`; two of them after a rotation.",
}


def document() -> dict[str, Any]:
    """The document as data."""
    from mes.core.feed import feeds
    from mes.hooks.models import TEST_KIND

    addresses = {kind: feed.address("{id}") for kind, feed in sorted(feeds().items())}
    types = {
        f"{kind}.{word}": (kind, address) for kind, address in addresses.items() for word in ("updated", "deleted")
    }
    types[f"{TEST_KIND}.test"] = (TEST_KIND, "/api/v1/webhook-endpoints/{id}")
    return {
        "openapi": "3.1.0",
        "info": {"title": "Webhooks of the park's MES", "version": "1", "description": HEAD},
        "webhooks": {name: _webhook(name) for name in types},
        "components": {"schemas": {name: _schema(name, *said) for name, said in types.items()}},
    }


def _webhook(name: str) -> dict[str, Any]:
    headers = [
        {"name": header, "in": "header", "required": True, "description": text, "schema": {"type": "string"}}
        for header, text in HEADERS.items()
    ]
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
    return {
        "post": {
            "operationId": name,
            "parameters": headers,
            "requestBody": {"required": True, "content": content},
            "responses": {
                "2XX": {"description": "Taken."},
                "410": {"description": "Send nothing more: the endpoint is disabled."},
                "default": {"description": "It comes again, for three days."},
            },
        }
    }


def _schema(name: str, kind: str, address: str) -> dict[str, Any]:
    data = {
        "id": {"type": "string", "format": "uuid"},
        "kind": {"const": kind},
        "address": {"type": "string", "description": f"`{address}`"},
        "deleted": {"const": name.endswith(".deleted")},
    }
    event = {
        "type": {"const": name},
        "timestamp": {"type": "string", "format": "date-time", "description": "When it became otherwise."},
        "data": _object(data),
    }
    return _object(event)


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": sorted(properties),
        "additionalProperties": False,
        "properties": properties,
    }


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mes.settings")
    django.setup()
    sys.stdout.write(yaml.safe_dump(document(), sort_keys=False, allow_unicode=True, width=100))


if __name__ == "__main__":
    main()
