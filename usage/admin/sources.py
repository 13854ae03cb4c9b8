"""Sources and their keys: create (shown once), rotate, revoke."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import action

from usage.admin.key_form import KeyForm
from usage.keys import KeyNotCreatedError, create_key, revoke_key
from usage.models import ApiKey, Source


@admin.register(Source)
class SourceAdmin(ModelAdmin):
    """Sources of usage."""

    list_display = ("name", "created_at", "is_demo")
    search_fields = ("name",)
    ordering = ("name",)
    readonly_fields = ("is_demo", "created_at")
    actions_detail = ("create_api_key",)
    change_form_outer_after_template = "tknops/admin/keys_of_source.html"

    def has_create_key_permission(self, request: HttpRequest, _object_id: Any = None) -> bool:
        """Let those in who may add keys."""
        return bool(request.user.has_perm("usage.add_apikey"))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody may: its name is part of the identity of its events."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Fix the name once it is in use."""
        return (*self.readonly_fields, "name") if obj else self.readonly_fields

    def get_urls(self) -> list[URLPattern]:
        """Add the revocation of a key."""
        view = self.admin_site.admin_view(self.revoke)
        mine = path("<int:pk>/keys/<int:key_pk>/revoke", view, name="usage_source_revoke_key")
        return [mine, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the keys below the source to those who may see them."""
        keys = _keys(object_id) if request.user.has_perm("usage.view_apikey") else None
        context = {
            **(extra_context or {}),
            "keys": keys,
            "may_revoke": request.user.has_perm("usage.change_apikey"),
        }
        found: HttpResponse = super().change_view(request, object_id, form_url, context)
        return found

    @action(  # type: ignore[untyped-decorator]
        description="Create API key", url_path="create-key", permissions=["create_key"]
    )
    def create_api_key(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask what the key is for and for the password; show the key once."""
        source = get_object_or_404(Source, pk=object_id)
        newest = _newest(source)
        first = "" if newest else source.name  # a second one is told apart from it by its name
        form = KeyForm(request.POST or None, user=request.user, newest=newest, name=first)
        key, made = "", None
        if request.method == "POST" and form.is_valid():
            try:
                key = create_key(source=source, created_by=request.user, **form.wanted())
            except KeyNotCreatedError as error:
                form.add_error(None, str(error))
            else:
                made = ApiKey.objects.get(pk=_newest(source))
                self.log_change(request, source, f"API key {made} created")
        return self._answer(request, source, form, (key, made))

    def _answer(
        self, request: HttpRequest, source: Source, form: KeyForm, new: tuple[str, ApiKey | None]
    ) -> HttpResponse:
        key, made = new
        context = {
            **self.admin_site.each_context(request),
            "title": f"API key of {source}",
            "source": source,
            "form": form,
            "key": key,
            "made": made,
            "endpoint": request.build_absolute_uri(reverse("events")),
            "writes_events": bool(key) and ApiKey.Scope.EVENTS_WRITE in form.wanted()["scopes"],
        }
        answer = render(request, "tknops/admin/create_key.html", context)
        answer["Cache-Control"] = "no-store"
        return answer

    def revoke(self, request: HttpRequest, pk: int, key_pk: int) -> HttpResponse:
        """Revoke a key of this source at once; asked first on a page of its own."""
        if not request.user.has_perm("usage.change_apikey"):
            raise PermissionDenied
        key = get_object_or_404(ApiKey.objects.select_related("source"), pk=key_pk, source_id=pk)
        if request.method == "POST":
            revoke_key(key=key, now=timezone.now())
            self.log_change(request, key.source, f"API key {key} revoked")
            self.message_user(request, f"{key} is revoked; requests with it are refused from now.")
            return redirect("admin:usage_source_change", pk)
        context = {
            **self.admin_site.each_context(request), "title": f"Revoke {key}", "key": key,
        }  # fmt: skip
        return render(request, "tknops/admin/revoke_key.html", context)


def _newest(source: Source) -> int:
    newest = source.keys.order_by("-pk").values_list("pk", flat=True).first()
    return newest or 0


def _keys(object_id: str) -> list[tuple[ApiKey, str]]:
    now = timezone.now()
    if not object_id.isdigit():
        return []
    keys = ApiKey.objects.filter(source_id=object_id).select_related("created_by")
    return [(key, key.state(now)) for key in keys.order_by("-pk")]
