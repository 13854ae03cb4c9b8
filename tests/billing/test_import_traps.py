"""The semantic traps of billing exports, one test each; what they mean for recognition is apart."""

import datetime as dt

import pytest

from billing.importers import import_file, look, receive, stage
from billing.models import BillingCustomer, Invoice, InvoiceLine, PaymentEvent
from tknops.spreadsheets import defused

pytestmark = pytest.mark.django_db
STRIPE = (
    "id,Customer,Currency,Subtotal,Total,Tax,Exclusive Tax Amount,Inclusive Tax Amount,Amount Due,"
    "Amount Paid,Starting Balance,Status,Date (UTC),Period Start (UTC),Period End (UTC),"
    "Minimum Line Item Period Start (UTC),Maximum Line Item Period End (UTC)\n"
)
GENERIC = (
    "external_customer_id,invoice_id,line_id,amount,currency,service_start,service_end,"
    "invoice_date,type,status\n"
)
PAYMENTS = (
    "id,Created (UTC),Amount,Amount Refunded,Currency,Converted Amount,Converted Currency,Fee,"
    "Mode,Status,Captured,Customer ID,Customer Email,Refunded date (UTC),Disputed Amount,"
    "Dispute Status,Dispute Date (UTC)\n"
)
NOVEMBER = "2026-10-01,2026-11-01,2026-11-01,2026-12-01"


@pytest.fixture
def bring(tmp_path):
    def do(content, profile, **said):
        path = tmp_path / "file"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return import_file(path=path, file_name="f", profile=profile, reading=said)

    return do


@pytest.fixture
def refusal(tmp_path):
    def do(content, profile):
        path = tmp_path / "file"
        path.write_text(content)
        made = stage(made=receive(path=path, file_name="f", profile=profile), path=path)
        return " ".join(error["message"] for error in made.errors)

    return do


def minor():
    return sorted(InvoiceLine.objects.values_list("amount_minor", flat=True))


def stripe(cells, periods=NOVEMBER):
    return f"{STRIPE}{cells},2026-11-01,{periods}\n"


def test_trap_1_units_are_those_of_the_profile_and_the_currency(bring):
    bring(stripe("in_1,cus_1,jpy,500,500,0,,,500,500,0,paid"), "stripe-invoices")
    bring(stripe("in_2,cus_1,kwd,5.120,5.120,0,,,5.120,5.120,0,paid"), "stripe-invoices")
    lago = "lago_id,customer_external_id,issuing_date,currency,fees_amount_cents,"
    lago += "coupons_amount_cents,status\nl1,c,2026-11-01,USD,4900,0,finalized\n"
    bring(lago, "lago-invoices")
    assert minor() == [500, 4900, 5120]


@pytest.mark.parametrize(
    "cells",
    [
        "in_1,cus_1,usd,100,119,19,,,119,119,0,paid",
        "in_1,cus_1,usd,100,119,,19,0,119,119,0,paid",
        "in_1,cus_1,usd,119,119,,0,19,119,119,0,paid",
    ],
)
def test_trap_2_revenue_is_net_of_exclusive_and_inclusive_tax(bring, cells):
    bring(stripe(cells), "stripe-invoices")
    assert minor() == [10000]


def test_trap_3_amount_due_and_paid_are_cash_not_revenue(bring):
    bring(stripe("in_1,cus_1,usd,100,100,0,,,40,40,-60,paid"), "stripe-invoices")
    assert minor() == [10000]


def test_trap_4_each_status_is_kept_for_revenue_to_judge(bring):
    states = ("draft", "open", "paid", "void", "uncollectible")
    rows = [f"in_{s},c,usd,1,1,0,,,1,1,0,{s},2026-11-01,{NOVEMBER}\n" for s in states]
    bring(STRIPE + "".join(rows), "stripe-invoices")
    found = Invoice.objects.values_list("external_id", "status")
    assert {key.removeprefix("in_"): status.lower() for key, status in found} == {
        state: state for state in states
    }


def test_trap_5_a_refund_without_a_date_is_refused_and_says_what_to_export(refusal):
    row = "ch_1,2026-10-01,10,4,usd,,,,Live,Paid,true,cus_1,,,,,\n"
    said = refusal(PAYMENTS + row, "stripe-payments")
    assert "a refund of 400 USD (minor units) has no day" in said
    assert "'Refunded date (UTC)'" in said


def test_trap_6_a_renewal_covers_its_line_items_not_the_period_before(bring):
    bring(stripe("in_1,cus_1,usd,1200,1200,0,,,1200,1200,0,paid",
                 "2025-11-01,2026-11-01,2026-11-01,2027-11-01"), "stripe-invoices")  # fmt: skip
    line = InvoiceLine.objects.get()
    assert (line.service_start, line.service_end) == (dt.date(2026, 11, 1), dt.date(2027, 11, 1))


def test_trap_7_proration_keeps_both_lines_with_their_periods_and_signs(bring):
    rows = (
        "acme,I1,1,-20,USD,2026-10-16,2026-11-01,2026-10-16,recurring,paid\n"
        "acme,I1,2,50,USD,2026-10-16,2026-11-16,2026-10-16,recurring,paid\n"
    )
    bring(GENERIC + rows, "generic")
    assert minor() == [-2000, 5000]
    assert InvoiceLine.objects.values("service_end").distinct().count() == 2


def test_trap_8_a_total_over_several_products_names_no_plan(bring):
    bring(stripe("in_1,cus_1,usd,100,100,0,,,100,100,0,paid"), "stripe-invoices")
    assert InvoiceLine.objects.get().plan is None


