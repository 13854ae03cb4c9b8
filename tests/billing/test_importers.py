"""Files of every dialect, contradictions, and taking imports back."""

import datetime as dt
import io

import openpyxl
import pytest

from billing.importers import ImportRefusedError, apply_import, stage, undo_import
from billing.models import BillingCustomer, Invoice, InvoiceLine, Subscription
from tknops.jobs.progress import JobCancelledError

pytestmark = pytest.mark.django_db
HEAD = (
    "external_customer_id,customer_name,invoice_id,line_id,plan_code,amount,currency,"
    "service_start,service_end,invoice_date,type,status,subscription_id,credited_invoice_id\n"
)
ROW = "acme,Äcme,I1,1,pro,31,USD,2026-01-15,2026-02-15,2026-01-15,recurring,paid,,\n"
SUBSCRIPTION = "id,Customer ID,Plan,Currency,Interval,Amount,Status,Start (UTC)\n"
NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ((HEAD + ROW).encode(), "utf-8-sig"),
        ((HEAD + ROW).encode("utf-8-sig"), "utf-8-sig"),
        ((HEAD + ROW).encode("cp1252"), "cp1252"),
        ((HEAD + ROW).encode("utf-16"), "utf-16"),
        ((HEAD + ROW).replace(",", ";").encode(), "utf-8-sig"),
        ((HEAD + ROW).replace(",", "\t").replace("\n", "\r\n").encode(), "utf-8-sig"),
    ],
)
def test_any_usual_dialect_is_read_and_named(import_bytes, content, encoding):
    made = import_bytes(content)
    assert (made.encoding, made.created) == (encoding, 1)
    assert BillingCustomer.objects.get().name == "Äcme"
    assert InvoiceLine.objects.get().amount_minor == 3100


def test_a_workbook_with_typed_cells_is_read(import_bytes):
    book = openpyxl.Workbook()
    book.active.append(HEAD.strip().split(","))
    start, end = (dt.datetime(2026, n, 15) for n in (1, 2))  # noqa: DTZ001 - as in a cell
    book.active.append(["acme", "Acme", "I1", 1, "pro", 31.1, "USD", start, end, start])
    content = io.BytesIO()
    book.save(content)
    assert import_bytes(content.getvalue()).created == 1
    line = InvoiceLine.objects.get()
    assert (line.amount_minor, line.service_end) == (3110, dt.date(2026, 2, 15))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"MZ\x90\x00", "this is a program"),
        (b"%PDF-1.7", "this is a PDF"),
        (b"PK\x03\x04 no archive", "ZIP file that is no XLSX"),
        (b"", "columns missing: external_customer_id"),
        (b'"external_customer_id', "not valid CSV"),
        (b"\x81\n", "no text in UTF-8"),
        (HEAD.encode() + b"\n" * 20_000 + b"\x81", "no text in UTF-8"),
        (b"invoice_id,amount\n1,2\n", "columns missing: external_customer_id, currency"),
        ((HEAD.strip() + ",amount\n").encode(), "stand twice: amount"),
        ((HEAD + ROW.strip() + ",more\n").encode(), "15 cells, the header 14"),
        ((HEAD + '"acme\n').encode(), "not valid CSV"),
        ((HEAD + "a" * 200_000 + "\n").encode(), "131"),
        ((HEAD + ROW + ROW).encode(), "line 1 of invoice I1 stands twice, first on line 2"),
        (
            (HEAD + ROW + ROW.replace(",1,pro", ",2,pro").replace("USD", "EUR")).encode(),
            "lines of different customers, currencies",
        ),
        ((HEAD + ROW.replace("acme", "a" * 201)).encode(), "customer id has 201 characters"),
        ((HEAD + ROW.replace("acme", "a\x00b")).encode(), "contains a NUL"),
        ((HEAD + ROW.replace(",31,", ",99999999999999999,")).encode(), "is beyond"),
    ],
)
def test_a_file_that_cannot_be_imported_says_why(stage_bytes, content, words):
    made = stage_bytes(content)
    assert (made.state, made.staged.count()) == ("REFUSED", 0)
    assert words in made.errors[0]["message"]


