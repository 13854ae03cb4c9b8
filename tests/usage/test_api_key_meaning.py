"""A rule may look at the API key: the name of it, which the keys of a rotation share."""

import json
import uuid

import pytest
from django.utils import timezone

from billing.admin.rules import ConditionForm
from billing.margin import margin
from customers.models import Customer
from tknops.calendar import parse_period
from usage.attribution import apply_rules
from usage.cube import fold
from usage.ingest import ingest
from usage.ingest.circumstances import Circumstances
from usage.ingest.identity import digest
from usage.ingest.intern import context_ids
from usage.keys import create_key, revoke_key
from usage.models import ApiKey, AttributionRule, Context, Quarantined, RuleCondition
from usage.quarantine import replay

pytestmark = pytest.mark.django_db
OCTOBER = parse_period("2026-10", "2026-11")


@pytest.fixture
def named(client, source):
    """Return a function that sends events with a new key of a name, and the key."""

    def post(name, *events):
        live = ApiKey.objects.filter(source=source, revoked_at=None)
        key = create_key(source=source, scopes=["events:write"], name=name)
        answer = client.post(
            "/api/v1/events",
            json.dumps(events),
            content_type="application/json",
            headers={"Authorization": f"Bearer {key}"},
        )
        assert answer.status_code == 200, answer.content
        for one in live:
            revoke_key(key=one, now=timezone.now())
        return answer.json()

    return post


def keys_sent():
    return sorted(Context.objects.values_list("api_key", flat=True))


def test_a_rotated_key_of_the_same_name_makes_no_context_more(named, event, source):
    named("worker", event(id="a"))
    named("worker", event(id="b"))
    assert keys_sent() == ["worker"]
    named("batch", event(id="c"))
    assert keys_sent() == ["batch", "worker"]
    again = named("batch", event(id="a"))
    assert (again["duplicate"], keys_sent()) == (1, ["batch", "worker"])


def test_what_was_interned_before_keys_were_noted_stays_one_context(source):
    said = Circumstances("openai", "m", "", "", "acme", "", "", "", "", "", "ok", "", ())
    key = uuid.UUID(bytes=digest((source.pk, said._asdict())))
    [pk] = context_ids((source.pk, ""), [said]).values()
    assert Context.objects.get(pk=pk).digest == key
    [other] = context_ids((source.pk, "worker"), [said]).values()
    assert other != pk


def test_files_and_keys_without_a_name_say_no_key_and_a_replay_says_the_first(named, event, source):
    ingest(json.dumps([event(id="file")]).encode(), source=source, received_at=timezone.now())
    named("", event(id="nameless"))
    assert keys_sent() == [""]
    named("worker", event(id="good"), event(id="bad", time="yesterday"))
    [rejected] = Quarantined.objects.all()
    replay(corrected=[(rejected, event(id="bad", feature="fixed"))], now=timezone.now())
    assert keys_sent() == ["", "worker", "worker"]


def test_a_rule_tells_two_keys_of_one_source_apart_and_reports_group_by_them(named, event, prices):
    beta = Customer.objects.create(external_id="beta", name="Beta")
    Customer.objects.create(external_id="acme", name="Acme")
    usage = {"input_tokens": 1_000_000}
    time = "2026-10-05T12:00:00Z"
    named("worker", event(id="a", time=time, customer=None, usage=usage))
    named("batch", event(id="b", time=time, customer=None, usage=usage | {"output_tokens": 1}))
    rule = AttributionRule.objects.create(name="batch is Beta's", customer=beta)
    RuleCondition.objects.create(rule=rule, field="api_key", operator="EQUALS", values="batch")
    fold()
    apply_rules(reason="batch")
    report = margin(by=["api_key", "customer"], period=OCTOBER)
    found = {row.key: str(row.cost.normalize()) for row in report.rows}
    assert found == {("batch", "beta"): "2.50001", ("worker", "(unattributed)"): "2.5"}


@pytest.mark.parametrize(
    ("values", "kept", "said"),
    [
        ("worker", "worker", ""),
        ("tko_{prefix}…", "worker", ""),
        ("nobody", None, "API key is named"),
        ("tko_{prefix}_" + "x" * 32, None, "whole key"),
    ],
)
def test_a_condition_takes_names_and_prefixes_and_never_a_secret(source, values, kept, said):
    create_key(source=source, scopes=["events:write"], name="worker")
    values = values.format(prefix=ApiKey.objects.get().prefix)
    form = ConditionForm(
        {"field": "api_key", "tag_key": "", "operator": "EQUALS", "values": values}
    )
    assert form.is_valid() is (kept is not None)
    if kept:
        assert form.cleaned_data["values"] == kept
    else:
        [problem] = form.errors["values"]
        assert said in problem
        assert "x" * 32 not in problem
