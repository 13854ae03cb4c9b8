"""The product's side of the steps: rows written as its interfaces write them."""

import datetime as dt
import json
import sys
from contextlib import contextmanager

from django.test import Client

from billing.models import BillingCustomer, CostPool, Invoice, InvoiceLine, Plan, Subscription
from customers.models import (
    Customer,
    CustomerAlias,
    CustomerAttribute,
    EndUser,
    EndUserAlias,
    Team,
    TeamAlias,
)
from usage.attribution import apply_rules
from usage.keys import create_key
from usage.models import AttributionRule, Feature, FeatureAlias, Price, Source

NOW = dt.datetime(2026, 10, 1, tzinfo=dt.UTC)
# kind of name → what has it, its aliases, and the field of those
NAMED = {
    "customer": (Customer, CustomerAlias, "customer"),
    "user": (EndUser, EndUserAlias, "end_user"),
    "team": (Team, TeamAlias, "team"),
    "feature": (Feature, FeatureAlias, "feature"),
}
FIELDS = {
    "customer": "customer_reference",
    "feature": "feature_reference",
    "team": "team_reference",
    "model": "model",
}
# How a fold dies, and what it has done by then: nothing, all sums, or everything.
DEATHS = {
    "aggregate": "nothing",
    "write_segment": "nothing",
    "attribute": "nothing",
    "UnfoldedBatch": "nothing",
    "attribute_if_changed": "sums",
    "prune": "all",
    "compact": "all",
}


class KilledError(Exception):
    pass


def door():
    """Return how to post events with a key of a new source; answers what became of each."""
    source = Source.objects.create(name="tests")
    key = create_key(source=source, scopes=["events:write", "reports:read"])
    client = Client(headers={"Authorization": f"Bearer {key}"})

    def post(calls):
        answer = client.post(
            "/api/v1/events?verbose=1",
            json.dumps([as_event(call) for call in calls]),
            content_type="application/json",
        )
        assert answer.status_code == 200, answer.content
        return [one["status"] for one in answer.json()["results"]]

    return client, post


def as_event(call):
    sent = dict(call.sent)
    counts = {name: count for name, count in call.counts if name != "units"}
    units = dict(call.counts).get("units")
    usage = counts if units is None else {**counts, "units": units // 10**6, "unit": sent["unit"]}
    named = {name: sent[name] for name in ("customer", "user", "feature", "team") if sent[name]}
    cost = dict(zip(("amount", "currency"), call.stated, strict=True)) if call.stated else None
    return {
        "id": call.id,
        "time": call.time.isoformat(),
        "provider": "p",
        "model": sent["model"],
        "outcome": sent["outcome"],
        "usage": usage,
        "tags": {"release": sent["release"]} if sent["release"] else {},
        **named,
        **({"cost": cost} if cost else {}),
    }


def write_price(key, steps):
    """Withdraw the prices of a key and write what it costs over time."""
    model, name, threshold, kind = key
    unit = "search" if name == "units" else ""
    fields = {
        "provider_code": "p", "model": model, "token_class": name, "unit": unit,
        "threshold": threshold, "kind": kind,
    }  # fmt: skip
    Price.objects.filter(**fields, superseded_at=None).update(superseded_at=NOW)
    for start, end, value in steps.spans():
        Price.objects.create(**fields, per_million=value, valid_from=start, valid_to=end)


def write_name(kind, reference, target):
    """Let a reference mean a target, or nobody."""
    model, aliases, field = NAMED[kind]
    aliases.objects.filter(alias=reference).delete()
    if target is None:
        return
    shown = {"name": target.upper()}
    row, _ = model.objects.get_or_create(external_id=target, defaults=shown)
    if reference != target:
        aliases.objects.create(alias=reference, **{field: row})


def write_tier(customer, steps):
    rows = CustomerAttribute.objects.filter(customer__external_id=customer, name="tier")
    rows.delete()
    for start, end, value in steps.spans():
        CustomerAttribute.objects.create(
            customer=Customer.objects.get(external_id=customer), name="tier", value=value,
            valid_from=start, valid_to=end,
        )  # fmt: skip


def _billed(customer):
    row = Customer.objects.get(external_id=customer)
    return BillingCustomer.objects.get_or_create(external_id=customer, customer=row)[0]


def write_stay(stay):
    plan, _ = Plan.objects.get_or_create(code=stay.plan, defaults={"name": stay.plan})
    Subscription.objects.update_or_create(
        external_id=stay.id,
        defaults={
            "billing_customer": _billed(stay.customer), "plan": plan, "price": stay.price,
            "currency": "USD", "interval": {1: "MONTH", 12: "YEAR"}[stay.months],
            "start_date": stay.start, "end_date": stay.end, "trial_end_date": stay.trial_end,
        },
    )  # fmt: skip


def write_bill(number, bill):
    invoice = Invoice.objects.create(
        external_id=str(number), billing_customer=_billed(bill.customer), currency="USD",
        invoice_date=bill.start,
    )  # fmt: skip
    InvoiceLine.objects.create(
        invoice=invoice, amount_minor=bill.minor, service_start=bill.start, service_end=bill.end
    )


def write_rules(rules):
    """Write all rules as edited; returns how to put them in force."""
    AttributionRule.objects.update(active=False)
    for number, rule in enumerate(rules):
        kind = rule.effect
        if kind == "cost_class":
            target = rule.target
        else:
            target = NAMED[kind][0].objects.get(external_id=rule.target)
        row, _ = AttributionRule.objects.update_or_create(
            name=f"rule {number}",
            defaults={
                **{effect: None for effect in NAMED if effect != "user"}, "cost_class": "",
                kind: target, "position": number, "active": True,
                "mode": "OVERRIDES" if rule.overrides else "FILLS",
                "valid_from": rule.start, "valid_to": rule.end,
            },
        )  # fmt: skip
        row.conditions.all().delete()
        tag = rule.field == "release"
        row.conditions.create(
            field="tag" if tag else FIELDS[rule.field], tag_key=rule.field if tag else "",
            operator="EQUALS" if rule.value else "MISSING", values=rule.value,
        )  # fmt: skip
    return apply_rules(reason="test")


def write_pool(number, minor, start, end, method, target):
    pool = CostPool.objects.create(name=f"pool {number}", currency="USD")
    pool.amounts.create(amount_minor=minor, service_start=start, service_end=end)
    weights = {"c1": 1, "c2": 2} if method == "WEIGHTS" else {}
    pool.rules.create(method=method, target=target, weights=weights, reason="test")


@contextmanager
def dying(step):
    """Let the fold die when it comes to a step."""
    module = sys.modules["usage.cube.fold"]
    owner, name = (
        (module.UnfoldedBatch.objects, "filter") if step == "UnfoldedBatch" else (module, step)
    )
    kept = getattr(owner, name)

    def die(*_args, **_keywords):
        raise KilledError

    setattr(owner, name, die)
    try:
        yield
    except KilledError:
        pass
    finally:
        setattr(owner, name, kept)
