"""What changes after folding shows without anybody remembering to ask for it."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection, transaction

from billing.margin import margin
from billing.margin.rendering import as_csv
from customers.models import Customer, CustomerAlias
from tknops.calendar import Period
from usage.attribution import attribute
from usage.cube import fold, verify
from usage.models import Attribution, AttributionRun, Context, CubeSegment, Feature, Price, Revision
from usage.revisions import KEPT, Revisions, prune

OCTOBER = Period(dt.date(2026, 10, 1), dt.date(2026, 11, 1))
pytestmark = pytest.mark.django_db


def cost():
    return margin(by=[], period=OCTOBER).total.cost


def customers():
    return {row.key[0]: row.events for row in margin(by=["customer"], period=OCTOBER).rows}


def test_a_threshold_added_after_folding_is_used_after_the_next_fold(send, event, prices):
    send([event(usage={"input_tokens": 1000}), event(id="e-2", usage={"input_tokens": 10})])
    fold()
    assert cost() == Decimal("0.002525")
    Price.objects.create(
        provider_code="openai", model="gpt-4o", token_class="input_tokens", threshold=500,
        per_million=5,
    )  # fmt: skip
    fold()
    assert cost() == Decimal("0.005025")
    assert verify() == []
    assert CubeSegment.objects.filter(replaced_at=None).count() == 1


def test_a_refold_leaves_other_skus_as_they_are(send, event, prices):
    send([event(id="a"), event(id="b", model="other")])
    fold()
    Price.objects.create(
        provider_code="openai", model="other", token_class="input_tokens", threshold=500,
        per_million=1,
    )  # fmt: skip
    fold()
    rows = {row.key[0]: row for row in margin(by=["model"], period=OCTOBER).rows}
    assert (rows["gpt-4o"].events, rows["gpt-4o"].cost) == (1, Decimal("0.00728"))
    assert (rows["other"].events, rows["other"].cost) == (1, Decimal("0.0012"))
    assert verify() == []


def test_an_alias_written_past_the_domain_shows_after_the_next_fold(send, event):
    send(event())
    fold()
    customer = Customer.objects.create(external_id="c", name="C")
    CustomerAlias.objects.bulk_create([CustomerAlias(customer=customer, alias="acme")])
    fold()
    assert customers() == {"c": 1}


def test_a_price_changed_by_raw_sql_shows_at_once_and_back_gives_the_same_bytes(
    send, event, prices
):
    send(event())
    fold()
    before = as_csv(margin(by=["customer", "model", "day"], period=OCTOBER))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE usage_price SET per_million = per_million * 2")
    assert cost() == Decimal("0.01456")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE usage_price SET per_million = per_million / 2")
    assert as_csv(margin(by=["customer", "model", "day"], period=OCTOBER)) == before


def test_a_rolled_back_change_is_not_remembered(send, event, prices):
    send(event())
    fold()
    with transaction.atomic():
        Price.objects.update(per_million=0)
        assert cost() == 0
        transaction.set_rollback(True)
    assert cost() == Decimal("0.00728")


def test_attribution_supersedes_and_keeps_history(send, event):
    send([event(id="a"), event(id="b", customer="beta")])
    fold()
    assert not Attribution.objects.exists()
    Customer.objects.create(external_id="acme", name="Acme")
    first = attribute(reason="one")
    assert (first.changed, Attribution.objects.count()) == (1, 1)
    assert attribute(reason="nothing new") is None
    Feature.objects.create(external_id="", name="Unnamed")
    second = attribute(reason="two")
    assert second.changed == 2
    assert Attribution.objects.filter(superseded_by=second).get().run == first
    assert Attribution.objects.filter(superseded_by=None).count() == 2
    assert customers() == {"(unattributed)": 1, "acme": 1}


def test_only_the_contexts_given_are_derived(send, event):
    send([event(id="a"), event(id="b", customer="beta")])
    for name in ("acme", "beta"):
        Customer.objects.create(external_id=name, name=name)
    context = Context.objects.get(customer_reference="beta")
    assert attribute(reason="one", contexts=[context.pk]).changed == 1
    assert Attribution.objects.get().context == context


def test_days_no_dated_attribution_covers_are_unattributed(send, event):
    for day in (2, 5, 9):
        send(event(id=str(day), time=f"2026-10-0{day}T12:00:00Z"))
    fold()
    run = AttributionRun.objects.create(reason="by hand", changed=2)
    for name, start, end in (("first", None, 3), ("second", 8, None)):
        Attribution.objects.create(
            context=Context.objects.get(),
            customer=Customer.objects.create(external_id=name, name=name),
            valid_from=start and dt.date(2026, 10, start),
            valid_to=end and dt.date(2026, 10, end),
            run=run,
        )
    assert customers() == {"first": 1, "(unattributed)": 1, "second": 1}


def test_a_context_with_a_lower_id_than_known_ones_is_not_missed(send, event, source):
    send(event(id="a", customer="one"))
    send(event(id="b", customer="two"))
    fold()
    early = Context.objects.get(customer_reference="one")
    fields = {
        f.attname: getattr(early, f.attname) for f in Context._meta.fields if f.attname != "id"
    }
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM usage_context WHERE id = %s", [early.pk])
    assert margin(by=["customer_reference"], period=OCTOBER).total.events == 1
    Context.objects.create(id=early.pk, **fields)
    assert margin(by=["customer_reference"], period=OCTOBER).total.events == 2


def test_pruned_revisions_never_give_an_old_key_again(db):
    Revision.objects.all().delete()
    for number in range(KEPT + 1):
        Feature.objects.create(external_id=str(number), name="f")
    before = Revisions.read().of("usage_feature")
    prune()
    assert Revision.objects.filter(table_name="usage_feature").count() == 1
    assert Revisions.read().of("usage_feature") != before
    assert Revisions.read().edits("usage_feature") == ()


def test_only_attributions_that_changed_are_a_revision(send, event):
    def revised():
        found = Revisions.read()
        return found.of("usage_attribution"), found.edits("usage_attribution")

    acme = Customer.objects.create(external_id="acme", name="Acme")
    send(event())
    fold()
    attributed = revised()
    assert attributed[0]
    send(event(id="e-2"))
    fold()
    assert revised() == attributed
    acme.external_id = "other"
    acme.save()
    fold()
    changed = revised()
    assert changed[1]
    Attribution.objects.all().delete()
    assert revised()[1] != changed[1]
