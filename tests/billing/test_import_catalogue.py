"""The bad-input catalogue of billing files, row by row: what is sent, and what becomes of it."""

import datetime as dt
import io
import zipfile
from dataclasses import dataclass, field

import openpyxl
import pytest
from django.contrib.auth import get_user_model

from billing.importers import (
    apply_import,
    expire,
    kept_file,
    look,
    receive,
    stage,
    undo_import,
)
from billing.importers.kept import keep
from billing.models import (
    BillingCustomer,
    BillingImport,
    Invoice,
    InvoiceLine,
    MonthClose,
    StagedRow,
)
from tknops.spreadsheets import defused

NOW = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db
COLUMNS = (
    "external_customer_id", "customer_name", "invoice_id", "line_id", "amount", "currency",
    "service_start", "service_end", "invoice_date", "type", "status", "subscription_id",
    "credited_invoice_id", "tax_amount", "tax_mode",
)  # fmt: skip
PLAIN = {
    "external_customer_id": "acme", "customer_name": "Äcme", "invoice_id": "I1", "line_id": "1",
    "amount": "10", "currency": "USD", "service_start": "2026-10-01",
    "service_end": "2026-11-01", "invoice_date": "2026-10-01", "type": "recurring",
    "status": "paid",
}  # fmt: skip


def table(*rows, sep=",", columns=COLUMNS, end="\n"):
    """Write rows as CSV, each cell in quotes; a row is what differs from a plain one."""
    lines = [columns, *([(PLAIN | row).get(name, "") for name in columns] for row in rows)]
    quoted = (sep.join(f'"{cell}"' for cell in line) for line in lines)
    return end.join(quoted) + end


def workbook(**cells):
    book = openpyxl.Workbook()
    book.active.append(list(COLUMNS))
    book.active.append([(PLAIN | cells).get(name, "") for name in COLUMNS])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def archive(**parts):
    out = io.BytesIO(workbook())
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name.replace("__", "/"), content)
    return out.getvalue()


@dataclass
class Case:
    """A row of the catalogue: what is sent and said, and what is expected."""

    row: str
    sent: str | bytes
    state: str = "STAGED"
    words: str = ""
    minor: int | None = None
    said: dict = field(default_factory=dict)
    known: str = ""
    asks: tuple = ()
    warns: str = ""
    read: dict = field(default_factory=dict)
    dates: str = ""
    name: str = "Äcme"
    closed: tuple = ()


def amount(text, **more):
    return table({"amount": text, **more})


def proof(text, proving="0.50", **more):
    """An ambiguous figure beside one that proves what the file uses."""
    return table({"amount": text, **more}, {"amount": proving, "line_id": "2", **more})


