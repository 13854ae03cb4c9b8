"""Every URL × every role against a table; a URL that is not in it fails the test."""

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from billing.pages.urls import urlpatterns
from billing.roles import ensure_roles
from customers.models import Customer
from usage.models import Source

pytestmark = pytest.mark.django_db
ROLES = {
    "viewer": "Viewer",
    "analyst": "Analyst",
    "finance": "Finance admin",
    "security": "Security admin",
    "auditor": "Auditor",
    "nobody": None,
}
FIGURES = {"viewer", "analyst", "finance", "auditor"}
FINANCE, SECURITY, NONE = {"finance"}, {"security"}, set()

# page: (method, who may)
PAGES = {
    **dict.fromkeys(
        ("overview", "customers", "customer", "plans", "plan", "what-if", "cohorts", "features",
         "models", "setup", "matching", "match-money", "segments", "tags", "tag", "tag-merge",
         "shared-cost", "cost-pool", "pool-template", "unpriced", "price-changes",
         "price-template", "price-proposal", "price-history", "price-revision", "explorer",
         "explorer-values", "explorer-cell", "explorer-views",
         "explorer-view", "deferred", "mrr", "mrr-cohorts", "renewals", "exchange-rates",
         "reconciliation", "reconciliation-provider", "reconciliation-lines",
         "provider-bill-template", "journal"),
        ("get", FIGURES),
    ),
    **dict.fromkeys(("rate-upload", "rate-import"), ("get", FINANCE)),
    **dict.fromkeys(("rate-apply", "rate-undo"), ("post", FINANCE)),
    **dict.fromkeys(
        ("unattributed", "rules-preview", "attribution-runs", "attribution-run", "why",
         "dated-changes", "dated-change"),
        ("get", FIGURES),
    ),
    **dict.fromkeys(
        ("assign", "rules-apply", "rules-discard", "run-revert", "undo-change"), ("post", FINANCE)
    ),
    **dict.fromkeys(
        ("explorer-save", "explorer-update", "explorer-copy", "explorer-delete"), ("post", FIGURES)
    ),
    **dict.fromkeys(("home", "records"), ("get", set(ROLES))),
    **dict.fromkeys(("data-health", "sequence-gaps", "first-event"), ("get", FIGURES | SECURITY)),
    "remove-demo": ("post", FINANCE),
    **dict.fromkeys(
        ("closing", "closing-month", "tie-out", "close-report", "adjustments"), ("get", FIGURES)
    ),
    **dict.fromkeys(
        ("closing-sign", "closing-close", "closing-reopen", "closing-decide"), ("post", FINANCE)
    ),
    **dict.fromkeys(
        ("match", "unmatch", "alias-models", "price-upload", "price-decide", "price-revert"),
        ("post", FINANCE),
    ),
    **dict.fromkeys(("billing-files", "stripe-pull"), ("get", {"analyst", "finance"})),
    **dict.fromkeys(("billing-files-apply", "stripe-pull-now"), ("post", FINANCE)),
    "billing-files-discard": ("post", {"analyst", "finance"}),
    "provider-bill-discard": ("post", {"analyst", "finance"}),
    "billing-upload": ("get", {"analyst", "finance"}),
    "billing-template": ("get", FIGURES),
    "billing-import": ("get", {"analyst", "finance"}),
    "billing-columns": ("get", {"analyst", "finance"}),
    "billing-replace": ("post", {"analyst", "finance"}),
    "billing-discard": ("post", {"analyst", "finance"}),
    "billing-apply": ("post", FINANCE),
    "billing-undo": ("post", FINANCE),
    "usage-upload": ("get", FINANCE),
    "usage-columns": ("get", FINANCE),
    "job": ("get", FIGURES),
    "job-state": ("get", FIGURES),
    "job-cancel": ("post", FINANCE),
    "setup-key": ("post", SECURITY),
    **dict.fromkeys(("tag-alias", "tag-alias-remove", "tag-name"), ("post", FINANCE)),
    **dict.fromkeys(
        ("pool-rule-new", "pool-rule", "pool-upload", "pool-import"), ("get", FINANCE)
    ),
    **dict.fromkeys(("pool-apply", "pool-undo"), ("post", FINANCE)),
    **dict.fromkeys(("provider-bills", "provider-bill"), ("get", {"analyst", "finance"})),
    **dict.fromkeys(
        ("provider-bill-apply", "provider-bill-undo", "true-up", "true-up-undo", "billed-name"),
        ("post", FINANCE),
    ),
}  # fmt: skip
ARGUMENTS = {
    "customer": ["acme"], "plan": ["pro"], "usage-columns": ["forged"], "tag": ["release"],
    "tag-merge": ["release"], "tag-alias": ["release"], "tag-name": ["release"],
    "tag-alias-remove": ["release", 0],
    **{key: ["billing-allocationrule:0"] for key in ("dated-change", "undo-change")},
    "closing-decide": ["2026-10", 0],
    "billing-files": ["0-1"], "billing-files-apply": ["0-1"], "billing-files-discard": ["0-1"],
    **{
        name: ["2026-10"]
        for name in ("closing-month", "tie-out", "close-report", "closing-sign", "closing-close",
                     "closing-reopen")
    },
} | {
    name: ["openai"]
    for name in ("reconciliation-provider", "reconciliation-lines", "true-up", "billed-name")
} | {
    name: [0]
    for name in (
        "billing-import", "billing-columns", "billing-replace", "billing-discard", "billing-apply",
        "billing-undo", "job", "job-state",
        "job-cancel", "attribution-run", "run-revert", "why", "cost-pool", "pool-rule-new",
        "pool-rule", "unmatch", "pool-import", "pool-apply", "pool-undo", "price-proposal",
        "price-decide", "price-revision", "price-revert", "explorer-view", "explorer-update",
        "explorer-copy", "explorer-delete", "rate-import", "rate-apply", "rate-undo",
        "provider-bill", "provider-bill-apply", "provider-bill-undo", "provider-bill-discard",
        "true-up-undo",
    )
}  # fmt: skip

