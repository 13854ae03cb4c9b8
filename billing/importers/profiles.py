"""The profiles there are: name → required columns and the function that reads a row."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from billing.importers import generic, stripe
from billing.importers.records import Record


@dataclass(frozen=True, slots=True)
class Profile:
    """How one kind of file is read; columns are found by name, never by position."""

    name: str
    label: str
    required: tuple[str, ...]
    read: Callable[[dict[str, str]], Record | None]


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("generic", "Generic template", generic.REQUIRED, generic.line),
        Profile("stripe-invoices", "Stripe invoices", stripe.INVOICES, stripe.invoice),
        Profile(
            "stripe-subscriptions", "Stripe subscriptions", stripe.SUBSCRIPTIONS,
            stripe.subscription,
        ),
        Profile("stripe-customers", "Stripe customers", stripe.CUSTOMERS, stripe.customer),
    )
}  # fmt: skip
# One column is too little to tell what a file is.
_TELLING = 2


def recognised(names: Sequence[str]) -> Profile | None:
    """Return the profile with the most required columns of those a file has all of."""
    fitting = [one for one in PROFILES.values() if set(one.required) <= set(names)]
    best = max(fitting, key=lambda one: len(one.required), default=None)
    return best if best and len(best.required) >= _TELLING else None
