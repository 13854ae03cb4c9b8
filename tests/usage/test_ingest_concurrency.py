"""Many writers, resends and lost transactions: each event once, no id of a row not there."""

import json
import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from usage.ingest import Outcome, ingest, intern
from usage.keys import create_key
from usage.models import Context, Source, UsageBatch, UsageBatchMonth, UsageEvent

THREADS, SENDS, EVENTS = 8, 25, 60
COUNTS = ("stored", "duplicate", "conflict", "rejected")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def many():
    return Source.objects.create(name="many")


def _body(events):
    return json.dumps(events).encode()


def test_shuffled_resends_of_one_batch_by_many_writers_store_each_event_once(many, event):
    key = create_key(source=many, scopes=["events:write"])
    batch = [
        event(id=f"e{n}", customer=f"c{n % 7}", time=f"2026-{n % 2 + 9:02}-05T14:03:21Z")
        for n in range(EVENTS)
    ]

    def post(seed):
        client, shuffle, found = Client(), random.Random(seed).sample, []
        try:
            for _ in range(SENDS):
                answer = client.post(
                    "/api/v1/events",
                    _body(shuffle(batch, EVENTS)),
                    content_type="application/json",
                    headers={"Authorization": f"Bearer {key}"},
                )
                assert answer.status_code == 200
                found.append([answer.json()[name] for name in COUNTS])
        finally:
            connection.close()
        return found

    with ThreadPoolExecutor(THREADS) as pool:
        answers = [counts for some in pool.map(post, range(THREADS)) for counts in some]
    sent = THREADS * SENDS * EVENTS
    assert [sum(column) for column in zip(*answers, strict=True)] == [EVENTS, sent - EVENTS, 0, 0]
    assert UsageEvent.objects.count() == EVENTS
    assert Context.objects.count() == 7
    assert UsageBatch.objects.count() == THREADS * SENDS
    assert UsageBatchMonth.objects.count() == 2 * THREADS * SENDS


def test_a_resend_beside_new_events_leaves_one_batch_with_final_counts(many, event):
    ingest(_body([event(id="a")]), source=many, received_at=timezone.now())
    result = ingest(
        _body([event(id="b"), event(id="a"), event(id="a", model="other"), event(id="b")]),
        source=many,
        received_at=timezone.now(),
    )
    assert list(result.outcomes.values()) == [
        Outcome.STORED,
        Outcome.DUPLICATE,
        Outcome.CONFLICT,
        Outcome.DUPLICATE,
    ]
    batch = UsageBatch.objects.get(pk=result.batch_id)
    assert [getattr(batch, name) for name in COUNTS] == [1, 2, 1, 0]
    assert UsageBatch.objects.count() == 2
    assert set(UsageEvent.objects.values_list("batch_id", flat=True)) == set(
        UsageBatch.objects.values_list("pk", flat=True)
    )


def test_a_context_whose_commit_fails_is_not_remembered(many, event):
    """A deferred trigger fails the commit itself, after everything was written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION SQLSTATE '58030'; END $$"
        )
        cursor.execute(
            "CREATE CONSTRAINT TRIGGER fail AFTER INSERT ON usage_context "
            "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail()"
        )
    try:
        with pytest.raises(OperationalError):
            ingest(_body([event()]), source=many, received_at=timezone.now())
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER fail ON usage_context")
            cursor.execute("DROP FUNCTION fail")
    assert not intern._known
    ingest(_body([event()]), source=many, received_at=timezone.now())
    assert UsageEvent.objects.get().context == Context.objects.get()


def test_known_contexts_use_up_no_ids_in_another_process(many, event):
    ingest(_body([event(id="a")]), source=many, received_at=timezone.now())
    intern.forget()
    ingest(_body([event(id="b")]), source=many, received_at=timezone.now())
    ingest(_body([event(id="c", customer="new")]), source=many, received_at=timezone.now())
    first, second = Context.objects.order_by("pk").values_list("pk", flat=True)
    assert second == first + 1


def test_a_request_of_known_contexts_takes_one_statement_before_and_one_after_the_copy(
    many, event, django_assert_num_queries
):
    ingest(_body([event(id="a")]), source=many, received_at=timezone.now())
    with django_assert_num_queries(4) as asked:
        ingest(_body([event(id="b")]), source=many, received_at=timezone.now())
    said = [query["sql"].split()[0] for query in asked.captured_queries]
    assert said == ["BEGIN", "SELECT", "WITH", "COMMIT"]


def test_a_kept_connection_that_died_is_replaced_within_the_request(many, event):
    key = create_key(source=many, scopes=["events:write"])

    def post(identity):
        return Client().post(
            "/api/v1/events",
            _body([event(id=identity)]),
            content_type="application/json",
            headers={"Authorization": f"Bearer {key}"},
        )

    def both():
        try:
            first = post("a").status_code
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                (pid,) = cursor.fetchone()
            with ThreadPoolExecutor(1) as other:
                other.submit(_kill, pid).result()
            return first, post("b").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(both).result() == (200, 200)
    assert UsageEvent.objects.count() == 2


def _kill(pid):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        assert cursor.fetchone()[0]
    connection.close()