# model: who may (view, add, change, delete)
MEANING = (FIGURES, FINANCE, FINANCE, NONE)
FACTS = (FIGURES, NONE, NONE, NONE)
MODELS = {
    **dict.fromkeys(
        ("customers.customer", "customers.enduser", "customers.team", "usage.feature",
         "usage.price", "usage.priceadjustment", "usage.attributionrule", "billing.plan",
         "billing.subscription"),
        MEANING,
    ),
    **dict.fromkeys(
        ("billing.recognitionpolicy", "billing.invoicesplit"), (FIGURES, FINANCE, FINANCE, NONE)
    ),
    **dict.fromkeys(
        ("billing.planprice", "billing.decision", "billing.costpool", "billing.exchangerate"),
        MEANING,
    ),
    **dict.fromkeys(
        ("billing.billedmodel", "billing.reconciliationthreshold", "billing.ledgeraccount",
         "usage.modelalias", "customers.customeralias", "customers.customerattribute",
         "customers.customerparent", "customers.enduserattribute", "customers.teamattribute",
         "usage.featureattribute"),
        (FIGURES, FINANCE, FINANCE, FINANCE),
    ),
    "pghistory.middlewareevents": ({"auditor"}, NONE, NONE, NONE),
    **dict.fromkeys(
        ("usage.quarantined", "usage.conflict", "usage.pricerevision", "billing.invoice",
         "billing.billingimport", "billing.paymentevent", "billing.billingmapping",
         "billing.billingpull"),
        FACTS,
    ),
    "usage.usagebatch": (FIGURES | SECURITY, NONE, NONE, NONE),
    "usage.source": (FIGURES | SECURITY, SECURITY, SECURITY, NONE),
    "auth.user": ({"security", "auditor"}, SECURITY, SECURITY, NONE),
    "auth.group": ({"security", "auditor"}, NONE, NONE, NONE),
    **dict.fromkeys(
        ("django_celery_beat.periodictask", "django_celery_beat.crontabschedule",
         "django_celery_beat.intervalschedule", "django_celery_beat.clockedschedule",
         "django_celery_beat.solarschedule"),
        (NONE, NONE, NONE, NONE),
    ),
}  # fmt: skip
# further URLs of models: (method, who may)
TABLES = (
    "customers_customer", "customers_customeralias", "customers_customerattribute",
    "customers_customerparent", "customers_enduser", "customers_enduserattribute",
    "customers_team", "customers_teamattribute", "usage_feature", "usage_featureattribute",
    "billing_plan", "billing_planprice", "billing_recognitionpolicy",
)  # fmt: skip
EXTRA = {
    **{f"{table}_import": ("get", FINANCE) for table in TABLES},
    **{f"{table}_process_import": ("post", FINANCE) for table in TABLES},
    **{f"{table}_export": ("get", {"analyst", "finance", "auditor"}) for table in TABLES},
    "usage_source_create_api_key": ("get", SECURITY),
    "usage_source_revoke_key": ("get", SECURITY),
    "usage_quarantined_fix_and_replay": ("get", FINANCE),
    "auth_user_password_change": ("get", SECURITY),
}


