"""Importing billing as a person does it: upload, look, confirm, undo."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile

from billing.models import BillingImport, Invoice, StagedRow
from tknops.jobs.models import Job

pytestmark = pytest.mark.django_db
HEAD = b"external_customer_id,invoice_id,amount,currency,invoice_date,service_start,service_end\n"
GOOD = HEAD + b"acme,I1,10,USD,2026-01-01,2026-01-01,2026-02-01\n"


@pytest.fixture
def admin(client):
    client.force_login(get_user_model().objects.create_superuser("boss"))
    return client


@pytest.fixture
def upload(admin):
    def do(content, profile="generic"):
        sent = {"file": SimpleUploadedFile("f.csv", content), "profile": profile}
        admin.post("/admin/import-billing", sent)
        return BillingImport.objects.latest("pk")

    return do


def test_upload_writes_nothing_before_it_is_confirmed(admin, upload):
    made = upload(GOOD)
    page = admin.get(f"/admin/import-billing/{made.pk}").content.decode()
    assert "$10.00" in page
    assert re.search(r"Import 1 row\s*<", page)
    assert not Invoice.objects.exists()
    admin.post(f"/admin/import-billing/{made.pk}/apply")
    assert Invoice.objects.count() == 1
    assert not StagedRow.objects.exists()


def test_a_second_click_on_confirm_changes_nothing(admin, upload):
    made = upload(GOOD)
    for _ in range(2):
        admin.post(f"/admin/import-billing/{made.pk}/apply")
    made.refresh_from_db()
    assert (Invoice.objects.count(), made.created, made.unchanged) == (1, 1, 0)


def test_errors_name_line_and_reason_and_cannot_be_applied(admin, upload):
    made = upload(HEAD + b"acme,I1,ten,USD,2026-01-01,2026-01-01,2026-02-01\n")
    page = admin.get(f"/admin/import-billing/{made.pk}").content.decode()
    assert "column &#x27;amount&#x27;: &#x27;ten&#x27; is not a number" in page
    admin.post(f"/admin/import-billing/{made.pk}/apply")
    assert not Invoice.objects.exists()
    assert "is has errors" in Job.objects.latest("pk").error


def test_undo_takes_the_import_back(admin, upload):
    made = upload(GOOD)
    admin.post(f"/admin/import-billing/{made.pk}/apply")
    admin.post(f"/admin/import-billing/{made.pk}/undo")
    made.refresh_from_db()
    assert (made.state, Invoice.objects.count()) == ("UNDONE", 0)


def test_a_file_seen_before_says_so(admin, upload):
    first = upload(GOOD)
    admin.post(f"/admin/import-billing/{first.pk}/apply")
    page = admin.get(f"/admin/import-billing/{upload(GOOD).pk}").content.decode()
    assert "This very file was imported before" in page


def test_giving_up_leaves_no_row(admin, upload):
    made = upload(GOOD)
    admin.post(f"/admin/import-billing/{made.pk}/discard")
    assert not BillingImport.objects.exists()
    assert not StagedRow.objects.exists()


def test_an_applied_import_cannot_be_given_up(admin, upload):
    made = upload(GOOD)
    admin.post(f"/admin/import-billing/{made.pk}/apply")
    assert admin.post(f"/admin/import-billing/{made.pk}/discard").status_code == 404
    assert Invoice.objects.count() == 1


def test_the_template_can_be_imported_as_it_is(admin, upload):
    template = admin.get("/admin/import-billing/template.csv").content
    assert upload(template).state == "STAGED"
