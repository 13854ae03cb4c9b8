import json

import pytest

from customers.models import EndUser
from usage.attribution import attribute
from usage.models import (
    Attribution,
    BatchAlert,
    Conflict,
    Context,
    EndUserReference,
    Quarantined,
    UsageEvent,
)
from usage.privacy import is_contact, is_secret, stored_user

CANARY = "the canary sings at noon"


def warnings(answer):
    return {entry["code"]: entry["events"] for entry in answer.json().get("warnings", ())}


@pytest.mark.parametrize(
    ("reference", "contact"),
    [
        ("jane@example.com", True),
        ("+49 (0)30 1234567", True),
        ("0049 30 1234567", True),
        ("(555) 123-4567", True),
        ("u-17", False),
        ("4711471147", False),
        ("2026-10-05", False),
        ("@handle", False),
        ("0193a1f0-1111-7222-8333-444455556666", False),
    ],
)
def test_contact_shapes(reference, contact):
    assert is_contact(reference) is contact


@pytest.mark.parametrize(
    ("value", "secret"),
    [
        ("sk-proj-abcdefghijklmnop1234", True),
        ("Bearer tko_abcdefgh_" + "a" * 32, True),
        ("AKIAABCDEFGHIJKLMNOP", True),
        ("4111 1111 1111 1111", True),
        ("378282246310005", True),
        ("4111 1111 1111 1112", False),
        ("1234567890123456", False),
        ("sk-short", False),
        ("risk-assessment", False),
        ("v41", False),
    ],
)
def test_secret_shapes(value, secret):
    assert is_secret(value) is secret


@pytest.mark.django_db
def test_end_users_that_are_contact_data_are_stored_as_the_same_digest_each_time(send, event):
    send([event(user="jane@example.com"), event(id="e-2", user="Jane@Example.com ")])
    send([event(id="e-3", user="u-17")])
    hashed, plain = EndUserReference.objects.order_by("reference").values_list(
        "reference", flat=True
    )
    assert (hashed[:2], len(hashed), plain) == ("h_", 34, "u-17")


@pytest.mark.django_db
def test_resend_of_a_hashed_end_user_is_a_duplicate(send, event):
    send(event(user="jane@example.com"))
    assert send(event(user="jane@example.com")).json()["duplicate"] == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("mode", "hashed"), [("all", {True}), ("off", {False})])
def test_setting_hashes_all_or_none(send, event, settings, mode, hashed):
    settings.HASH_END_USERS = mode
    send([event(user="jane@example.com"), event(id="e-2", user="u-17")])
    found = EndUserReference.objects.values_list("reference", flat=True)
    assert {reference.startswith("h_") for reference in found} == hashed


def test_digest_is_keyed_and_not_hashed_again(settings):
    once = stored_user("jane@example.com")
    assert stored_user(once) == once
    settings.END_USER_HASH_KEY = "another"
    assert stored_user("jane@example.com") != once


@pytest.mark.django_db
def test_rejected_events_keep_hashed_end_users_and_no_secrets(send, event):
    bad = {"usage": {"input_tokens": -1}, "tags": {"key": "sk-" + "a" * 24, "release": "v41"}}
    send([event(user="jane@example.com", **bad), event(id="e-2", user="jane@example.com", model=7)])
    first, second = Quarantined.objects.order_by("index")
    assert first.fields["user"] == second.fields["user"] == stored_user("jane@example.com")
    assert first.fields["tags"] == {"key": "(redacted)", "release": "v41"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [
        {"usage": {"messages": CANARY}},
        {"usage": {"a": {"b": CANARY}}, "usage_format": "nobody"},
        {"usage": CANARY},
        {"tags": {"k": {"prompt": CANARY}}},
        {"tags": {"k": [CANARY]}},
        {"tags": CANARY},
        {"model": CANARY * 20},
        {"id": CANARY * 20},
        {"time": {"prompt": CANARY}},
        {"cost": {"amount": CANARY}},
        {"cost": {"amount": "1", "note": CANARY}},
        {"lines": [{"provider": "x", "model": "y", "usage": {}, "prompt": CANARY}]},
        {"lines": CANARY},
        {"prompt": CANARY, "model": ""},
        {"customer": [CANARY]},
    ],
)
def test_no_content_reaches_the_quarantine(send, event, fields):
    send([event(**fields)])
    row = Quarantined.objects.get()
    assert "canary" not in json.dumps([row.fields, row.removed, row.detail, row.pointer])


@pytest.mark.django_db
def test_removed_parts_are_named_and_costs_stay_exact(send, event):
    body = json.dumps(event(usage={"messages": CANARY, "input_tokens": 1}, cost={"amount": 0}))
    send(body.replace('"amount": 0', '"amount": 0.12345678901234567890123'))
    row = Quarantined.objects.get()
    assert row.removed == ["usage.messages"]
    assert row.fields["usage"] == {"input_tokens": 1}
    assert row.fields["cost"]["amount"] == "0.12345678901234567890123"


@pytest.mark.django_db
def test_secrets_in_tags_are_redacted_and_counted(send, event):
    answer = send(event(tags={"auth": "tko_abcdefgh_" + "a" * 32, "release": "v41"}))
    assert warnings(answer) == {"secret_like": 1}
    assert Context.objects.get().tags == {"auth": "(redacted)", "release": "v41"}


@pytest.mark.django_db
def test_what_should_not_be_sent_is_counted_per_batch(send, event):
    answer = send([
        event(prompt=CANARY, customer="jane@example.com"),
        event(id="e-2", customer="bill@example.com"),
        event(id="e-3"),
    ])  # fmt: skip
    assert warnings(answer) == {"unknown_field": 1, "content_discarded": 1, "personal_data": 2}
    found = dict(BatchAlert.objects.values_list("code", "events"))
    assert found == {"content_discarded": 1, "personal_data": 2}
    assert set(Context.objects.values_list("customer_reference", flat=True)) == {
        "jane@example.com",
        "bill@example.com",
        "acme",
    }


@pytest.mark.django_db
def test_conflicts_keep_the_refused_version_once(send, event):
    send(event(user="jane@example.com"))
    for _ in range(2):
        answer = send([event(usage={"input_tokens": 7}, user="jane@example.com"), event(id="x")])
        assert answer.json()["conflict"] == 1
    send(event(customer="other"))
    first, second = Conflict.objects.order_by("pk")
    stored = UsageEvent.objects.get(key=first.key)
    assert (first.event_id, first.kept, first.index) == ("e-1", stored.fingerprint, 0)
    assert (first.fields["usage"], second.fields["customer"]) == ({"input_tokens": 7}, "other")
    assert first.fields["user"].startswith("h_")


@pytest.mark.django_db
def test_conflict_within_one_request_is_kept_too(send, event):
    send([event(), event(usage={"input_tokens": 7}), event(usage={"input_tokens": 7})])
    assert Conflict.objects.get().kept == UsageEvent.objects.get().fingerprint


@pytest.mark.django_db
def test_known_end_user_is_found_behind_the_digest(send, event):
    jane = EndUser.objects.create(external_id="jane@example.com")
    send(event(user="jane@example.com"))
    attribute(reason="test")
    assert Attribution.objects.get().end_user == jane
