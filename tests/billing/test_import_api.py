"""Billing files by HTTP: the promised answers."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from billing.models import BillingImport, Invoice
from tknops.jobs.models import Job
from tknops.jobs.run import run
from usage.keys import create_key
from usage.models import Source

pytestmark = pytest.mark.django_db
URL = "/api/v1/billing/imports"
GOOD = (
    b"external_customer_id,invoice_id,amount,currency,invoice_date,type\n"
    b"acme,I1,10,USD,2026-10-01,one_time\n"
)


@pytest.fixture(autouse=True)
def _uploads(settings, tmp_path):
    settings.UPLOAD_DIR = tmp_path


@pytest.fixture
def key(source):
    return create_key(source=source, scopes=["billing:write"])


@pytest.fixture
def post(client, key):
    def send(body=GOOD, query="?profile=generic", kind="text/csv", token=key, **headers):
        answer = client.post(
            URL + query, body, content_type=kind,
            headers={"Authorization": f"Bearer {token}", **headers},
        )  # fmt: skip
        assert answer["Content-Type"] in {"application/json", "application/problem+json"}
        return answer

    return send


def test_a_file_sent_as_the_body_is_imported_and_its_state_can_be_asked(client, post, key):
    answer = post()
    found = answer.json()
    assert (answer.status_code, found["state"], found["rows"], found["created"]) == (
        202, "applied", 1, 1,
    )  # fmt: skip
    assert found["job"]["state"] == "done"
    asked = client.get(found["url"], headers={"Authorization": f"Bearer {key}"})
    assert asked.json() == found
    assert BillingImport.objects.get().sender.startswith("key tko_")
    assert Invoice.objects.count() == 1


def test_a_form_with_file_and_profile_does_the_same(client, key):
    sent = {"file": SimpleUploadedFile("bill.csv", GOOD), "profile": "generic"}
    answer = client.post(URL, sent, headers={"Authorization": f"Bearer {key}"})
    assert (answer.status_code, answer.json()["file_name"]) == (202, "bill.csv")
    assert answer.json()["state"] == "applied"


def test_the_same_file_again_changes_nothing_and_says_so(post):
    first = post().json()
    again = post()
    assert again.status_code == 200
    assert "This very file was imported on" in again.json()["detail"]
    assert (again.json()["id"], BillingImport.objects.count()) == (first["id"], 1)


def test_errors_name_line_code_and_reason_and_nothing_is_written(post):
    answer = post(GOOD + b"acme,I2,x,USD,2026-10-01,one_time\n")
    found = answer.json()
    assert (answer.status_code, found["state"]) == (202, "refused")
    assert found["errors"] == [
        {"line": 3, "code": "cell", "message": "column 'amount': 'x' is not a number like 1234.56"}
    ]
    assert not Invoice.objects.exists()


def test_a_question_is_answered_by_a_parameter(post):
    body = GOOD.replace(b",10,", b',"1,234",')
    assert (post(body).json()["state"], post(body).json()["asks"]) == ("asking", ["decimal"])
    assert post(body, "?profile=generic&decimal=.").json()["state"] == "applied"


def test_a_dry_run_writes_nothing(post):
    assert post(query="?dry_run=1").json()["state"] == "staged"
    assert not Invoice.objects.exists()


def test_a_large_file_waits_for_a_worker(post, monkeypatch):
    monkeypatch.setattr("billing.api.imports._AT_ONCE", 10)
    found = post().json()
    assert (found["state"], found["job"]["state"]) == ("staging", "queued")
    assert post().json()["id"] == found["id"]
    run(Job.objects.get().pk)
    assert BillingImport.objects.get().state == "APPLIED"


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [
        ({"query": "?profile=nope"}, 400, "accepted: auto, generic, stripe-invoices"),
        ({"query": "?encoding=rot13"}, 400, "'rot13' is not one of"),
        ({"token": "tko_aaaaaaaa_" + "b" * 32}, 401, "not known here"),
        ({"Content-Encoding": "gzip"}, 415, "gzip"),
        ({"body": b"--x--\r\n", "kind": "multipart/form-data; boundary=x"}, 400, "no field `file`"),
    ],
)
def test_refusals_are_problems(post, sent, status, words, tmp_path):
    answer = post(**sent)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert words in answer.json()["detail"]
    assert not BillingImport.objects.exists()
    assert list(tmp_path.glob("*.billing")) == []


def test_a_file_that_is_too_large_is_refused_and_leaves_nothing(post, monkeypatch, tmp_path):
    monkeypatch.setattr("billing.importers.kept.LARGEST", 50)
    assert (post().status_code, post().json()["code"]) == (413, "too_large")
    assert list(tmp_path.iterdir()) == []


def test_a_key_without_the_scope_or_of_another_source_sees_nothing(client, post, source):
    found = post().json()
    events = create_key(source=source, scopes=["events:write", "reports:read"])
    other = create_key(source=Source.objects.create(name="other"), scopes=["billing:write"])
    assert post(token=events).status_code == 403
    for token, status in ((events, 403), (other, 404)):
        answer = client.get(found["url"], headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == status
    assert client.get(URL).status_code == 401


def test_it_stands_in_the_document(client, source):
    reader = create_key(source=source, scopes=["reports:read"])
    headers = {"Authorization": f"Bearer {reader}", "Accept": "application/json"}
    paths = client.get("/api/schema", headers=headers).json()["paths"]
    door = paths[URL]["post"]
    assert door["security"] == [{"billingKey": []}]
    assert set(door["requestBody"]["content"]) == {
        "multipart/form-data", "application/octet-stream",
    }  # fmt: skip
    assert {"200", "202", "400", "401", "403", "413", "415", "429"} <= door["responses"].keys()
    assert f"{URL}/{{id}}" in paths or f"{URL}/{{pk}}" in paths
