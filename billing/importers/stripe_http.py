"""Ask Stripe's list API: one page at a time, patient with limits and failures.

The key goes into a header and nowhere else: no message, log or row holds it, and a redirect is not
followed, since it would be sent along.
"""

import http.client
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

import msgspec
from django.conf import settings

# The shape the objects are read in, whatever the account's own version is.
_VERSION = "2025-03-31.basil"
_ATTEMPTS = 6
_LONGEST_WAIT = 60.0
_TIMEOUT = 60
_LARGEST = 64 * 1024 * 1024
_PASSING = frozenset((408, 409, 425, 429, 500, 502, 503, 504))
_LOCAL = frozenset(("127.0.0.1", "localhost", "::1"))


class StripeError(ValueError):
    """Stripe cannot be asked, or does not answer; says what to do."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Follow none."""


@dataclass(slots=True)
class Stripe:
    """Where to ask, and with which key."""

    key: str = field(repr=False)
    base: str

    @classmethod
    def of_settings(cls) -> "Stripe":
        """Take key and address from the environment. Raises StripeError."""
        key, base = settings.STRIPE_API_KEY, settings.STRIPE_API_BASE.rstrip("/")
        if not key:
            message = "set STRIPE_API_KEY to a restricted key (rk_…) that may read invoices, "
            message += "subscriptions and customers"
            raise StripeError(message)
        if not key.startswith("rk_"):
            message = "STRIPE_API_KEY is no restricted key (rk_…): one that may only read is enough"
            raise StripeError(message)
        address = urllib.parse.urlsplit(base)
        if address.scheme != "https" and address.hostname not in _LOCAL:
            message = f"STRIPE_API_BASE is {base!r}; accepted: an https address"
            raise StripeError(message)
        return cls(key, base)

    def page(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        """Return one page of a list. Raises StripeError once patience is out."""
        request = urllib.request.Request(  # noqa: S310 - https or this machine, see of_settings
            f"{self.base}{path}?{urllib.parse.urlencode(query)}",
            headers={"Authorization": f"Bearer {self.key}", "Stripe-Version": _VERSION},
        )
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return self._asked(request)
            except urllib.error.HTTPError as error:
                with error:
                    if error.code not in _PASSING:
                        _refused(error.code, path)
                    pause = _pause(error.headers.get("Retry-After"), attempt)
            except (OSError, http.client.HTTPException):
                pause = _pause(None, attempt)
            if attempt < _ATTEMPTS:
                time.sleep(pause)
        message = (
            f"Stripe did not answer {path} in {_ATTEMPTS} attempts; what was fetched is kept, "
        )
        message += "start it again"
        raise StripeError(message)

    def _asked(self, request: urllib.request.Request) -> dict[str, Any]:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=_TIMEOUT) as answer:
            content = answer.read(_LARGEST)
        try:
            found = msgspec.json.decode(content, type=dict[str, Any])
        except msgspec.MsgspecError:
            found = {}
        if not isinstance(found.get("data"), list):
            message = "Stripe's answer is no list object; is STRIPE_API_BASE right?"
            raise StripeError(message)
        return found


def key_problem() -> str:
    """Say what keeps Stripe from being asked; nothing of the key is in it."""
    try:
        Stripe.of_settings()
    except StripeError as error:
        return str(error)
    return ""


def _refused(status: int, path: str) -> NoReturn:
    said = {
        401: "the key is not known to Stripe or was revoked",
        403: f"the key may not read {path}: give it that right in Stripe's dashboard",
    }.get(status, f"Stripe answered {status} for {path}")
    raise StripeError(said)


def _pause(asked: str | None, attempt: int) -> float:
    """Wait as long as asked, else twice as long each time."""
    try:
        return min(_LONGEST_WAIT, max(0.0, float(asked or "")))
    except ValueError:
        return min(_LONGEST_WAIT, float(2 ** (attempt - 1)))
