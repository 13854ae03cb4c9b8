"""The sidebar: pages first, the ledger's tables below."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from billing.explorer.views import pinned
from billing.models import SavedView
from billing.pages.access import HEALTH, VIEW

_PAGES = (
    ("Overview", "overview", "monitoring"),
    ("Customers", "customers", "groups"),
    ("Plans", "plans", "sell"),
    ("Features (cost)", "features", "widgets"),
    ("Models (cost)", "models", "memory"),
    ("Explorer", "explorer", "pivot_table_chart"),
    ("Segments", "segments", "donut_small"),
    ("Tags", "tags", "label"),
    ("Shared cost", "shared-cost", "pie_chart"),
    ("Unpriced usage", "unpriced", "money_off"),
    ("Price changes", "price-changes", "price_change"),
    ("Matching", "matching", "join_inner"),
    ("Unattributed", "unattributed", "help_center"),
    ("Attribution runs", "attribution-runs", "history"),
    ("Data health", "data-health", "health_and_safety"),
    ("Setup", "setup", "checklist"),
)
_TABLES = (
    ("Decisions", "billing_decision", "gavel"),
    ("Customer records", "customers_customer", "badge"),
    ("Attribution rules", "usage_attributionrule", "rule"),
    ("Prices", "usage_price", "attach_money"),
    ("Price adjustments", "usage_priceadjustment", "percent"),
    ("Sources", "usage_source", "input"),
    ("Batches", "usage_usagebatch", "inventory_2"),
    ("Rejected events", "usage_quarantined", "report"),
    ("Conflicts", "usage_conflict", "difference"),
    ("Plan records", "billing_plan", "category"),
    ("Subscriptions", "billing_subscription", "autorenew"),
    ("Cost pools", "billing_costpool", "savings"),
    ("Invoices", "billing_invoice", "receipt_long"),
    ("Imports", "billing_billingimport", "upload_file"),
    ("Users", "auth_user", "person"),
    ("Roles", "auth_group", "shield_person"),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return Unfold's navigation; each shows where their rights lead."""
    views = pinned(request.user) if request.user.has_perm(VIEW) else []
    return [
        {
            "title": "Margin",
            "items": [
                _item(title, icon, f"pages:{name}", HEALTH if name == "data-health" else VIEW)
                for title, name, icon in _PAGES
            ],
        },
        *([{"title": "Views", "items": [_view(view) for view in views]}] if views else []),
        {
            "title": "Records",
            "collapsible": True,
            "items": [
                _item(title, icon, f"admin:{name}_changelist", name.replace("_", ".view_", 1))
                for title, name, icon in _TABLES
            ]
            + [_item("All records", "table_rows", "pages:records", "")],
        },
    ]


def _view(view: SavedView) -> dict[str, Any]:
    link = reverse("pages:explorer-view", args=[view.pk])
    return {"title": view.name, "icon": "bookmark", "link": link}


def _item(title: str, icon: str, name: str, permission: str) -> dict[str, Any]:
    """Show an item to those with the permission; '' shows it to everybody."""

    def may(request: HttpRequest) -> bool:
        return not permission or request.user.has_perm(permission)

    return {"title": title, "icon": icon, "link": reverse(name), "permission": may}
