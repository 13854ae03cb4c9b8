"""The sidebar: figures, what they mean, what they cost, the data; the ledger's tables below."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from billing.explorer.views import pinned
from billing.models import SavedView
from billing.pages.access import HEALTH, PREVIEW, VIEW

_MARGIN = (
    ("Overview", "pages:overview", "monitoring"),
    ("Customers", "pages:customers", "groups"),
    ("Plans", "pages:plans", "sell"),
    ("MRR", "pages:mrr", "autorenew"),
    ("Renewals", "pages:renewals", "event_repeat"),
    ("What if", "pages:what-if", "tune"),
    ("Cohorts", "pages:cohorts", "stacked_line_chart"),
    ("Features (cost)", "pages:features", "widgets"),
    ("Models (cost)", "pages:models", "memory"),
    ("Segments", "pages:segments", "donut_small"),
    ("Explorer", "pages:explorer", "pivot_table_chart"),
)
_REVENUE = (
    ("Deferred revenue", "pages:deferred", "schedule"),
    ("Recognition policies", "admin:billing_recognitionpolicy_changelist", "rule_settings"),
)
_MEANING = (
    ("Unattributed", "pages:unattributed", "help_center"),
    ("Matching", "pages:matching", "join_inner"),
    ("Attribution rules", "admin:usage_attributionrule_changelist", "rule"),
    ("Attribution runs", "pages:attribution-runs", "history"),
    ("Tags", "pages:tags", "label"),
    ("Changes of meaning", "pages:dated-changes", "undo"),
)
_COST = (
    ("Unpriced usage", "pages:unpriced", "money_off"),
    ("Price changes", "pages:price-changes", "price_change"),
    ("Prices", "admin:usage_price_changelist", "attach_money"),
    ("Price adjustments", "admin:usage_priceadjustment_changelist", "percent"),
    ("Exchange rates", "pages:exchange-rates", "currency_exchange"),
    ("Shared cost", "pages:shared-cost", "pie_chart"),
    ("Cost pools", "admin:billing_costpool_changelist", "savings"),
)
_BOOKS = (
    ("Closing", "pages:closing", "lock"),
    ("Adjustments", "pages:adjustments", "edit_note"),
    ("Reconciliation", "pages:reconciliation", "balance"),
    ("Provider bills", "pages:provider-bills", "request_quote"),
    ("Journal", "pages:journal", "menu_book"),
    ("Chart of accounts", "admin:billing_ledgeraccount_changelist", "account_tree"),
    ("Thresholds", "admin:billing_reconciliationthreshold_changelist", "tune"),
)
_DATA = (
    ("Import billing", "pages:billing-upload", "upload_file"),
    ("Data health", "pages:data-health", "health_and_safety"),
    ("Sequence gaps", "pages:sequence-gaps", "format_list_numbered"),
    ("Setup", "pages:setup", "checklist"),
)
# Pages that ask for another right than to see figures.
_OTHERS = {
    "pages:data-health": HEALTH,
    "pages:sequence-gaps": HEALTH,
    "pages:provider-bills": PREVIEW,
    "pages:billing-upload": PREVIEW,
    "pages:records": "",
}
_TABLES = (
    ("Decisions", "billing_decision", "gavel"),
    ("Customer records", "customers_customer", "badge"),
    ("Sources", "usage_source", "input"),
    ("Batches", "usage_usagebatch", "inventory_2"),
    ("Rejected events", "usage_quarantined", "report"),
    ("Conflicts", "usage_conflict", "difference"),
    ("Plan records", "billing_plan", "category"),
    ("Subscriptions", "billing_subscription", "autorenew"),
    ("Invoices", "billing_invoice", "receipt_long"),
    ("Payments", "billing_paymentevent", "payments"),
    ("Imports", "billing_billingimport", "upload_file"),
    ("Users", "auth_user", "person"),
    ("Roles", "auth_group", "shield_person"),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return Unfold's navigation; each shows where their rights lead."""
    views = pinned(request.user) if request.user.has_perm(VIEW) else []
    records = [(title, f"admin:{name}_changelist", icon) for title, name, icon in _TABLES]
    return [
        _group("Margin", _MARGIN),
        *([{"title": "Views", "items": [_view(view) for view in views]}] if views else []),
        _group("Revenue", _REVENUE),
        _group("Meaning", _MEANING),
        _group("Prices and pools", _COST) | {"collapsible": True},
        _group("Month end", _BOOKS) | {"collapsible": True},
        _group("Data", _DATA),
        _group("Records", [*records, ("All records", "pages:records", "table_rows")])
        | {"collapsible": True},
    ]


def _view(view: SavedView) -> dict[str, Any]:
    link = reverse("pages:explorer-view", args=[view.pk])
    return {"title": view.name, "icon": "bookmark", "link": link}


def _group(title: str, items: Iterable[tuple[str, str, str]]) -> dict[str, Any]:
    return {"title": title, "items": [_item(*item, _right(item[1])) for item in items]}


def _right(name: str) -> str:
    """Name what a page asks for; '' where everybody may go."""
    if name.startswith("admin:"):
        model = name.removeprefix("admin:").removesuffix("_changelist")
        return model.replace("_", ".view_", 1)
    return _OTHERS.get(name, VIEW)


def _item(title: str, name: str, icon: str, permission: str) -> dict[str, Any]:
    def may(request: HttpRequest) -> bool:
        return not permission or request.user.has_perm(permission)

    return {"title": title, "icon": icon, "link": reverse(name), "permission": may}