def test_blank_lines_are_skipped_and_lines_keep_their_number(import_bytes):
    import_bytes((HEAD + "\n,,,\n" + ROW).encode())
    assert InvoiceLine.objects.get().import_line == 4


def test_more_than_a_hundred_errors_are_counted(stage_bytes):
    rows = "".join(ROW.replace("I1", f"I{n}").replace(",31,", ",x,") for n in range(150))
    made = stage_bytes((HEAD + rows).encode())
    assert (made.error_count, len(made.errors)) == (150, 100)


def test_preview_already_knows_a_conflict_with_the_books(import_bytes, stage_bytes):
    import_bytes((HEAD + ROW).encode())
    made = stage_bytes((HEAD + ROW.replace(",31,", ",32,")).encode())
    said = "invoice I1 is there already with other content"
    assert made.errors == [{"line": 2, "message": said, "code": "invoice_conflict"}]


def test_a_conflict_that_came_after_the_preview_refuses_it(import_bytes, stage_bytes):
    staged = stage_bytes((HEAD + ROW.replace(",31,", ",32,")).encode())
    import_bytes((HEAD + ROW).encode())
    with pytest.raises(ImportRefusedError, match="I1 is there already"):
        apply_import(made=staged)
    assert InvoiceLine.objects.get().amount_minor == 3100


def test_rows_in_another_order_are_the_same_invoice(import_bytes):
    other = ROW.replace(",1,pro", ",2,pro")
    import_bytes((HEAD + ROW + other).encode())
    made = import_bytes((HEAD + other + ROW).encode())
    assert (made.created, made.unchanged) == (0, 2)


def test_stopped_half_way_it_leaves_nothing(stage_bytes):
    made = stage_bytes((HEAD + ROW).encode())

    def stop(done, _total=None):
        if done:
            raise JobCancelledError

    made.rows = 10
    made.save()
    with pytest.raises(JobCancelledError):
        apply_import(made=made, report=stop)
    made.refresh_from_db()
    assert made.state == "STAGED"
    assert not BillingCustomer.objects.exists()


def test_a_line_finds_its_subscription_whichever_file_comes_first(import_bytes):
    import_bytes((HEAD + ROW.replace("paid,,", "paid,sub_1,")).encode())
    subscription = SUBSCRIPTION + "sub_1,acme,pro,usd,month,31,active,2026-01-15\n"
    import_bytes(subscription.encode(), "stripe-subscriptions")
    assert InvoiceLine.objects.get().subscription.external_id == "sub_1"


def test_undo_gives_a_changed_subscription_its_former_state(import_bytes):
    row = "sub_1,acme,pro,usd,month,31,active,2026-01-15\n"
    import_bytes((SUBSCRIPTION + row).encode(), "stripe-subscriptions")
    changed = row.replace("31", "62").replace("pro", "max").replace("active", "past_due")
    second = import_bytes((SUBSCRIPTION + changed).encode(), "stripe-subscriptions")
    found = Subscription.objects.get()
    assert (found.price, found.plan.code, second.created) == (62, "max", 1)
    undo_import(made=second, now=NOW)
    found = Subscription.objects.get()
    assert (found.price, found.plan.code, found.status) == (31, "pro", "active")
    again = import_bytes((SUBSCRIPTION + row).encode(), "stripe-subscriptions")
    assert (again.created, again.unchanged) == (0, 1)


def test_an_import_changed_by_a_later_one_is_undone_after_it(import_bytes):
    row = "sub_1,acme,pro,usd,month,31,active,2026-01-15\n"
    first = import_bytes((SUBSCRIPTION + row).encode(), "stripe-subscriptions")
    changed = (SUBSCRIPTION + row.replace("31", "62")).encode()
    second = import_bytes(changed, "stripe-subscriptions")
    with pytest.raises(ImportRefusedError, match=f"import {second.pk} of f.csv changed the same"):
        undo_import(made=first, now=NOW)
    undo_import(made=second, now=NOW)
    undo_import(made=first, now=NOW)
    assert not Subscription.objects.exists()