@pytest.fixture
def sign_in(client):
    ensure_roles()

    def sign(role):
        user = get_user_model().objects.create_user(role, is_staff=True)
        if ROLES[role]:
            user.groups.add(Group.objects.get(name=ROLES[role]))
        client.force_login(user)
        return client

    return sign


def opens(client, method, url, data=None):
    answer = getattr(client, method)(url, data or {})
    assert answer.status_code < 500
    return answer.status_code != 403


@pytest.mark.parametrize("role", ROLES)
def test_pages(role, sign_in):
    Customer.objects.create(external_id="acme", name="Acme")
    client = sign_in(role)
    found = {}
    for pattern in urlpatterns:
        method, _ = PAGES[pattern.name]
        url = reverse(f"pages:{pattern.name}", args=ARGUMENTS.get(pattern.name))
        found[pattern.name] = opens(client, method, url)
    assert found == {name: role in allowed for name, (_, allowed) in PAGES.items()}


def _model_urls(model_admin):
    info = f"{model_admin.opts.app_label}_{model_admin.opts.model_name}"
    return [
        (name.removeprefix(f"{info}_"), name, pattern)
        for pattern in model_admin.get_urls()
        # The history of an object that is not there redirects before it asks for rights.
        if (name := pattern.name) and not name.endswith("_history")
    ]


def _expected(label, view, add, change, delete):
    return {
        f"{label} changelist": view,
        f"{label} change": view,
        f"{label} add": add,
        f"{label} post change": change,
        f"{label} delete": delete,
    }


@pytest.mark.parametrize("role", ROLES)
def test_admin(role, sign_in):
    client = sign_in(role)
    found, expected = {}, {}
    for model, model_admin in admin.site._registry.items():
        label = model._meta.label_lower
        for kind, allowed in _expected(label, *MODELS[label]).items():
            expected[kind] = role in allowed
        for tail, name, pattern in _model_urls(model_admin):
            arguments = ["0"] * str(pattern.pattern).count("<")
            url = reverse(f"admin:{name}", args=arguments)
            if name in EXTRA:
                method, allowed = EXTRA[name]
                expected[name] = role in allowed
                found[name] = opens(client, method, url)
                continue
            found[f"{label} {tail}"] = opens(client, "get", url)
            if tail == "change":
                found[f"{label} post change"] = opens(client, "post", url)
    assert found == expected


