"""The demo company comes in by the real doors and goes without a trace."""

import datetime as dt

import pytest
from django.core.management import call_command

from billing.demo import build, remove
from billing.margin import margin
from billing.models import BillingCustomer, Invoice, Subscription
from customers.models import Customer
from tknops.calendar import last_full_month
from usage.cube import verify
from usage.models import UsageBatch, UsageEvent

TODAY = dt.date(2026, 11, 24)
NOW = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)


@pytest.mark.django_db(transaction=True, serialized_rollback=False)
def test_demo_is_built_by_the_endpoint_and_removed_without_a_trace(live_server):
    call_command("setup_installation", verbosity=0)
    stored = build(url=live_server.url, today=TODAY, customers=12, events=600)
    assert stored >= 600
    assert UsageEvent.objects.count() == stored
    report = margin(by=["customer"], period=last_full_month(TODAY))
    acme = next(row for row in report.rows if row.key == ("acme",))
    assert acme.revenue == 49
    assert report.total.unpriced_events > 0
    assert Invoice.objects.filter(credits__isnull=False).exists()
    assert remove(now=NOW) == stored
    left = (Customer, BillingCustomer, Invoice, Subscription, UsageEvent, UsageBatch)
    assert [model.objects.count() for model in left] == [0] * len(left)
    assert verify() == []
