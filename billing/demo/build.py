"""Create the demo company, and remove it."""

import datetime as dt
import gzip
import itertools
import json
import tempfile
import urllib.request
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from billing.closing import ClosingError, in_force
from billing.demo.bills import FILES, bills
from billing.demo.company import FEATURES, MONTHS, PLANS, SOURCE, Account, accounts
from billing.demo.events import AGENTS, SEARCH, Call, usage
from billing.demo.files import invoices, price, starts, subscription_id
from billing.demo.gateway import email
from billing.importers import import_file, undo_import
from billing.models import (
    BillingCustomer,
    BillingImport,
    Decision,
    Plan,
    ProviderImport,
    ProviderInvoice,
    Subscription,
    TrueUp,
)
from billing.provider_bills import receive_bill, start_bill, undo_bill
from billing.reconciliation import undo_true_up
from customers.models import Customer, CustomerAttribute, CustomerParent, Team
from tknops.calendar import add_months, month_start
from usage.cube import fold, rebuild
from usage.keys import create_key
from usage.models import ApiKey, AttributionRule, Feature, Price, Source

_BATCH = 2_000
_FILE = "demo-invoices.csv"


class DemoRefusedError(ValueError):
    """The demo would mix with what is real."""


def build(
    *,
    url: str,
    today: dt.date,
    customers: int = 60,
    events: int = 100_000,
    seed: int = 7,
    progress: Callable[[int], None] = lambda _: None,
) -> int:
    """Build 13 full months and the days to yesterday; return how many events were stored.

    Raises DemoRefusedError.
    """
    source = _source()
    people = accounts(customers, seed)
    last = today - dt.timedelta(days=1)
    first = add_months(month_start(today), -MONTHS)
    _create_rows(people, first)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / _FILE
        path.write_bytes(invoices(people, first=first, last=last))
        import_file(path=path, file_name=_FILE, profile="generic")
    key = create_key(source=source, scopes=["events:write"], name="demo")
    stored = 0
    made = usage(people, first=first, last=last, events=events, seed=seed)
    while batch := list(itertools.islice(made, _BATCH)):
        stored += _post(url, key, batch)["stored"]
        progress(stored)
    ApiKey.objects.filter(source=source).update(revoked_at=timezone.now())
    fold()
    _import_bills(first, today)
    return stored


def _import_bills(first: dt.date, today: dt.date) -> None:
    for provider, files in bills(first=first, today=today):
        sent = [([content], name) for name, content in files]
        start_bill(made=receive_bill(files=sent, provider=provider), whole=True, wait=True)


def _source() -> Source:
    source, _ = Source.objects.get_or_create(name=SOURCE, defaults={"is_demo": True})
    if not source.is_demo:
        message = f"the source {SOURCE!r} is not a demo's, and what is removed with a demo is gone"
        raise DemoRefusedError(message)
    return source


