import json
import re

import pytest
from django.contrib.auth import get_user_model

from usage.models import Conflict, Quarantined, Replay, Source, UsageBatch, UsageEvent

pytestmark = pytest.mark.django_db
BAD = {"usage": {"input_tokens": -1}}


@pytest.fixture
def admin(client):
    client.force_login(get_user_model().objects.create_superuser("boss"))
    return client


def rejected():
    return Quarantined.objects.order_by("pk").first()


def fix(admin, row, fields):
    url = f"/admin/usage/quarantined/{row.pk}/fix-and-replay/"
    text = fields if isinstance(fields, str) else json.dumps(fields)
    return admin.post(url, {"fields_json": text}, follow=True).content.decode()


def test_batches_show_totals_of_the_filtered_list(admin, send, event, source):
    send([event(id="a"), event(id="b", **BAD)])
    send([event(id="a"), event(id="a", customer="x")])
    other = Source.objects.create(name="other")
    UsageBatch.objects.create(
        source=other, received_at="2026-01-01T00:00Z", received=5, stored=5, duplicate=0,
        conflict=0, rejected=0,
    )  # fmt: skip
    page = admin.get("/admin/usage/usagebatch/")
    assert dict(page.context["cl"].totals) == {
        "received": 9, "stored": 6, "duplicate": 1, "conflict": 1, "rejected": 1,
    }  # fmt: skip
    for query, received in (
        (f"source__id__exact={source.pk}", 4),
        ("received_at_from=2025-12-31&received_at_to=2026-01-01", 5),
        ("received_at_from=2026-01-02&received_at_to=2026-01-01", 0),
        ("received_at_from=nonsense", 9),
        (f"api_key__id__exact={UsageBatch.objects.first().api_key_id}", 4),
    ):
        page = admin.get(f"/admin/usage/usagebatch/?{query}")
        assert dict(page.context["cl"].totals)["received"] == received


def test_list_queries_do_not_grow_with_the_rows(admin, send, event, django_assert_max_num_queries):
    for number in range(12):
        send([event(id=f"b-{number}", **BAD), event(id="a", customer=f"c{number}")])
    for name in ("usagebatch", "quarantined", "conflict"):
        with django_assert_max_num_queries(12):
            assert admin.get(f"/admin/usage/{name}/").status_code == 200


def test_batch_page_tells_months_and_leads_to_what_was_refused(admin, send, event):
    send([event(), event(id="b", **BAD), event(customer="x"), event(id="c", prompt="p")])
    batch = UsageBatch.objects.get()
    page = admin.get(f"/admin/usage/usagebatch/{batch.pk}/change/").content.decode()
    assert "2026-10" in page
    assert f"/admin/usage/quarantined/{rejected().pk}/change/" in page
    assert f"/admin/usage/conflict/{Conflict.objects.get().pk}/change/" in page
    assert "1: content fields, discarded unread" in page


def test_rejected_event_shows_what_is_left_of_it(admin, send, event):
    send([event(prompt="a canary", **BAD)])
    page = admin.get(f"/admin/usage/quarantined/{rejected().pk}/change/").content.decode()
    for text in (
        "negative_tokens",
        "/usage/input_tokens",
        "gpt-4o",
        "&quot;input_tokens&quot;: -1",
    ):
        assert text in page
    assert "canary" not in page
    assert re.search(r">\s*prompt\s*<", page)


def test_rejected_events_are_found_by_code(admin, send, event):
    send([event(id="a", **BAD), event(id="b", model="")])
    page = admin.get("/admin/usage/quarantined/?code=model_missing")
    assert [row.code for row in page.context["cl"].result_list] == ["model_missing"]


def test_fixed_event_is_stored_under_its_id_and_source(admin, send, event, source):
    send([event(**BAD)])
    page = fix(admin, rejected(), event(usage={"input_tokens": 5}))
    assert "stored at" in page
    assert UsageEvent.objects.get().source_id == source.pk
    made = Replay.objects.get()
    assert (made.outcome, made.replayed_by.username) == ("stored", "boss")
    assert send(event(usage={"input_tokens": 5})).json()["duplicate"] == 1


def test_replay_adds_a_batch_so_that_the_ledger_still_adds_up(admin, send, event):
    send([event(**BAD)])
    fix(admin, rejected(), event())
    first, second = UsageBatch.objects.order_by("pk")
    assert (first.received, first.rejected, second.received, second.stored) == (1, 1, 1, 1)
    assert Replay.objects.get().batch == second


def test_event_rejected_again_says_why(admin, send, event):
    send([event(**BAD)])
    page = fix(admin, rejected(), event(usage={"input_tokens": 1.5}))
    assert "rejected again (not_integer" in page
    assert not UsageEvent.objects.exists()
    assert Quarantined.objects.count() == 2


def test_replay_of_what_arrived_meanwhile_is_a_duplicate(admin, send, event):
    send([event(**BAD)])
    send(event())
    fix(admin, rejected(), event())
    assert Replay.objects.get().outcome == "duplicate"
    fix(admin, rejected(), event(customer="other"))
    assert Replay.objects.last().outcome == "conflict"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ("{", "This is not JSON"),
        ("[]", "Give one event"),
        ({"id": "other"}, "The id stays as it was sent"),
        ({"id": "e-1", "prompt": "x"}, "1 fields are not accepted; accepted: cost, customer"),
    ],
)
def test_fields_that_cannot_be_sent_are_refused_with_a_reason(admin, send, event, fields, message):
    send([event(**BAD)])
    assert message in fix(admin, rejected(), fields)
    assert not Replay.objects.exists()


def test_missing_id_may_be_given(admin, send, event):
    send([event(id=None)])
    fix(admin, rejected(), event(id="found"))
    assert Replay.objects.get().outcome == "stored"


def test_selection_is_replayed_as_it_is_and_only_once(admin, send, event, source):
    send([event(id=f"e-{n}", time="2099-01-01T00:00:00Z") for n in range(3)] + [event(id="ok")])
    pks = list(Quarantined.objects.values_list("pk", flat=True))
    data = {"action": "replay_selected", "_selected_action": pks}
    page = admin.post("/admin/usage/quarantined/", data, follow=True).content.decode()
    assert "3 events replayed: 3 rejected." in page
    Replay.objects.update(outcome="stored")
    page = admin.post("/admin/usage/quarantined/", data, follow=True).content.decode()
    assert "0 events replayed: none was left." in page
    assert UsageBatch.objects.count() == 2


def test_conflict_page_shows_both_versions_and_what_differs(admin, send, event):
    send(event())
    send(event(usage={"input_tokens": 7}, customer="other"))
    page = admin.get(f"/admin/usage/conflict/{Conflict.objects.get().pk}/change/").content.decode()
    assert "customer, usage" in page
    assert "&quot;input_tokens&quot;: 7" in page
    assert "&quot;input_tokens&quot;: 1200" in page


@pytest.mark.parametrize("name", ["usagebatch", "quarantined", "conflict"])
def test_facts_cannot_be_added_changed_or_deleted(admin, send, event, name):
    send([event(**BAD), event(id="a"), event(id="a", customer="x")])
    models = {"usagebatch": UsageBatch, "quarantined": Quarantined, "conflict": Conflict}
    pk = models[name].objects.first().pk
    for tail in ("add/", f"{pk}/delete/"):
        assert admin.post(f"/admin/usage/{name}/{tail}").status_code == 403
    assert admin.post(f"/admin/usage/{name}/{pk}/change/", {"index": 9}).status_code == 403
