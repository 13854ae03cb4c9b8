"""Doors of ingestion, and what the ledger holds afterwards."""

import pytest


@pytest.fixture
def post(client, api_key):
    """Post bytes to any door with the key."""

    def send(path, body, content_type, **headers):
        return client.post(
            path,
            body,
            content_type=content_type,
            CONTENT_TYPE=content_type,  # Django's client leaves it out of an empty body
            headers={"Authorization": f"Bearer {api_key}", **headers},
        )

    return send


@pytest.fixture
def ledger(db):
    """Return the stored lines with their circumstances, oldest first."""

    def read():
        from usage.models import UsageEvent

        rows = UsageEvent.objects.select_related("context__sku", "context__user_reference")
        return list(rows.order_by("occurred_at", "key", "line"))

    return read
