"""Roles as groups: who may see the figures besides administrators."""

from django.contrib.auth.models import Group, Permission

FINANCE = "Finance (read only)"
_APPS = ("customers", "usage", "billing")


def ensure_roles() -> Group:
    """Create the read-only finance role with the right to view everything of ours but keys."""
    group, _ = Group.objects.get_or_create(name=FINANCE)
    viewing = Permission.objects.filter(
        content_type__app_label__in=_APPS, codename__startswith="view_"
    ).exclude(codename="view_apikey")
    group.permissions.set(viewing)
    return group
