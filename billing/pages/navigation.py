"""The sidebar: pages first, the ledger's tables below."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

_PAGES = (
    ("Overview", "overview", "monitoring"),
    ("Customers", "customers", "groups"),
    ("Plans", "plans", "sell"),
    ("Features (cost)", "features", "widgets"),
    ("Models (cost)", "models", "memory"),
    ("Matching", "matching", "join_inner"),
    ("Setup", "setup", "checklist"),
)
_TABLES = (
    ("Decisions", "billing_decision", "gavel"),
    ("Customer records", "customers_customer", "badge"),
    ("Prices", "usage_price", "price_change"),
    ("Sources", "usage_source", "input"),
    ("Batches", "usage_usagebatch", "inventory_2"),
    ("Rejected events", "usage_quarantined", "report"),
    ("Plan records", "billing_plan", "category"),
    ("Subscriptions", "billing_subscription", "autorenew"),
    ("Invoices", "billing_invoice", "receipt_long"),
    ("Imports", "billing_billingimport", "upload_file"),
)


def navigation(_request: HttpRequest) -> list[dict[str, Any]]:
    """Return Unfold's navigation."""
    return [
        {
            "title": "Margin",
            "items": [
                {"title": title, "icon": icon, "link": reverse(f"pages:{name}")}
                for title, name, icon in _PAGES
            ],
        },
        {
            "title": "Records",
            "collapsible": True,
            "items": [
                {"title": title, "icon": icon, "link": reverse(f"admin:{name}_changelist")}
                for title, name, icon in _TABLES
            ],
        },
    ]
