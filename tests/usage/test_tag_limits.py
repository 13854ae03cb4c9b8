import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from usage.ingest import ingest, tags
from usage.models import BatchAlert, Context, EventTag, TagKey, TagValue, UsageEvent

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _small_limits(monkeypatch):
    monkeypatch.setattr(tags, "MAX_VALUES", 3)
    monkeypatch.setattr(tags, "MAX_KEYS", 2)


def tagged(event, *found):
    return [event(id=f"e-{n}", tags=one) for n, one in enumerate(found)]


def test_values_past_the_limit_stand_beside_the_event_and_totals_stay(send, event):
    answer = send(tagged(event, *({"session": f"s{n}"} for n in range(5))))
    assert answer.json()["stored"] == 5
    [warning] = answer.json()["warnings"]
    assert (warning["code"], warning["events"]) == ("tag_overflow", 2)
    found = [context["session"] for context in Context.objects.values_list("tags", flat=True)]
    assert sorted(found) == ["_other", "s0", "s1", "s2"]
    assert sorted(EventTag.objects.values_list("key", "value")) == [
        ("session", "s3"),
        ("session", "s4"),
    ]
    assert UsageEvent.objects.count() == 5
    assert sum(UsageEvent.objects.values_list("input_tokens", flat=True)) == 5 * 1200
    assert BatchAlert.objects.get().events == 2


def test_the_limit_holds_over_requests_and_known_values_stay(send, event):
    send(tagged(event, *({"session": f"s{n}"} for n in range(3))))
    send(event(id="known", tags={"session": "s1"}))
    send(event(id="new", tags={"session": "s9"}))
    assert EventTag.objects.get().value == "s9"
    key = TagKey.objects.get()
    assert (key.distinct_values, key.limited_at is not None) == (3, True)


def test_keys_past_the_limit_share_one_place(send, event):
    send(tagged(event, {"a": "1", "b": "1"}, {"a": "1", "c": "1"}, {"d": "2"}))
    found = list(Context.objects.order_by("pk").values_list("tags", flat=True))
    for context in ({"a": "1", "b": "1"}, {"a": "1", "_other": "_other"}, {"_other": "_other"}):
        assert context in found
    assert sorted(EventTag.objects.values_list("key", "value")) == [("c", "1"), ("d", "2")]


def test_a_resend_with_tags_past_the_limit_is_a_duplicate_and_adds_nothing(send, event):
    events = tagged(event, *({"session": f"s{n}"} for n in range(5)))
    send(events)
    assert send(events).json()["duplicate"] == 5
    assert EventTag.objects.count() == 2
    changed = [*events[:4], event(id="e-4", tags={"session": "another"})]
    assert send(changed).json()["conflict"] == 1
    assert EventTag.objects.count() == 2


def test_known_tags_ask_the_database_nothing(send, event, django_assert_max_num_queries):
    send(tagged(event, {"a": "1"}, {"a": "2"}))
    with django_assert_max_num_queries(0):
        assert tags.limit_tags([], now=None) == {}
    assert tags._clean == {(("a", "1"),), (("a", "2"),)}
    tags.forget()
    send(event(id="more", tags={"a": "2"}))
    assert TagValue.objects.count() == 2


def test_tags_of_all_lines_of_an_event_move_together(send, event):
    send(tagged(event, *({"session": f"s{n}"} for n in range(3))))
    part = {"provider": "openai", "model": "gpt-4o", "usage": {"input_tokens": 1}}
    several = event(id="l", tags={"session": "s9"}, lines=[part, part | {"model": "gpt-5"}])
    for name in ("provider", "model", "usage"):
        del several[name]
    assert send(several).json()["stored"] == 1
    assert EventTag.objects.get().value == "s9"
    assert Context.objects.filter(tags={"session": "_other"}).count() == 2


@pytest.mark.django_db(transaction=True)
def test_limits_are_exact_when_many_writers_bring_new_values_at_once(source, event, monkeypatch):
    monkeypatch.setattr(tags, "MAX_VALUES", 25)

    def write(number):
        events = [
            event(
                id=f"{number}-{n}", tags={"session": f"s{number}-{n}"}, time="2026-10-05T14:00:00Z"
            )
            for n in range(20)
        ]
        try:
            ingest(json.dumps(events).encode(), source=source, received_at=timezone.now())
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert TagKey.objects.get().distinct_values == TagValue.objects.count() == 25
    assert EventTag.objects.count() == 80 - 25
    assert UsageEvent.objects.count() == 80