# 31.00 from 15 October for one month: 17.00 of October, 14.00 of November.
OVER = {"amount": "31", "service_start": "2026-10-15", "service_end": "2026-11-15"}
CASES = [
    Case("102", table({}).encode("utf-8-sig"), read={"encoding": "utf-8-sig"}),
    Case("103", table({}).encode("cp1252"), read={"encoding": "cp1252"}),
    Case("103", table({}).encode("utf-16"), read={"encoding": "utf-16"}),
    Case("104", table({}, sep=";"), read={"delimiter": ";"}),
    Case("104", table({}, sep="\t"), read={"delimiter": "\t"}),
    Case("105", proof("1.234,56", "0,50"), minor=123456 + 50),
    Case("105", proof("1,234.56", "0.50"), minor=123456 + 50),
    Case("105", proof("1,234", "0.50"), minor=123400 + 50),
    Case("105", proof("1.234", "0,50"), minor=123400 + 50),
    Case("105", proof("1.234,56", "0.50"), "REFUSED", "'0.50' is not a number like 1234,56"),
    Case("105", amount("1,234"), "ASKING", "may mean thousands or decimals", asks=("decimal",)),
    Case("105", amount("1.200"), "ASKING", "the point of '1.200' may mean", asks=("decimal",)),
    Case("105", amount("1.200"), said={"decimal": ","}, minor=120000),
    Case("105", amount("1.234", currency="KWD"), minor=1234),
    Case("105", amount("1,234"), said={"decimal": "."}, minor=123400),
    Case("105", amount("1,23"), said={"decimal": ","}, minor=123),
    Case("106", amount("(123.45)"), "ASKING", "below 0, as accountants", asks=("accounting",)),
    Case("106", amount("(123.45)"), said={"accounting": True}, minor=-12345),
    Case("106", amount("123.45-"), said={"accounting": True}, minor=-12345),
    Case("106", amount("\u2212123.45"), minor=-12345),
    Case("107", proof("$1,200"), minor=120050),
    Case("107", proof("1\u00a0200 €", currency="EUR"), minor=120050),
    Case("107", proof("$1,200", currency="EUR"), "REFUSED", "is not in EUR"),
    Case("108", table({"currency": ""}), "REFUSED", "'currency' is empty"),
    Case("109", amount("100.50", currency="JPY"), "REFUSED", "more decimals than JPY"),
    Case("109", amount("1.2345", currency="KWD"), "REFUSED", "more decimals than KWD"),
    Case("110", table({}), known=table({})),
    Case("111", amount("11"), "REFUSED", "I1 is there already with other content",
         known=table({}), asks=("replace",)),
    Case("111", amount("11"), known=table({}), said={"replace": True}, minor=1100),
    Case("112", table({"invoice_id": "1.2E+5"}), warns="looks like a number a spreadsheet has"),
    Case("112", table({"invoice_id": "00123"})),
    Case("112", table({"invoice_id": "1/2"})),
    Case("113", table({"invoice_date": "03/04/2026", "service_start": "03/04/2026",
                       "service_end": "03/05/2026"}), "ASKING", "may have the day or the month",
         asks=("dates",)),
    Case("113", table({"invoice_date": "03/04/2026", "service_start": "03/04/2026",
                       "service_end": "31/05/2026"}), dates="DMY"),
    Case("113", table({"invoice_date": "03/04/2026", "service_start": "03/04/2026",
                       "service_end": "05/31/2026"}), dates="MDY"),
    Case("113", table({"invoice_date": "03/04/2026"}), "REFUSED", "is not a date like 2026-10-31"),
    Case("114", table({"invoice_date": "46115"}), "REFUSED", "number of days for 2026-04-03"),
    Case("114", workbook(invoice_date=dt.date(2026, 10, 1), amount=10)),
    Case("114", workbook(invoice_date=46115), "REFUSED", "number of days for 2026-04-03"),
    Case("115", table({}, {"invoice_id": "C1", "type": "credit", "amount": "-4",
                           "credited_invoice_id": "I1"}), minor=600),
    Case("115", table({"invoice_id": "C1", "type": "credit", "amount": "-4",
                       "credited_invoice_id": "I9"}), minor=-400, warns="credits invoice I9"),
    Case("116", table({"tax_amount": "1.60"}), "REFUSED", "'tax_mode' is empty"),
    Case("116", table({"amount": "11.90", "tax_amount": "1.90", "tax_mode": "inclusive"}),
         minor=1000),
    Case("117", table({"service_end": ""}), "REFUSED", "'service_end' is empty"),
    Case("117", table({"service_end": "2026-09-01"}), "REFUSED", "not after the service start"),
    Case("117", table({"service_end": "2027-11-05"})),
    Case("118", table({"subscription_id": "s"}, {"subscription_id": "s", "line_id": "2"}),
         warns="overlaps the one before"),
    Case("119", table({"external_customer_id": "nobody-we-know"})),
    Case("120", table({"customer_name": "=1+1"}), name="=1+1"),
    Case("120", table({"customer_name": "＝cmd|calc"}), name="＝cmd|calc"),
    Case("120", amount("=1+1"), "REFUSED", "'=1+1' is not a number"),
    Case("122", table({"customer_name": "two\nlines"}), name="two\nlines"),
    Case("122", table({}) + '"acme', "REFUSED", "not valid CSV"),
    Case("122", table({"customer_name": "x" * 200_000}), "REFUSED", "131"),
    Case("123", table({}, columns=(*COLUMNS[::-1], "more"))),
    Case("123", table({}, columns=COLUMNS[1:]), "REFUSED",
         "columns missing: external_customer_id"),
    Case("123", table({}, columns=(*COLUMNS, "amount")), "REFUSED", "stand twice: amount"),
    Case("124", table({}) + '\n,,,\n"Total","","","","10.00"\n', minor=1000),
    Case("124", table({}, {"line_id": "2"}) + '"Subtotal","","","","20"\n"Total","","","","20"\n',
         minor=2000),
    Case("125", table({}) + '"Total","","","","12.50"\n', "REFUSED", "a difference of 2.50"),
    Case("126", b"MZ\x90\x00", "REFUSED", "this is a program"),
    Case("126", b"PK\x03\x04 nothing", "REFUSED", "ZIP file that is no XLSX"),
    Case("126", archive(xl__vbaProject_bin="").replace(b"vbaProject_bin", b"vbaProject.bin"),
         "REFUSED", "contains macros"),
    Case("126", archive(**{"xl__x.xml": '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>'}),
         "REFUSED", "declares entities"),
    Case("129", table(OVER), closed=(10,), warns="1 row touches a closed month (2026-10): what "
         "they change becomes adjustments of 2026-11"),
    Case("129", table(OVER), "REFUSED", "touches a closed month (2026-10), which this import was",
         said={"refuse_closed": True}, closed=(10,)),
    Case("129", table(OVER), known=table(OVER), closed=(10,)),
    Case("129", table(OVER), said={"refuse_closed": True}, closed=(9,)),
]  # fmt: skip


