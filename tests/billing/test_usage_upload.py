"""Uploading a usage file as a person does it: look, say what the columns are, load."""

import datetime as dt
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile

from billing.margin import margin
from tknops.calendar import Period
from tknops.jobs.models import Job
from usage.models import UsageEvent

pytestmark = pytest.mark.django_db
AZURE = b"TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03.9799600,4808,10\n"
NOVEMBER = Period(dt.date(2023, 11, 1), dt.date(2023, 12, 1))
CONSTANTS = {
    "format": "csv",
    "timezone": "UTC",
    "column-time": "TIMESTAMP",
    "column-input_tokens": "ContextTokens",
    "column-output_tokens": "GeneratedTokens",
    "constant-provider": "openai",
    "constant-model": "gpt-4o",
    "constant-customer": "coder",
}


@pytest.fixture
def admin(client, settings, tmp_path):
    settings.UPLOAD_DIR = tmp_path
    client.force_login(get_user_model().objects.create_superuser("boss"))
    return client


@pytest.fixture
def upload(admin):
    def do(content, name="log.csv"):
        answer = admin.post("/admin/upload-usage", {"file": SimpleUploadedFile(name, content)})
        return answer["Location"]

    return do


def test_columns_are_guessed_and_nothing_is_stored_yet(admin, upload):
    page = admin.get(upload(AZURE)).content.decode()
    for column in ("TIMESTAMP", "ContextTokens", "GeneratedTokens"):
        assert f"<option selected>{column}</option>" in page
    assert "Still needed: Provider, Model." in page
    assert "The times of this file name no zone" in page
    assert "Load the whole file" not in page
    assert not UsageEvent.objects.exists()


def test_mapped_and_loaded_it_counts_to_the_last_digit_and_only_once(admin, upload, prices):
    """4,808 × 2.50 + 10 × 10 millionths."""
    url = upload(AZURE)
    assert "1 would be stored" in admin.post(url, CONSTANTS).content.decode()
    answer = admin.post(url, {**CONSTANTS, "load": "1"}, follow=True)
    assert "Stored without a customer that is known" in answer.content.decode()
    assert margin(by=[], period=NOVEMBER).total.cost == Decimal("0.01212")
    admin.post(upload(AZURE), {**CONSTANTS, "load": "1"})
    assert Job.objects.latest("pk").result["counts"]["duplicate"] == 1
    assert UsageEvent.objects.count() == 1


def test_times_without_a_zone_lead_to_its_field(admin, upload):
    page = admin.post(upload(AZURE), {**CONSTANTS, "timezone": ""}).content.decode()
    assert "1 rejected" in page
    assert "fill in the field “Zone of times without an offset”" in page
    assert "Load the whole file" not in page


@pytest.mark.parametrize(
    ("content", "kind"), [(b"%PDF-1.4\n", "a PDF"), (b"PK\x03\x04x", "a workbook")]
)
def test_a_pdf_or_workbook_is_named_as_what_it_is(admin, upload, content, kind):
    page = admin.get(upload(content, "x.csv"), follow=True).content.decode()
    assert f"x.csv cannot be read: it is {kind}" in page


def test_the_export_of_a_gateway_is_recognised(admin, upload):
    line = b'{"request_id":"r","spend":0.1,"startTime":"2026-10-01T00:00:00Z","model":"gpt-4o"}\n'
    page = admin.get(upload(line, "spend.jsonl")).content.decode()
    assert '<option value="litellm" selected>' in page


def test_a_file_that_is_none_says_so(admin, upload):
    answer = admin.get(upload(b"PAR1 no parquet", "x.parquet"), follow=True)
    assert "x.parquet cannot be" in answer.content.decode()


def test_a_token_of_somebody_else_is_not_found(admin):
    assert admin.get("/admin/upload-usage/forged").status_code == 404
