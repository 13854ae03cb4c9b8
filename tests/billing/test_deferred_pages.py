"""The deferred revenue pages: months that tie, accounts, open lines, what lacks a record."""

import csv
import io

import openpyxl
import pytest

from billing.models import BillingCustomer, InvoiceSplit, PaymentEvent, RecognitionPolicy
from customers.models import Customer
from usage.models import Revision

pytestmark = pytest.mark.django_db
HEAD = (
    "external_customer_id,customer_name,invoice_id,plan_code,amount,currency,service_start,"
    "service_end,invoice_date,type,status\n"
)
ROWS = (
    "acme,Acme,A1,pro,365,USD,2026-01-01,2027-01-01,2026-01-01,recurring,paid",
    "birch,Birch,B1,pro,31,USD,2026-03-01,2026-04-01,2026-03-01,recurring,uncollectible",
    "birch,Birch,B2,pro,31,USD,2026-03-01,2026-04-01,2026-04-02,usage,paid",
    "sora,Sora,S1,pro,3100,JPY,2026-03-01,2026-05-01,2026-03-01,recurring,paid",
)
MARCH = "/admin/deferred?month=2026-03"


@pytest.fixture
def books(import_bytes):
    import_bytes((HEAD + "\n".join(ROWS)).encode())
    acme = BillingCustomer.objects.get(external_id="acme")
    acme.customer = Customer.objects.create(external_id="acme", name="Acme Inc.")
    acme.save()
    PaymentEvent.objects.create(
        external_id="re_1", billing_customer=acme, kind="REFUND", invoice_reference="A1",
        occurred_on="2026-03-09", currency="USD", amount_minor=900,
    )  # fmt: skip
    return {one.external_id: one.pk for one in BillingCustomer.objects.all()}


def cells(table, *keys):
    return [tuple(row.cells[key] for key in keys) for row in table.rows]


def test_a_currency_month_by_month_and_the_accounts_of_one(
    books, admin_client, django_assert_max_num_queries
):
    with django_assert_max_num_queries(75):
        context = admin_client.get(MARCH).context
    march, february = cells(
        context["table"], "month", "opening", "invoiced", "recognised", "bad_debt", "closing",
        "unbilled", "contra", "revenue",
    )[:2]  # fmt: skip
    # Of Acme's 365 days 59 are over before March, 90 at its end; Birch used 31 and is billed later.
    assert march == ("March 2026", 306, 31, 62, 31, 244, 31, -9, 53)
    assert february == ("February 2026", 334, 0, 28, 0, 306, 0, 0, 28)
    contra, bad_debt, accounts = context["more"]
    assert cells(accounts, "account", "closing", "deferred") == [
        ("Acme Inc.", 275, 275), ("Birch", -31, 0)
    ]  # fmt: skip
    assert accounts.total.cells["closing"] == 244
    assert cells(contra, "day", "what", "invoice", "revenue") == [
        ("2026-03-09", "refund re_1", "A1", -9)
    ]
    assert cells(bad_debt, "invoice", "account", "net") == [("B1", "Birch", 31)]


def test_another_currency_is_shown_in_its_own_unit(books, admin_client):
    page = admin_client.get(f"{MARCH}&currency=JPY")
    [row] = page.context["more"][-1].rows
    assert (row.cells["account"], row.cells["recognised"], row.cells["closing"]) == (
        "Sora", 1575, 1525
    )  # fmt: skip
    assert "¥1,575" in page.content.decode()
    assert "¥1,575.00" not in page.content.decode()


def test_an_account_leads_to_its_open_lines(books, admin_client):
    context = admin_client.get(f"{MARCH}&account={books['acme']}").context
    assert cells(context["table"], "closing")[:2] == [(275,), (306,)]
    [lines] = context["more"]
    assert cells(lines, "invoice", "service", "net", "left") == [
        ("A1", "2026-01-01 – 2027-01-01", 365, 275)
    ]
    assert [chip.value for chip in context["chips"]] == ["Acme"]
    for wrong in ("0", "x", "9" * 30, "²"):
        assert admin_client.get(f"{MARCH}&account={wrong}").status_code == 404


def test_the_tables_are_files_with_every_figure(books, admin_client):
    text = admin_client.get(f"{MARCH}&format=csv&table=months").content.decode()
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0][:6] == [
        "Month", "Opening", "Invoiced", "Recognised", "Bad debt", "Closing"
    ]  # fmt: skip
    assert rows[1][:6] == ["March 2026", "306", "31", "62", "31", "244"]
    file = admin_client.get(f"{MARCH}&currency=JPY&format=xlsx&table=accounts").content
    book = openpyxl.load_workbook(io.BytesIO(file))
    cell = book.worksheets[0]["D2"]
    assert (cell.value, cell.number_format) == (1575, "#,##0;-#,##0")
    assert ["Currency", "JPY"] in [[c.value for c in row] for row in book["About"].iter_rows()]


def test_many_accounts_are_cut_on_the_page_and_whole_in_the_file(books, admin_client, monkeypatch):
    monkeypatch.setattr("billing.pages.deferred._SHOWN", 1)
    accounts = admin_client.get(MARCH).context["more"][-1]
    assert cells(accounts, "account") == [("Acme Inc.",)]
    assert accounts.note == "The largest 1 of 2; the file holds all."
    text = admin_client.get(f"{MARCH}&format=csv&table=accounts").content.decode()
    assert [row[0] for row in csv.reader(io.StringIO(text))] == [
        "Account", "Acme Inc.", "Birch", "Total"
    ]  # fmt: skip


def test_an_empty_page_says_what_is_missing(admin_client):
    page = admin_client.get(MARCH)
    assert page.context["empty"]
    assert page.context["missing"]


def test_a_change_of_a_setting_is_in_the_next_answer(books, admin_client):
    def recognised():
        return admin_client.get(MARCH).context["table"].rows[0].cells["recognised"]

    assert recognised() == 62
    before = set(Revision.objects.values_list("pk", flat=True))
    InvoiceSplit.objects.create(reason="test")
    RecognitionPolicy.objects.create(
        plan_id=BillingCustomer.objects.get(pk=books["acme"]).invoices.get().lines.get().plan_id,
        prepaid="KEPT", unit_price=1, currency="USD", reason="test",
    )  # fmt: skip
    assert recognised() == 31  # what buys credits waits for usage; Birch's usage is billed as such
    noticed = Revision.objects.exclude(pk__in=before).values_list("table_name", flat=True)
    assert {"billing_invoicesplit", "billing_recognitionpolicy"} <= set(noticed)


def test_a_policy_is_refused_in_a_sentence(books, admin_client):
    plan = BillingCustomer.objects.get(pk=books["acme"]).invoices.get().lines.get().plan_id
    fields = {
        "plan": plan, "prepaid": "AT_EXPIRY", "accrual": "OFF", "measure": "EVENTS",
        "unit_price": "1", "currency": "USD", "reason": "as agreed",
    }  # fmt: skip
    url = "/admin/billing/recognitionpolicy/add/"
    page = admin_client.post(url, fields)
    assert "Breakage at expiry needs the months until credits expire." in page.content.decode()
    assert admin_client.post(url, {**fields, "expiry_months": "12"}).status_code == 302
    assert RecognitionPolicy.objects.get().expiry_months == 12


def test_the_customer_page_says_what_each_figure_rests_on(books, admin_client):
    page = admin_client.get("/admin/customer/acme?month=2026-03")
    table = page.context["table"]
    assert table.rows[0].cells["measure"] == "Revenue, invoiced"
    assert table.rows[0].cells["2026-03"] == 22
    assert page.context["figures"].basis == "invoiced"
