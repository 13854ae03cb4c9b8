"""What an SDK says with its batches, and which of its events are known to be missing."""

import datetime as dt
import io
import json
import random

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from usage.ingest import said
from usage.ingest.said import joined
from usage.intake import Arrival, forget_complete, forgetting, process_of, processes
from usage.intake.forgetting import KEPT
from usage.intake.processes import SILENT_AFTER, holes
from usage.models import SdkProcess

PROCESS = "7abc-8def-0123"
HEADERS = {"Tknops-Sdk": "python/1.0", "Tknops-Sdk-Process": PROCESS}


@pytest.mark.parametrize(
    ("pieces", "created", "expected"),
    [
        ([], 0, []),
        ([], 3, [(0, 2)]),
        ([(0, 2)], 3, []),
        ([(1, 1), (3, 4)], 7, [(0, 0), (2, 2), (5, 6)]),
        ([(0, 9)], 5, []),
    ],
)
def test_holes(pieces, created, expected):
    assert list(holes(pieces, created)) == expected


def test_numbers_are_joined():
    assert joined([5, 1, 2, 2, 0, 7]) == [(0, 2), (5, 5), (7, 7)]


@pytest.fixture
def numbered(event):
    """Make the event of a number of a process."""

    def make(number, process=PROCESS, **fields):
        return event(id=f"019a0000-0000-{process}{number:08x}", **fields)

    return make


@pytest.fixture
def tell(send, numbered):
    """Send numbers as the SDK does."""

    def do(numbers, *, process=PROCESS, fields=None, **more):
        body = [numbered(number, process, **(fields or {})) for number in numbers]
        names = {f"Tknops-Sdk-{name.capitalize()}": str(value) for name, value in more.items()}
        return send(body, **{**HEADERS, "Tknops-Sdk-Process": process, **names})

    return do


def told(process=PROCESS, now=None):
    row = SdkProcess.objects.select_related("source").get(process=process)
    return process_of(row, now=now or timezone.now())


def test_what_is_missing_is_known_to_the_number(tell):
    assert tell([0, 1, 2, 5], created=9).status_code == 200
    found = told()
    assert (found.created, found.arrived, found.holes) == (9, 4, [(3, 4), (6, 8)])
    assert (found.state, found.on_the_way, found.missing) == (Arrival.SENDING, 5, 0)
    late = told(now=timezone.now() + SILENT_AFTER + dt.timedelta(seconds=9))
    assert (late.sentence(), late.missing) == ("process ended with 5 unsent", 0)
    tell([], ended=1, dropped="queue_full=2")
    found = told()
    assert (found.sentence(), found.missing, found.dropped) == ("3 missing", 3, {"queue_full": 2})
    tell([3, 4, 6])  # a replay of what was thought lost
    assert (told().state, told().not_arrived) == (Arrival.COMPLETE, 0)


def test_twice_late_and_shuffled_says_the_same(tell):
    requests = [
        ([0, 1], {"created": 2}),
        ([2, 3, 4], {"created": 6, "dropped": "spool_full=1"}),
        ([6, 7], {"created": 9, "dropped": "spool_full=2, queue_full=1"}),
        ([9], {"created": 12, "dropped": "spool_full=2, queue_full=4"}),
    ] * 3
    random.Random(5).shuffle(requests)
    for numbers, more in requests:
        assert tell(numbers, **more).status_code == 200
    found = told()
    assert (found.created, found.arrived, found.holes) == (12, 8, [(5, 5), (8, 8), (10, 11)])
    assert found.dropped == {"spool_full": 2, "queue_full": 4}


def test_rejected_events_arrived_and_other_ids_do_not_count(tell, send, numbered, event):
    tell([0, 1], fields={"usage": {"input_tokens": -1}}, created=3)
    mixed = [numbered(2), event(id="own"), numbered(7, "7abc-8def-9999")]
    send(mixed, **HEADERS)
    assert (told().arrived, told().state) == (3, Arrival.COMPLETE)
    assert SdkProcess.objects.count() == 1


def test_a_process_without_any_event_is_known_too(tell):
    tell([], created=4, ended=1)
    assert (told().sentence(), told().holes, told().version) == (
        "4 missing",
        [(0, 3)],
        "python/1.0",
    )


@pytest.mark.parametrize(
    "headers",
    [
        {"Tknops-Sdk-Process": "7abc"},
        {"Tknops-Sdk-Process": "\u00e9" * 5000},
        {"Tknops-Sdk-Process": PROCESS.upper()},
        {},
    ],
)
def test_headers_that_name_no_process_are_ignored(send, numbered, headers):
    assert send([numbered(0)], **headers).json()["stored"] == 1
    assert not SdkProcess.objects.exists()