@pytest.mark.parametrize("role", ROLES)
def test_api(role, sign_in):
    client = sign_in(role)
    urls = (
        "reports/margin?start=2026-10&end=2026-11&by=month",
        "reports/trace?start=2026-10&end=2026-11",
        "events/nobody", "prices", "sources",
    )  # fmt: skip
    for url in urls:
        assert opens(client, "get", f"/api/v1/{url}") is (role in FIGURES), url


@pytest.mark.parametrize("role", ROLES)
def test_downloads(role, sign_in):
    client = sign_in(role)
    allowed = {"analyst", "finance", "auditor"}
    assert opens(client, "get", "/admin/plans?format=csv") is (role in allowed)
    assert opens(client, "get", "/admin/plans?format=xlsx") is (role in allowed)


def test_security_admin_sees_no_money(sign_in, send, event, prices):
    send(event())
    client = sign_in("security")
    context = client.get("/admin/data-health").context
    shown = [check.sentence for check, _ in context["checks"]]
    shown += [column.label for column in context["table"].columns]
    for word in ("$", "cost", "USD", "margin", "price"):
        assert word not in " ".join(shown), word
    rights = Group.objects.get(name="Security admin").permissions
    assert not rights.filter(content_type__app_label="billing").exists()
    assert not rights.filter(
        content_type__model__in=["price", "usageevent", "quarantined"]
    ).exists()


def test_navigation_leads_only_where_the_role_may_go(sign_in):
    page = sign_in("security").get("/admin/usage/source/").content.decode()
    assert "/admin/data-health" in page
    for url in ("/admin/overview", "/admin/usage/price/", "/admin/billing/invoice/"):
        assert f'href="{url}"' not in page
    page = sign_in("viewer").get("/admin/usage/source/").content.decode()
    assert 'href="/admin/overview"' in page


def test_security_admin_cannot_raise_their_own_rights(sign_in):
    client = sign_in("security")
    me = get_user_model().objects.get(username="security")
    url = f"/admin/auth/user/{me.pk}/change/"
    everything = {
        "username": "security", "is_superuser": "on", "is_staff": "on", "is_active": "on",
        "groups": [Group.objects.get(name="Finance admin").pk],
        "user_permissions": [Permission.objects.get(codename="change_invoice").pk],
    }  # fmt: skip
    assert client.post(url, everything).status_code == 302
    me.refresh_from_db()
    assert not me.is_superuser
    assert [group.name for group in me.groups.all()] == ["Security admin"]
    assert not me.user_permissions.exists()


def test_security_admin_gives_others_roles_but_cannot_touch_superusers(sign_in):
    client = sign_in("security")
    other = get_user_model().objects.create_user("other")
    group = Group.objects.get(name="Viewer")
    fields = {"username": "other", "is_active": "on", "is_superuser": "on", "groups": [group.pk]}
    client.post(f"/admin/auth/user/{other.pk}/change/", fields)
    other.refresh_from_db()
    assert (list(other.groups.all()), other.is_superuser) == ([group], False)
    boss = get_user_model().objects.create_superuser("boss")
    assert client.post(f"/admin/auth/user/{boss.pk}/change/", fields).status_code == 403
    assert client.get(f"/admin/auth/user/{boss.pk}/password/").status_code == 403


def test_only_roles_with_keys_see_them(sign_in, source):
    page = f"/admin/usage/source/{Source.objects.get().pk}/change/"
    assert "API keys" not in sign_in("finance").get(page).content.decode()
    assert "API keys" in sign_in("auditor").get(page).content.decode()


def test_roles_are_seeded_again_without_change_and_the_old_name_is_kept():
    Group.objects.create(name="Finance (read only)")
    ensure_roles()
    before = {group.name: set(group.permissions.all()) for group in Group.objects.all()}
    ensure_roles()
    assert {group.name: set(group.permissions.all()) for group in Group.objects.all()} == before
    assert sorted(before) == sorted(name for name in ROLES.values() if name)
