"""The form for a new key; it asks for the password again."""

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from usage.models import ApiKey

_FRESH = dt.timedelta(minutes=15)


class KeyForm(forms.Form):
    """What the key may do and for how long, and who asks."""

    name = forms.CharField(
        max_length=100,
        help_text="Where it is used, such as billing-worker. Rules and reports know a key by its "
        "name: a key that takes the place of another takes its name too.",
    )
    scopes = forms.MultipleChoiceField(
        choices=ApiKey.Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        initial=[ApiKey.Scope.EVENTS_WRITE],
    )
    expires_in_days = forms.IntegerField(
        min_value=1, max_value=3650, required=False, initial=365, help_text="Empty: never."
    )
    rate_per_minute = forms.IntegerField(
        label="Requests per minute",
        min_value=1,
        max_value=10_000_000,
        required=False,
        help_text="Empty: the installation's setting API_KEY_RATE.",
    )
    password = forms.CharField(
        label="Your password",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        required=False,
        help_text="Asked again, since a key opens a door. Empty with single sign-on.",
    )
    newest = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any, *, user: Any, newest: int, name: str = "") -> None:
        super().__init__(data, initial={"newest": newest, "name": name})
        self._user, self._newest = user, newest

    def clean_password(self) -> str:
        """Check it; one without a password must have signed in within 15 minutes."""
        password: str = self.cleaned_data["password"]
        if self._user.has_usable_password():
            if not self._user.check_password(password):
                message = "This is not your password."
                raise forms.ValidationError(message)
        elif not self._user.last_login or timezone.now() - self._user.last_login > _FRESH:
            message = "Sign out and in again first: your sign-in is more than 15 minutes old."
            raise forms.ValidationError(message)
        return ""

    def clean_newest(self) -> int:
        """Refuse a form sent twice: it would make a second key nobody sees."""
        newest: int = self.cleaned_data["newest"]
        if newest != self._newest:
            message = "A key of this source was created meanwhile; look at the list before another."
            raise forms.ValidationError(message)
        return newest

    def wanted(self) -> dict[str, Any]:
        """Return the arguments of create_key."""
        found, now = self.cleaned_data, timezone.now()
        days = found["expires_in_days"]
        return {
            "name": found["name"],
            "scopes": found["scopes"],
            "now": now,
            "expires_at": now + dt.timedelta(days=days) if days else None,
            "rate_per_minute": found["rate_per_minute"],
        }