def staged(content, said=None, file_name="f.csv"):
    path = keep([content if isinstance(content, bytes) else content.encode()])
    made = receive(path=path, file_name=file_name, profile="generic", reading=said or {})
    return stage(made=made, path=path)


def closed(*months):
    for month in months:
        MonthClose.objects.create(
            month=dt.date(2026, month, 1), revision=1, file_name=f"{month}", file_sha256="x",
            manifest={"currency": "USD"}, sha256=f"{month}", closed_at=NOW,
            previous_sha256=f"{month - 1}",
        )  # fmt: skip


@pytest.fixture(autouse=True)
def _uploads(settings, tmp_path):
    settings.UPLOAD_DIR = tmp_path


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.row)
def test_row(case):
    if case.known:
        apply_import(made=staged(case.known))
    closed(*case.closed)
    made = staged(case.sent, case.said)
    said = " ".join(error["message"] for error in made.errors)
    assert (made.state, made.asks) == (case.state, list(case.asks)), said
    assert case.words in said
    assert [case.warns in one["message"] for one in made.warnings] == [True] * bool(case.warns)
    assert {name: getattr(made, name) for name in case.read} == case.read
    assert case.dates in {"", made.style.get("dates")}
    if case.state != "STAGED":
        assert made.staged.count() == 0
        assert all(error["line"] >= 1 for error in made.errors)
        return
    apply_import(made=made)
    if case.minor is not None:
        assert sum(InvoiceLine.objects.values_list("amount_minor", flat=True)) == case.minor
    assert BillingCustomer.objects.get().name == case.name


def test_108_totals_are_per_currency():
    made = staged(table({}, {"invoice_id": "I2", "currency": "EUR", "amount": "3"}))
    assert look(made).totals == {"EUR": 3, "USD": 10}


def test_111_a_replaced_invoice_comes_back_with_undo():
    apply_import(made=staged(table({})))
    second = apply_import(made=staged(amount("11"), {"replace": True}))
    assert InvoiceLine.objects.get().amount_minor == 1100
    undo_import(made=second, now=NOW)
    line = InvoiceLine.objects.get()
    assert (line.amount_minor, line.invoice.external_id) == (1000, "I1")
    again = apply_import(made=staged(table({})))
    assert (again.created, again.unchanged) == (0, 1)


def test_112_invoice_numbers_stay_as_written():
    for number in ("00123", "1/2", "1e5"):
        apply_import(made=staged(table({"invoice_id": number})))
    assert sorted(Invoice.objects.values_list("external_id", flat=True)) == ["00123", "1/2", "1e5"]


