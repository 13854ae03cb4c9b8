"""Asking again who it is, before what is not to be done by whoever finds the screen open."""

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

_FRESH = dt.timedelta(minutes=15)


class PasswordForm(forms.Form):
    """The password; one without any (single sign-on) must have signed in within 15 minutes."""

    password = forms.CharField(required=False, strip=False)

    def __init__(self, data: Any, *, user: Any) -> None:
        super().__init__(data)
        self._user = user

    def clean_password(self) -> str:
        """Check it."""
        if self._user.has_usable_password():
            if not self._user.check_password(self.cleaned_data["password"]):
                message = "This is not your password; nothing was changed."
                raise forms.ValidationError(message)
        elif not self._user.last_login or timezone.now() - self._user.last_login > _FRESH:
            message = "Sign out and in again first: your sign-in is more than 15 minutes old."
            raise forms.ValidationError(message)
        return ""
