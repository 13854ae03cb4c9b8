"""Reconciliation and journal in the browser's words: upload, look, decide, take back, download."""

import datetime as dt

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from billing.margin import margin
from billing.models import BilledModel, CostPoolAmount, ProviderImport, TrueUp
from billing.roles import ensure_roles
from tests.billing.provider_files import openai_costs
from tknops.calendar import Period
from usage.cube import fold

pytestmark = pytest.mark.django_db
OCTOBER = Period(dt.date(2026, 10, 1), dt.date(2026, 11, 1))
MONTH = {"month": "2026-10"}
BILL = openai_costs(("2026-10-05", "gpt-4o-2024-08-06, input", 26_000, 10**10))


@pytest.fixture
def browse(client):
    ensure_roles()

    def sign_in(role="Finance admin"):
        user, _ = get_user_model().objects.get_or_create(username=role, is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def october(browse, send, event, prices):
    """OpenAI's October: 8G tracked at 2.50 = 20,000; billed 10G for 26,000 under a dated name."""
    send([event(usage={"input_tokens": 8 * 10**9})])
    fold()
    return upload(browse(), BILL)


def upload(client, content, name="costs.json", **fields):
    file = SimpleUploadedFile(name, content.encode())
    answer = client.post(reverse("pages:provider-bills"), {"file": file, **fields}, follow=True)
    assert answer.status_code == 200
    return answer


def get(client, name, *args, **query):
    answer = client.get(reverse(f"pages:{name}", args=args), {**MONTH, **query})
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_bill_from_upload_to_true_up_and_back(october, client):
    made = ProviderImport.objects.get()
    assert "to be confirmed" in october.content.decode()
    assert "No provider bill yet" in get(client, "reconciliation")
    client.post(reverse("pages:provider-bill-apply", args=[made.pk]))
    page = get(client, "reconciliation")
    assert "OpenAI billed $26,000.00 for October 2026; we tracked 76.9\u00a0%" in page
    assert "$6,000.00 beyond what reports show" in page

    provider = get(client, "reconciliation-provider", "openai")
    assert "Billed under names no usage has" in provider
    named = {"billed": "gpt-4o-2024-08-06", "model": "gpt-4o", **MONTH}
    client.post(reverse("pages:billed-name", args=["openai"]), named)
    assert BilledModel.objects.get().model == "gpt-4o"
    provider = get(client, "reconciliation-provider", "openai")
    assert "Billed under names no usage has" not in provider
    assert "+$5,000.00 quantity and +$1,000.00 price" in provider

    lines = get(
        client, "reconciliation-lines", "openai", named="gpt-4o", **{"class": "input_tokens"}
    )
    assert "costs.json, page 1, bucket 1, result 1" in lines
    assert "utc_month=2026-10&amp;model=gpt-4o&amp;model=gpt-4o-2024-08-06" in lines

    assert 'name="expected" value="600000"' in provider
    asked = {"month": "2026-10", "in": "2026-10", "expected": "600000", "reason": "bill of October"}
    answer = client.post(reverse("pages:true-up", args=["openai"]), asked, follow=True)
    assert "$6,000.00 is borne by October 2026" in answer.content.decode()
    client.post(reverse("pages:true-up", args=["openai"]), asked)  # a second click
    assert TrueUp.objects.count() == 1
    assert margin(by=(), period=OCTOBER).total.allocated_cost == 6000
    assert "2026-10-TRUE-UP-openai" in get(client, "journal")

    client.post(reverse("pages:true-up-undo", args=[TrueUp.objects.get().pk]))
    assert not CostPoolAmount.objects.exists()
    assert "taken back" in get(client, "reconciliation-provider", "openai")
    client.post(reverse("pages:provider-bill-undo", args=[made.pk]))
    assert "No provider bill yet" in get(client, "reconciliation")


def test_the_same_file_again_says_so(october, client):
    made = ProviderImport.objects.get()
    client.post(reverse("pages:provider-bill-apply", args=[made.pk]))
    again = upload(client, BILL).content.decode()
    assert "costs.json was imported on" in again
    assert f"as import {made.pk}; undo that one" in again


def test_the_tables_and_the_journal_are_files(october, client):
    client.post(reverse("pages:provider-bill-apply", args=[ProviderImport.objects.get().pk]))
    parts = client.get(
        reverse("pages:reconciliation"), {**MONTH, "format": "csv", "table": "parts"}
    ).content.decode()
    assert parts.splitlines()[-1] == "Variance,6000"
    journal = client.get(reverse("pages:journal"), {**MONTH, "format": "csv"}).content.decode()
    assert journal.splitlines() == [
        "Entry,Date,Account,Account name,Debit,Credit,Currency,Description,Note,Corrects",
        "2026-10-AI-openai,2026-10-31,5100,AI cost of revenue,20000,,USD,AI cost at openai,cost of revenue,",  # noqa: E501
        "2026-10-AI-openai,2026-10-31,2100,Accrued AI cost,,20000,USD,AI cost at openai,openai,",
    ]


def test_an_analyst_looks_and_changes_nothing(browse, client):
    browse("Analyst")
    page = upload(client, openai_costs(("2026-10-05", "gpt-4o, input", 2.6, 10**6)))
    made = ProviderImport.objects.get()
    assert "Import 1 invoice" not in page.content.decode()
    assert client.post(reverse("pages:provider-bill-apply", args=[made.pk])).status_code == 403
    assert ProviderImport.objects.get().state == "STAGED"


def test_bad_forms_are_answered_in_words(browse, client):
    browse()
    page = upload(client, "nothing")
    assert "there is no column billed_cost, currency" in page.content.decode()
    file = SimpleUploadedFile("f.json", b"{}")
    for field, value in (("rate", "-1"), ("total", "much")):
        answer = client.post(reverse("pages:provider-bills"), {"file": file, field: value})
        assert f"{field}: &#x27;{value}&#x27; is not a number" in answer.content.decode()
    for data in ({}, {"month": "x", "in": "2026-10", "expected": "1"}):
        assert client.post(reverse("pages:true-up", args=["openai"]), data).status_code == 400
    assert client.post(reverse("pages:billed-name", args=["openai"]), {}).status_code == 400
    assert "Choose a file first" in client.post(reverse("pages:provider-bills")).content.decode()


def test_what_is_not_there_is_said(browse, client):
    browse()
    assert "Nothing of nobody in October 2026" in get(client, "reconciliation-provider", "nobody")
    assert "Nothing to post for October 2026" in get(client, "journal")
    assert "not billed" in get(client, "reconciliation-lines", "a/b", day="yesterday")