def test_figures_that_cannot_be_read_are_as_if_unsaid(send, numbered):
    odd = {
        "Tknops-Sdk": "<script>" * 9, "Tknops-Sdk-Created": "9" * 400, "Tknops-Sdk-Ended": "x",
        "Tknops-Sdk-Dropped": "a=1,b==,queue_full=-4,=,x=2, spool_full=3,spool_torn=\u0663",
    }  # fmt: skip
    assert send([numbered(0)], **{**HEADERS, **odd}).json()["stored"] == 1
    row = SdkProcess.objects.get()
    assert (row.version, row.created, row.ended_at) == ("", 1, None)
    assert row.dropped == {"other": 3, "spool_full": 3}
    send([numbered(1)], **HEADERS, **{"Tknops-Sdk-Created": "9999999999"})
    assert told().created == 2**32


def test_a_request_that_is_not_stored_says_nothing(send, numbered):
    assert send(b"{", **HEADERS).status_code == 400
    assert not SdkProcess.objects.exists()


def test_processes_of_a_source_are_bounded(tell, monkeypatch):
    monkeypatch.setattr(said, "MAX_PROCESSES", 2)
    names = [f"7abc-8def-000{number}" for number in range(3)]
    for name in (*names, names[0]):
        assert tell([0, 1] if name == names[0] else [0], process=name).status_code == 200
    assert list(SdkProcess.objects.order_by("process").values_list("process", flat=True)) == [
        *names[:2]
    ]


def test_complete_processes_are_forgotten_in_time(tell, monkeypatch):
    names = ["7abc-8def-0000", "7abc-8def-0001", "7abc-8def-0002"]
    for name in names:
        tell([0, 1] if name != names[1] else [1], process=name)
    now = timezone.now() + dt.timedelta(days=2)
    assert forget_complete(now=now) == 0
    monkeypatch.setattr(forgetting, "MAX_PROCESSES", 2)
    assert forget_complete(now=now) == 1  # the newest one stays, the one with a gap too
    assert set(SdkProcess.objects.values_list("process", flat=True)) == set(names[1:])
    assert forget_complete(now=now + KEPT) == 1
    assert SdkProcess.objects.get().process == names[1]


def test_numbers_in_too_many_pieces_are_not_followed(tell):
    tell([0])
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE usage_sdkprocess SET arrived = (SELECT range_agg(int8range(n * 977 % 8000000, "
            "n * 977 % 8000000 + 1)) FROM generate_series(1, 20000) AS n)"
        )
    tell([1])
    tell([3])
    found = told()
    assert (found.state, found.missing) == (Arrival.SCATTERED, None)


def test_a_file_closes_a_gap_of_a_known_process(tell, numbered, event, tmp_path):
    tell([0], created=3, ended=1)
    others = [numbered(1), numbered(2), numbered(0, "7abc-8def-9999"), event(id="own")]
    path = tmp_path / "spool.jsonl"
    path.write_text("".join(f"{json.dumps(one)}\n" for one in others))
    call_command("load_usage", str(path), source="tests", stdout=io.StringIO())
    assert [one.sentence() for one in processes(now=timezone.now())] == ["complete"]


def test_constraints(source):
    now = timezone.now()
    for wrong in (
        {"process": "7abc-0def-0123"},
        {"created": -1},
        {"created": 2**32 + 1},
        {"last_seen_at": now - dt.timedelta(days=1)},
    ):
        fields = {"process": PROCESS, "first_seen_at": now, "last_seen_at": now} | wrong
        with pytest.raises(IntegrityError), transaction.atomic():
            SdkProcess.objects.create(source=source, **fields)
    fine = {"source": source, "process": PROCESS, "first_seen_at": now, "last_seen_at": now}
    assert list(SdkProcess.objects.create(**fine, arrived=[(0, 3)]).arrived) != []
    with pytest.raises(IntegrityError), transaction.atomic():
        SdkProcess.objects.create(**fine)


def test_the_api_lists_them(tell, client, api_key):
    tell([0, 2], created=5)
    answer = client.get(
        "/api/v1/sdk-processes?source__name=tests", headers={"Authorization": f"Bearer {api_key}"}
    ).json()["results"]
    assert [(one["process"], one["on_the_way"], one["not_arrived"]) for one in answer] == [
        (PROCESS, 3, [[1, 1], [3, 4]])
    ]


def test_the_page_says_what_is_missing(tell, admin_client):
    url = "/admin/sequence-gaps"
    assert "No SDK has sent anything yet" in admin_client.get(url).content.decode()
    tell([0, 2], created=5, dropped="queue_full=1", ended=1)
    tell([0], process="7abc-8def-0999")
    page = admin_client.get(url)
    assert page.context["said"] == (
        "2 processes created 6 events: 2 are missing, of 1 process; 1 were dropped by the SDKs."
    )
    cells = page.context["table"].rows[0].cells
    assert (cells["missing"], cells["numbers"], cells["state"]) == (2, "1, 3-4", "events missing")
    only = admin_client.get(f"{url}?state=complete&source=tests").context["table"].rows
    assert [row.cells["process"] for row in only] == ["7abc-8def-0999"]
    health = admin_client.get("/admin/data-health")
    assert [row.cells["why"] for row in health.context["more"][0].rows] == ["queue_full 1"]
    assert "2 are missing; 1 were dropped by the SDKs." in health.content.decode()