def _post(url: str, key: str, batch: list[dict[str, Any]]) -> dict[str, Any]:
    request = urllib.request.Request(  # noqa: S310 - our own server
        f"{url}/api/v1/events",
        gzip.compress(json.dumps(batch).encode(), 1),
        {
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json",
            "Content-Encoding": "gzip",
        },
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        found: dict[str, Any] = json.load(answer)
    return found


@transaction.atomic
def _create_rows(people: list[Account], first: dt.date) -> None:
    for code in PLANS:
        Plan.objects.get_or_create(code=code, defaults={"name": code.capitalize()})
    for name in FEATURES:
        Feature.objects.get_or_create(external_id=name, defaults={"name": name.capitalize()})
    Team.objects.get_or_create(external_id="data", defaults={"name": "Data"})
    plans = {plan.code: plan for plan in Plan.objects.all()}
    for account in people:
        customer, made = Customer.objects.get_or_create(
            external_id=account.external_id,
            defaults={
                "name": account.name,
                "email": email(account),
                "is_demo": True,
                "owner": account.owner,
            },
        )
        for name in ("segment", "region") if made else ():
            CustomerAttribute.objects.create(
                customer=customer, name=name, value=getattr(account, name)
            )
        billed, _ = BillingCustomer.objects.get_or_create(
            external_id=account.external_id, defaults={"name": account.name, "customer": customer}
        )
        _subscribe(account, billed, plans, first)
    _change(add_months(month_start(first), MONTHS - 1) + dt.timedelta(days=14))
    _negotiate(SEARCH, add_months(month_start(first), MONTHS // 2), percent_of=80)
    _negotiate(AGENTS, add_months(month_start(first), MONTHS - 1), percent_of=100)
    Decision.objects.get_or_create(
        customer=Customer.objects.get(external_id=people[3].external_id),
        kind=Decision.Kind.REPRICE,
        defaults={
            "owner": people[3].owner,
            "decision_date": add_months(month_start(first), MONTHS - 1) + dt.timedelta(days=11),
            "expected_effect": "move to the business plan at renewal",
            "expected_amount": 600,
        },
    )


def _change(day: dt.date) -> None:
    """In the last full month a customer outgrows its segment and another leaves its group."""
    if CustomerParent.objects.filter(customer__is_demo=True).exists():
        return
    lakeside, saffron, cobalt, northwind = (
        Customer.objects.get(external_id=name)
        for name in ("lakeside", "saffron", "cobalt", "northwind")
    )
    CustomerAttribute.objects.filter(customer=lakeside, name="segment").update(valid_from=day)
    CustomerAttribute.objects.create(
        customer=lakeside, name="segment", value="startup", valid_to=day
    )
    CustomerParent.objects.create(customer=saffron, parent=northwind, valid_to=day)
    CustomerParent.objects.create(customer=cobalt, parent=northwind)


def _negotiate(call: Call, since: dt.date, *, percent_of: int) -> None:
    """Add contracted prices of a call's model from a day on, in percent of those it is sized by."""
    for token_class, micro in (
        ("input_tokens", call.input_price),
        ("cache_read_tokens", call.cached_price),
        ("output_tokens", call.output_price),
    ):
        Price.objects.get_or_create(
            provider_code=call.provider,
            model=call.model,
            token_class=token_class,
            kind=Price.Kind.CONTRACTED,
            source=SOURCE,
            defaults={"per_million": Decimal(micro * percent_of) / 100_000, "valid_from": since},
        )


def _subscribe(
    account: Account, billed: BillingCustomer, plans: dict[str, Plan], first: dt.date
) -> None:
    for term in account.terms:
        start = starts(account, term, first)
        end = None if term.end is None else add_months(month_start(first), term.end)
        state = "ended" if end else "active"
        Subscription.objects.get_or_create(
            external_id=subscription_id(account, term),
            defaults={
                "billing_customer": billed,
                "plan": plans[term.plan],
                "price": price(account, term),
                "currency": "USD",
                "interval": "YEAR" if account.yearly else "MONTH",
                "start_date": start,
                "end_date": end,
                "status": "trialing" if account.trial else state,
                "trial_end_date": add_months(start, 12) if account.trial else None,
            },
        )


def _remove_bills(now: dt.datetime) -> None:
    """Take the bills and what was trued up by them out of every figure."""
    mine = ProviderInvoice.objects.counting().filter(
        file_name__in=[*itertools.chain(*FILES.values())]
    )
    for provider, month in mine.values_list("provider_code", "month"):
        for made in TrueUp.objects.filter(provider_code=provider, month=month, undone_at=None):
            undo_true_up(made=made, user=None, now=now)
    for taken in ProviderImport.objects.filter(pk__in=mine.values("provider_import")):
        undo_bill(made=taken, now=now)


@transaction.atomic
def remove(*, now: dt.datetime) -> int:
    """Remove demo customers, billing and usage; return how many events went.

    Raises ClosingError while months are closed: their files hold the demo's figures.
    """
    if closed := in_force():
        message = (
            f"the demo's figures are frozen in {len(closed)} closed months; open them again first, "
            f"beginning with {closed[-1].month:%Y-%m}"
        )
        raise ClosingError(message)
    for made in BillingImport.objects.filter(file_name=_FILE, state=BillingImport.State.APPLIED):
        undo_import(made=made, now=now)
    _remove_bills(now)
    demo = Customer.objects.filter(is_demo=True)
    Subscription.objects.filter(billing_customer__customer__in=demo).delete()
    BillingCustomer.objects.filter(customer__in=demo, invoices=None).delete()
    AttributionRule.objects.filter(customer__in=demo).delete()
    demo.delete()
    Price.objects.filter(source=SOURCE).delete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT usage_remove_demo()")
        (removed,) = cursor.fetchone() or (0,)
    rebuild()
    return int(removed)
