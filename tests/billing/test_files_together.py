"""Several billing files at once: recognised, listed, applied in their order, each by itself."""

import json

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile

from billing.importers import in_order
from billing.models import BillingCustomer, BillingImport, Invoice, InvoiceLine, Subscription

URL = "/admin/import-billing"
CUSTOMERS = b"id,Email,Name\ncus_1,ap@acme.example,Acme Inc.\n"
SUBSCRIPTIONS = (
    b"id,Customer ID,Plan,Currency,Interval,Amount,Status,Start (UTC)\n"
    b"sub_1,cus_1,Pro,usd,month,100,active,2026-10-01\n"
)
INVOICES = (
    b"id,Customer,Customer Name,Currency,Total,Status,Date (UTC),Subscription\n"
    b"in_1,cus_1,Acme before,usd,100,paid,2026-10-01,sub_1\n"
)
PERIOD = {"start": 1790812800, "end": 1793491200}  # October 2026, UTC
LINES = json.dumps([
    {"object": "line_item", "id": f"il_{n}", "invoice": "in_1", "amount": amount,
     "currency": "usd", "period": PERIOD, "subscription": "sub_1"}
    for n, amount in ((1, 9_000), (2, 1_000))
]).encode()  # fmt: skip


@pytest.fixture
def admin(client, db, settings, tmp_path):
    settings.UPLOAD_DIR = tmp_path
    client.force_login(get_user_model().objects.create_superuser("boss"))
    return client


@pytest.fixture
def upload(admin):
    def do(**files):
        sent = [SimpleUploadedFile(f"{name}.x", content) for name, content in files.items()]
        return admin.post(URL, {"file": sent, "profile": "auto"}, follow=True)

    return do


def test_four_files_of_an_export_are_three_clicks(admin, upload):
    """Sent in the wrong order: the lines wait for their invoice and are read again after it."""
    page = upload(lines=LINES, invoices=INVOICES, subscriptions=SUBSCRIPTIONS, customers=CUSTOMERS)
    text = page.content.decode()
    at = [text.index(f">{name}.x<") for name in ("subscriptions", "invoices", "lines", "customers")]
    assert at == sorted(at)
    assert "after the invoices above" in text
    assert "1 invoice lines, 1 customers, $100.00 USD" in text
    assert "Import 4 files" in text
    assert not Invoice.objects.exists()
    url = page.redirect_chain[0][0]
    done = admin.post(f"{url}/apply", follow=True).content.decode()
    assert "4 of 4 files imported." in done
    assert "Match customers" in done
    assert set(BillingImport.objects.values_list("state", flat=True)) == {"APPLIED"}
    assert (BillingCustomer.objects.get().name, Subscription.objects.get().price) == (
        "Acme Inc.",
        100,
    )
    lines = InvoiceLine.objects.order_by("line_id").values_list("line_id", "amount_minor")
    assert list(lines) == [("il_1", 9_000), ("il_2", 1_000)]
    admin.post(f"{url}/apply")  # a second click
    assert (Invoice.objects.count(), InvoiceLine.objects.count()) == (1, 2)


def test_one_with_errors_keeps_no_other_back_and_says_why(admin, upload):
    page = upload(invoices=INVOICES, bad=SUBSCRIPTIONS.replace(b"month", b"moon"))
    assert "is not day, week, month or year" in page.content.decode()
    url = page.redirect_chain[0][0]
    done = admin.post(f"{url}/apply", follow=True).content.decode()
    assert "1 of 2 files imported." in done
    assert "bad.x: nothing was written; it has errors." in done
    assert Invoice.objects.count() == 1
    admin.post(f"{url}/discard")
    assert BillingImport.objects.get().file_name == "invoices.x"


def test_as_many_files_as_are_taken(admin, upload):
    assert (
        "21 files at once; accepted: up to 20."
        in upload(**{f"f{n}": CUSTOMERS for n in range(21)}).content.decode()
    )
    assert "Choose a file first." in admin.post(URL).content.decode()
    assert admin.get(f"{URL}/files/999").status_code == 404


def test_files_stand_by_their_turn():
    names = ("stripe-payments", "lago-fees", "my mapping", "stripe-invoices",
             "stripe-subscriptions", "stripe-customers")  # fmt: skip
    files = [BillingImport(pk=n, profile=name) for n, name in enumerate(names)]
    assert [made.profile for made in in_order(files)] == [
        "stripe-subscriptions", "my mapping", "stripe-invoices", "lago-fees", "stripe-payments",
        "stripe-customers",
    ]  # fmt: skip