def test_115_a_credit_note_is_linked():
    note = {"invoice_id": "C1", "type": "credit", "amount": "-4", "credited_invoice_id": "I1"}
    apply_import(made=staged(table({}, note)))
    assert Invoice.objects.get(external_id="C1").credits.external_id == "I1"


def test_119_an_unknown_customer_is_kept_unmatched():
    apply_import(made=staged(table({})))
    assert BillingCustomer.objects.get().customer is None


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "@SUM(A1)", "\tx", "\rx", "\0x", "＝1", "-cmd"])
def test_120_what_a_spreadsheet_would_run_is_exported_behind_an_apostrophe(text):
    assert defused(text) == f"'{text}"
    assert defused("-12.50") == "-12.50"


@pytest.mark.parametrize("size", [30_000, 5])
def test_126_a_workbook_that_unpacks_too_far_is_refused_before_it_is_read(monkeypatch, size):
    monkeypatch.setattr("billing.importers.workbook.MAX_UNPACKED", 20_000)
    made = staged(archive(xl__filler="0" * size))
    assert ("unpacks to" in str(made.errors)) is (size > 20_000)
    assert kept_file(made).stat().st_size < 20_000


def test_127_nothing_of_the_senders_name_is_used_for_the_file(tmp_path):
    made = staged(table({}), file_name="../../" + "x" * 300 + ".csv")
    assert kept_file(made).parent == tmp_path
    assert len(made.file_name) == 200
    assert made.file_name.endswith("x.csv")


def test_128_the_second_import_of_a_file_changes_nothing():
    first, second = staged(table({})), staged(table({}))
    apply_import(made=first)
    assert look(second).seen == first
    second = apply_import(made=second)
    assert (second.created, second.unchanged, InvoiceLine.objects.count()) == (0, 1, 1)


def test_129_the_preview_says_what_becomes_adjustments(client):
    """31 = 17 + 14; a credit of 3 issued in October is earned from then on: 2 of 3 days."""
    closed(9, 10)
    known = table({"amount": "9", "service_start": "2026-10-01"})
    apply_import(made=staged(known))
    made = staged(
        table(
            OVER | {"invoice_id": "I2"},
            OVER | {"invoice_id": "I2", "line_id": "2", "service_start": "2026-09-30",
                    "service_end": "2026-10-02", "amount": "0.01"},
            {"invoice_id": "C1", "type": "credit", "amount": "-3", "invoice_date": "2026-10-30",
             "service_end": "2026-11-02"},
            {"invoice_id": "I3", "service_start": "2026-11-01", "service_end": "2026-12-01"},
            {"invoice_id": "I4", "status": "void"},
            {"amount": "9"},
        )
    )  # fmt: skip
    found = look(made).closed
    assert (found.rows, found.posted, found.months) == (
        3, dt.date(2026, 11, 1), [dt.date(2026, 9, 1), dt.date(2026, 10, 1)],
    )  # fmt: skip
    # A cent over two days is earned on the first: R(1) = round(0.5) = 1.
    assert [(one.month.month, one.what, one.rows, str(one.revenue)) for one in found.totals] == [
        (9, "invoice lines", 1, "0.01"), (10, "invoice lines", 3, "15.00"),
    ]  # fmt: skip
    client.force_login(get_user_model().objects.create_superuser("boss"))
    page = client.get(f"/admin/import-billing/{made.pk}").content.decode()
    assert "3 rows touch closed months (2026-09, 2026-10)" in page
    assert "3 with adjustments of November 2026" in page
    replacing = staged(table({"amount": "12"}), {"replace": True})
    assert [str(one.revenue) for one in look(replacing).closed.totals] == ["3.00"]


def test_130_a_preview_nobody_confirms_expires_with_its_file():
    made = staged(table({}))
    path = kept_file(made)
    assert expire(now=made.created_at + dt.timedelta(days=2)) == 0
    assert path.exists()
    assert expire(now=made.created_at + dt.timedelta(days=4)) == 1
    assert not BillingImport.objects.exists()
    assert not StagedRow.objects.exists()
    assert not Invoice.objects.exists()