def test_trap_9_usage_lines_keep_their_period_in_the_past(bring):
    row = "acme,I1,1,7,USD,2026-09-01,2026-10-01,2026-10-03,usage,open\n"
    bring(GENERIC + row, "generic")
    line = InvoiceLine.objects.get()
    assert (line.kind, line.service_end < line.invoice.invoice_date) == ("USAGE", True)


def test_trap_10_converted_amounts_and_fees_of_another_currency_are_not_mixed_in(bring):
    row = "ch_1,2026-10-01,10,4,eur,11.80,usd,0.60,Live,Paid,true,c,,2026-10-09,,,\n"
    bring(PAYMENTS + row, "stripe-payments")
    found = PaymentEvent.objects.order_by("kind").values_list(
        "currency", "amount_minor", "fee_minor"
    )
    assert list(found) == [("EUR", 1000, None), ("EUR", 400, None)]


def test_trap_11_overlapping_exports_bring_each_row_once(bring):
    rows = [f"in_{n},c,usd,1,1,0,,,1,1,0,paid,2026-11-01,{NOVEMBER}\n" for n in range(4)]
    bring(STRIPE + "".join(rows[:3]), "stripe-invoices")
    made = bring(STRIPE + "".join(rows[2:]), "stripe-invoices")
    assert (made.created, made.unchanged, len(minor())) == (1, 1, 4)


def test_trap_12_test_rows_are_left_out_and_revenue_of_0_keeps_its_customer(bring):
    bring(stripe("in_1,cus_free,usd,0,0,0,,,0,0,0,paid"), "stripe-invoices")
    row = "ch_1,2026-10-01,10,0,usd,,,,Test,Paid,true,cus_test,,,,,\n"
    made = bring(PAYMENTS + row, "stripe-payments")
    assert [one["reason"] for one in made.left_out] == ["test mode"]
    assert list(BillingCustomer.objects.values_list("external_id", flat=True)) == ["cus_free"]


def test_trap_13_guests_are_known_by_mail_and_one_customer_may_have_several_ids(bring):
    rows = (
        "ch_1,2026-10-01,10,0,usd,,,,Live,Paid,true,,a@x.example,,,,\n"
        "ch_2,2026-10-01,10,0,usd,,,,Live,Paid,true,cus_1,a@x.example,,,,\n"
        "ch_3,2026-10-01,10,0,usd,,,,Live,Paid,true,,,,,,\n"
    )
    bring(PAYMENTS + rows, "stripe-payments")
    found = BillingCustomer.objects.order_by("external_id").values_list("external_id", "email")
    assert list(found) == [
        ("(guest)", ""),
        ("a@x.example", "a@x.example"),
        ("cus_1", "a@x.example"),
    ]


@pytest.mark.parametrize(
    ("status", "kinds"),
    [
        ("lost", ["DISPUTE", "PAYMENT"]),
        ("needs_response", ["DISPUTE", "PAYMENT"]),
        ("won", ["DISPUTE", "DISPUTE_WON", "PAYMENT"]),
        ("warning_closed", ["PAYMENT"]),
    ],
)
def test_trap_14_a_dispute_takes_the_money_at_its_date(bring, status, kinds):
    row = f"ch_1,2026-10-01,10,0,usd,,,,Live,Paid,true,c,,,10,{status},2026-11-05\n"
    bring(PAYMENTS + row, "stripe-payments")
    assert sorted(PaymentEvent.objects.values_list("kind", flat=True)) == kinds
    days = PaymentEvent.objects.exclude(kind="PAYMENT").values_list("occurred_on", flat=True)
    assert {str(day) for day in days} <= {"2026-11-05"}


def test_trap_15_dialect_of_the_file(bring):
    content = (
        "\ufeffexternal_customer_id;customer_name;invoice_id;amount;currency;invoice_date;type\r\n"
        "acme;=cmd|x;'00123;'1.234,50;EUR;2026-10-01;one_time\r\n"
    )
    bring(content.encode(), "generic")
    assert minor() == [123450]
    assert defused(BillingCustomer.objects.get().name) == "'=cmd|x"


def test_trap_16_one_time_lines_need_no_period_or_have_the_term_they_state(bring):
    rows = (
        "acme,I1,1,500,USD,,,2026-10-05,one_time,paid\n"
        "acme,I1,2,900,USD,2026-10-05,2029-10-05,2026-10-05,one_time,paid\n"
    )
    bring(GENERIC + rows, "generic")
    days = [
        (line.service_end - line.service_start).days
        for line in InvoiceLine.objects.order_by("line_id")
    ]
    assert days == [1, 1096]


@pytest.mark.parametrize(
    ("head", "profile"),
    [
        ("id,Description,Email,Name,Created (UTC),Delinquent", "stripe-customers"),
        ("id,Customer,Currency,Total,Status,Tax", "stripe-invoices"),
        (GENERIC.strip(), "generic"),
        ("Kunde,Betrag", "columns"),
        ('[{"object": "invoice"}]', "stripe-invoice-lines"),
    ],
)
def test_auto_finds_out_what_a_file_is(tmp_path, head, profile):
    path = tmp_path / "file"
    path.write_text(head + "\n")
    assert receive(path=path, file_name="f", profile="auto").profile == profile


def test_what_is_left_out_is_shown_with_its_money(tmp_path):
    path = tmp_path / "file"
    path.write_text(PAYMENTS + "ch_1,2026-10-01,10,0,usd,,,,Test,Paid,true,c,,,,,\n")
    made = stage(made=receive(path=path, file_name="f", profile="auto"), path=path)
    assert (made.profile, look(made).left_out[0].money) == ("stripe-payments", 10)
