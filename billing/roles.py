"""Roles as groups: who may see what and who may do what, besides superusers.

Money and keys are apart: who looks after keys and users sees no figure, and who sees figures
cannot let anybody in. Nobody but a superuser changes what a role may.
"""

from collections.abc import Iterable

from django.contrib.auth.models import Group, Permission
from django.db.models import Q

VIEWER = "Viewer"
ANALYST = "Analyst"
FINANCE_ADMIN = "Finance admin"
SECURITY_ADMIN = "Security admin"
AUDITOR = "Auditor"
_BEFORE = "Finance (read only)"

_OURS = ("customers", "usage", "billing")
_KEYS = ("apikey", "keyallowance")
_DOWNLOAD = ("billing.export_report",)
_PREVIEW = ("billing.preview_billingimport",)
_VIEWS = ("billing.add_savedview",)
_SHARE = ("billing.share_savedview",)
_MEANING = (
    "customers.customer", "customers.customeralias", "customers.customerattribute",
    "customers.customerparent", "customers.enduser", "customers.enduseralias",
    "customers.enduserattribute", "customers.team", "customers.teamalias",
    "customers.teamattribute", "usage.feature", "usage.featurealias", "usage.featureattribute",
    "usage.tagalias", "usage.tagdimension", "usage.modelalias", "usage.price",
    "usage.priceadjustment", "usage.attributionrule", "usage.rulecondition",
    "billing.plan", "billing.planprice", "billing.subscription", "billing.decision",
    "billing.costpool", "billing.costpoolamount", "billing.allocationrule",
    "billing.recognitionpolicy", "billing.subscriptionpause", "billing.invoicesplit",
    "billing.exchangerate",
    "billing.billedmodel", "billing.reconciliationthreshold", "billing.ledgeraccount",
)  # fmt: skip
# Rows that only say what another is called or belongs to; the log keeps what they were.
_REMOVED = ("alias", "attribute", "parent")
_FINANCE = (
    *(f"{model.replace('.', f'.{verb}_')}" for model in _MEANING for verb in ("add", "change")),
    *(f"{model.replace('.', '.delete_')}" for model in _MEANING if model.endswith(_REMOVED)),
    "usage.delete_rulecondition", "billing.delete_subscriptionpause",
    "billing.delete_costpoolamount", "billing.delete_allocationrule",
    "billing.change_invoice", "billing.add_billingimport", "billing.change_billingimport",
    "billing.add_providerimport", "billing.add_trueup", "billing.delete_billedmodel",
    "billing.delete_reconciliationthreshold", "billing.delete_ledgeraccount",
    "billing.add_billingmapping", "billing.close_month",
    "usage.add_replay", "billing.delete_savedview",
)  # fmt: skip
_SECURITY = (
    *(f"auth.{verb}_user" for verb in ("view", "add", "change")), "auth.view_group",
    *(f"usage.{verb}_source" for verb in ("view", "add", "change")),
    *(f"usage.{verb}_apikey" for verb in ("view", "add", "change")), "usage.view_usagebatch",
    "admin.view_logentry",
)  # fmt: skip
_AUDIT = (
    "auth.view_user", "auth.view_group", "admin.view_logentry", "pghistory.view_middlewareevents",
)  # fmt: skip


def ensure_roles() -> Group:
    """Create the roles and give each exactly its rights; return the viewers' group."""
    if not Group.objects.filter(name=VIEWER).exists():
        Group.objects.filter(name=_BEFORE).update(name=VIEWER)
    figures = _viewing(without=_KEYS)
    figures += _named(_VIEWS)
    viewer = _role(VIEWER, figures)
    _role(ANALYST, [*figures, *_named((*_DOWNLOAD, *_PREVIEW, *_SHARE))])
    _role(FINANCE_ADMIN, [*figures, *_named((*_DOWNLOAD, *_PREVIEW, *_SHARE, *_FINANCE))])
    _role(SECURITY_ADMIN, _named(_SECURITY))
    _role(AUDITOR, [*_viewing(without=()), *_named((*_AUDIT, *_DOWNLOAD, *_VIEWS))])
    return viewer


def _role(name: str, permissions: Iterable[Permission]) -> Group:
    group, _ = Group.objects.get_or_create(name=name)
    group.permissions.set(permissions)
    return group


def _viewing(*, without: tuple[str, ...]) -> list[Permission]:
    """Return the right to view everything of ours but some models."""
    ours = Permission.objects.filter(
        content_type__app_label__in=_OURS, codename__startswith="view_"
    )
    return list(ours.exclude(content_type__model__in=without))


def _named(names: Iterable[str]) -> list[Permission]:
    """Look rights up by `app.codename`. Raises LookupError: a name that is none would be silent."""
    wanted = set(names)
    asked = Q()
    for name in wanted:
        app, codename = name.split(".")
        asked |= Q(content_type__app_label=app, codename=codename)
    found = list(Permission.objects.filter(asked).select_related("content_type"))
    missing = wanted - {f"{p.content_type.app_label}.{p.codename}" for p in found}
    if missing:
        message = f"no such right: {', '.join(sorted(missing))}"
        raise LookupError(message)
    return found