def test_an_invoice_exported_again_as_paid_or_void_changes_its_status(import_bytes):
    import_bytes((HEAD + ROW.replace("paid", "open")).encode())
    again = import_bytes((HEAD + ROW.replace("paid", "void")).encode())
    assert (Invoice.objects.get().status, again.created, again.unchanged) == ("VOID", 1, 0)
    undo_import(made=again, now=NOW)
    assert Invoice.objects.get().status == "OPEN"


def test_undo_leaves_a_credit_note_of_another_import(import_bytes):
    first = import_bytes((HEAD + ROW).encode())
    note = "acme,,C1,1,pro,-31,USD,2026-01-15,2026-02-15,2026-01-20,credit,paid,,I1\n"
    import_bytes((HEAD + note).encode())
    assert Invoice.objects.get(external_id="C1").credits.external_id == "I1"
    undo_import(made=first, now=NOW)
    assert Invoice.objects.get().credits is None


def test_an_orphan_credit_note_is_a_warning(stage_bytes):
    note = "acme,,C1,1,pro,-31,USD,2026-01-15,2026-02-15,2026-01-20,credit,paid,,I9\n"
    made = stage_bytes((HEAD + note).encode())
    assert made.state == "STAGED"
    assert "credits invoice I9, which is neither here" in made.warnings[0]["message"]


STATED = (
    "id,Customer ID,Plan,Currency,Interval,Amount,Status,Created (UTC),Quantity,Ended At (UTC)\n"
    "s1,acme,pro,USD,month,{amount},active,2026-01-01,{seats},{end}\n"
)


def subscription(*, amount="5", seats="1", end=""):
    return STATED.format(amount=amount, seats=seats, end=end).encode()


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"amount": "-1"}, "the price -1 is not between 0 and"),
        ({"amount": "9" * 20}, "is not between 0 and"),
        ({"amount": "1.00001"}, "more than 4 decimals"),
        ({"amount": "99999999999999999999.00000000000000000001"}, "more than 4 decimals"),
        ({"seats": "1.5"}, "1.5 is not a whole number"),
        ({"seats": "9999999999"}, "9,999,999,999 seats"),
        ({"end": "2025-12-31"}, "it ends on 2025-12-31, before it starts"),
    ],
)
def test_a_subscription_the_books_would_refuse_is_an_error_of_its_line(stage_bytes, cells, words):
    made = stage_bytes(subscription(**cells), profile="stripe-subscriptions")
    [error] = made.errors
    assert (made.state, error["line"]) == ("REFUSED", 2)
    assert words in error["message"]


def test_a_file_staged_before_is_not_read_again(import_bytes, stage_bytes, tmp_path):
    """A worker may die after the commit, with the file gone; another one begins anew."""
    made = stage_bytes((HEAD + ROW).encode())
    again = stage(made=made, path=tmp_path / "gone")
    assert (again.state, again.staged.count()) == ("STAGED", 1)


STRIPE = b"id,Customer,Currency,Total,Status,Date (UTC)\nin_1,cus_1,usd,10,paid,2026-10-01\n"


@pytest.mark.parametrize("profile", ["generic", "stripe-subscriptions", "stripe-customers"])
def test_the_wrong_profile_names_the_one_that_fits(stage_bytes, profile):
    made = stage_bytes(STRIPE, profile)
    assert made.state == "REFUSED"
    assert "this looks like Stripe invoices" in made.errors[0]["message"]


def test_customers_are_counted_as_new_changed_or_there_already(import_bytes):
    rows = [b"id,Name,Email", b"cus_1,Acme,a@x.example", b"cus_2,Birch,b@x.example"]
    first = import_bytes(b"\n".join(rows), "stripe-customers")
    again = import_bytes(b"\n".join(rows) + b"\n", "stripe-customers")
    changed = import_bytes(b"\n".join(rows).replace(b"Birch", b"Beech"), "stripe-customers")
    found = [(made.created, made.unchanged) for made in (first, again, changed)]
    assert found == [(2, 0), (0, 2), (1, 1)]
