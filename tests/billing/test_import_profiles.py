"""Stripe's payments, balance and API objects, and Lago's exports: each read as it means."""

import datetime as dt
import json

import pytest
from django.db import IntegrityError

from billing.importers import (
    ImportRefusedError,
    apply_import,
    import_file,
    look,
    receive,
    stage,
    undo_import,
)
from billing.models import (
    BillingCustomer,
    BillingImport,
    BillingMapping,
    BillingPull,
    Invoice,
    InvoiceLine,
    PaymentEvent,
    Subscription,
)
from usage.revisions import Revisions

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
PAYMENTS = (
    "id,Created date (UTC),Amount,Amount Refunded,Currency,Fee,Converted Currency,Mode,Status,"
    "Customer ID,Customer Email,Captured,Disputed Amount,Dispute Status,Dispute Date (UTC),"
    "Invoice ID,Refunded date (UTC)\n"
)
PAID = "ch_1,2026-10-02 10:00,119.00,{refunded},usd,3.75,usd,Live,Paid,cus_1,a@x.example,true,"
BALANCE = (
    "balance_transaction_id,created_utc,currency,gross,fee,reporting_category,source_id,charge_id,"
    "customer_id,invoice_id,customer_facing_amount,customer_facing_currency\n"
)


@pytest.fixture
def file(tmp_path):
    def write(content):
        path = tmp_path / "file"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return write


@pytest.fixture
def load(db, file):
    def do(content, profile, **said):
        return import_file(path=file(content), file_name="f", profile=profile, reading=said)

    return do


@pytest.fixture
def put(db, file):
    def do(content, profile):
        path = file(content)
        return stage(made=receive(path=path, file_name="f", profile=profile), path=path)

    return do


def events():
    fields = ("external_id", "kind", "amount_minor", "occurred_on")
    return [
        (key, kind, amount, str(day))
        for key, kind, amount, day in PaymentEvent.objects.order_by(
            "occurred_on", "external_id"
        ).values_list(*fields)
    ]


def payments(refunded="0.00", rest=",,,in_1,"):
    return PAYMENTS + PAID.format(refunded=refunded) + rest + "\n"


def test_a_payment_its_refund_and_dispute_are_dated_records(load):
    load(payments("19.00", "100.00,lost,2026-11-20 08:00,in_1,2026-11-03 09:00"), "stripe-payments")
    assert events() == [
        ("ch_1:payment", "PAYMENT", 11900, "2026-10-02"),
        ("ch_1:refund:1900", "REFUND", 1900, "2026-11-03"),
        ("ch_1:dispute:10000", "DISPUTE", 10000, "2026-11-20"),
    ]
    paid = PaymentEvent.objects.get(kind="PAYMENT")
    assert (paid.invoice_reference, paid.fee_minor) == ("in_1", 375)
    assert paid.billing_customer.external_id == "cus_1"


def test_a_later_export_adds_only_what_was_refunded_since(load):
    load(payments("19.00", ",,,in_1,2026-11-03"), "stripe-payments")
    later = load(payments("50.00", ",,,in_1,2026-12-05"), "stripe-payments")
    assert [row[2] for row in events() if row[1] == "REFUND"] == [1900, 3100]
    again = load(payments("50.00", ",,,in_1,2026-12-05"), "stripe-payments")
    assert (again.created, again.unchanged) == (0, 2)
    undo_import(made=later, now=NOW)
    assert [row[2] for row in events() if row[1] == "REFUND"] == [1900]
    with pytest.raises(ImportRefusedError, match="an older export"):
        load(payments("5.00", ",,,in_1,2026-11-01"), "stripe-payments")


def test_a_preview_of_refunds_that_came_otherwise_meanwhile_is_refused(put):
    first, second = (put(payments("19.00", ",,,in_1,2026-11-03"), "stripe-payments") for _ in "ab")
    apply_import(made=first)
    with pytest.raises(ImportRefusedError, match="changed in the books since the preview"):
        apply_import(made=second)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (payments().replace("Live", "Test"), "test mode"),
        (payments().replace("Paid", "Failed"), "not paid: failed"),
        (payments().replace(",true,", ",false,"), "not paid: paid"),
    ],
)
def test_what_was_never_paid_is_left_out_and_counted(put, row, reason):
    made = put(row, "stripe-payments")
    [one] = look(made).left_out
    assert (one.reason, one.rows, one.money, made.rows) == (reason, 1, 119, 0)


def test_balance_report_brings_refunds_and_disputes_and_charges_only_as_cash(load, put):
    rows = (
        "txn_1,2026-10-02 10:00,usd,119.00,3.75,charge,ch_1,ch_1,cus_1,in_1,,\n"
        "txn_2,2026-11-03 10:00,usd,-19.00,0,refund,re_1,ch_1,cus_1,in_1,,\n"
        "txn_3,2026-11-20 10:00,usd,-50.00,15.00,dispute,du_1,ch_1,cus_1,in_1,-46.00,eur\n"
        "txn_4,2026-12-20 10:00,usd,50.00,-15.00,dispute_reversal,du_1,ch_1,cus_1,in_1,,\n"
        "txn_5,2026-12-21 10:00,usd,-900.00,0,payout,po_1,,,,,\n"
    )
    found = look(put(BALANCE + rows, "stripe-balance"))
    assert [(one.reason, one.money) for one in found.left_out] == [
        ("charge: cash, to tie out", 119),
        ("payout", -900),
    ]
    load(BALANCE + rows, "stripe-balance")
    assert events() == [
        ("ch_1:refund:re_1", "REFUND", 1900, "2026-11-03"),
        ("ch_1:dispute:du_1", "DISPUTE", 4600, "2026-11-20"),
        ("ch_1:dispute_won:du_1", "DISPUTE_WON", 5000, "2026-12-20"),
    ]
    dispute = PaymentEvent.objects.get(kind="DISPUTE")
    assert (dispute.currency, dispute.fee_minor) == ("EUR", None)
    assert load(BALANCE + rows, "stripe-balance").created == 0


def test_the_same_refund_in_both_reports_counts_once(load):
    row = "txn_2,2026-11-03 10:00,usd,{gross},0,refund,re_1,ch_1,cus_1,in_1,,\n"
    load(payments("19.00", ",,,in_1,2026-11-03"), "stripe-payments")
    assert load(BALANCE + row.format(gross="-19.00"), "stripe-balance").created == 0
    with pytest.raises(ImportRefusedError, match="import one of the two"):
        load(BALANCE + row.format(gross="-20.00"), "stripe-balance")
    assert [one[2] for one in events() if one[1] == "REFUND"] == [1900]


def test_a_refund_above_0_in_the_balance_is_refused(put):
    row = "txn_2,2026-11-03,usd,19.00,0,refund,re_1,ch_1,cus_1,in_1,,\n"
    assert "a refund is below 0" in str(put(BALANCE + row, "stripe-balance").errors)


OCTOBER, NOVEMBER = 1790812800, 1793491200  # 2026-10-01 and 2026-11-01, UTC


def line(number=1, amount=10000, **fields):
    return {
        "object": "line_item", "id": f"il_{number}", "amount": amount, "currency": "usd",
        "invoice": "in_1", "period": {"start": OCTOBER, "end": NOVEMBER},
        "parent": {"subscription_item_details": {"subscription": "sub_1", "proration": False}},
        "discount_amounts": [], "taxes": [],
    } | fields  # fmt: skip


def invoice(*lines, **fields):
    return {
        "object": "invoice", "id": "in_1", "number": "A-1", "customer": "cus_1",
        "customer_name": "Acme", "currency": "usd", "status": "paid", "created": OCTOBER,
        "lines": {"has_more": False, "data": list(lines)},
    } | fields  # fmt: skip


OBJECTS = "stripe-invoice-lines"


@pytest.mark.parametrize("wrap", ["list", "object", "lines"])
def test_invoices_with_lines_come_as_list_list_object_or_lines(load, wrap):
    one = invoice(line(discount_amounts=[{"amount": 1000}],
                       taxes=[{"amount": 1500, "tax_behavior": "inclusive"},
                              {"amount": 700, "tax_behavior": "exclusive"}]))  # fmt: skip
    content = {"list": [one], "object": {"object": "list", "has_more": False, "data": [one]}}
    load(content.get(wrap, json.dumps(one) + "\n\n"), OBJECTS)
    found = InvoiceLine.objects.get()
    assert (found.amount_minor, found.kind, found.subscription_reference) == (
        7500, "RECURRING", "sub_1",
    )  # fmt: skip
    assert (str(found.service_start), str(found.service_end)) == ("2026-10-01", "2026-11-01")
    assert (found.invoice.status, found.invoice.number) == ("PAID", "A-1")


@pytest.mark.parametrize(
    ("currency", "amount", "minor"),
    [("usd", 1234, 1234), ("jpy", 500, 500), ("kwd", 5120, 5120), ("kwd", 5124, None),
     ("ugx", 50000, 500), ("ugx", 50050, None), ("usd", 12.5, None), ("usd", True, None)],
)  # fmt: skip
def test_amounts_are_integer_minor_units_as_stripe_has_them(put, currency, amount, minor):
    made = put([invoice(line(amount=amount, currency=currency))], OBJECTS)
    if minor is None:
        assert [error["code"] for error in made.errors] == ["minor_units"]
    else:
        assert made.staged.get().amount_minor == minor


def test_lines_alone_take_the_place_of_the_total_that_came_before(load):
    head = (
        "id,Customer,Currency,Total,Tax,Status,Date (UTC)\nin_1,cus_1,usd,110,10,open,2026-10-01\n"
    )
    load(head, "stripe-invoices")
    lines = [line(1, 6000), line(2, 4000)]
    load({"object": "list", "data": lines}, OBJECTS)
    assert sorted(InvoiceLine.objects.values_list("line_id", "amount_minor")) == [
        ("il_1", 6000),
        ("il_2", 4000),
    ]
    paid = head.replace("open", "paid")
    assert load(paid, "stripe-invoices").created == 1  # the status
    assert load(lines, OBJECTS).created == 0
    assert Invoice.objects.get().status == "PAID"
    with pytest.raises(ImportRefusedError, match="there already with other content"):
        load([line(1, 10000)], OBJECTS)
    assert Invoice.objects.get().lines.count() == 2


def test_undoing_details_brings_the_total_back(load):
    head = "id,Customer,Currency,Total,Status,Date (UTC)\nin_1,cus_1,usd,100,paid,2026-10-01\n"
    load(head, "stripe-invoices")
    made = load([line(1, 6000), line(2, 4500)], OBJECTS)
    assert "500 minor units below its lines" in str(made.warnings)
    assert sum(InvoiceLine.objects.values_list("amount_minor", flat=True)) == 10000
    undo_import(made=made, now=NOW)
    found = InvoiceLine.objects.get()
    assert (found.line_id, found.amount_minor) == ("1", 10000)
    assert load(head, "stripe-invoices").created == 0


@pytest.mark.parametrize(
    ("objects", "words"),
    [
        ([line(1, 6000)], "invoice in_1 is not here yet: import the invoices first"),
        ([invoice()], "comes without its lines"),
        ([invoice(line()) | {"lines": {"data": [line()], "has_more": True}}], "has more lines"),
        ([{"object": "payout"}], "is none of invoice, line_item"),
        ([invoice(line(period="x"))], "not shaped as"),
        ([invoice(line(period={"start": 10**20, "end": 1}))], "not an instant"),
        ('{"data": 3}', "not a list of JSON objects"),
        ("[1]", "not a JSON object"),
        ("[{]", "not a list of JSON objects"),
    ],
)  # fmt: skip
def test_objects_that_cannot_be_used_say_why(put, objects, words):
    made = put(objects, OBJECTS)
    assert made.state == "REFUSED"
    assert words in str(made.errors)


def test_an_invoice_with_lines_missing_is_not_detailed(load):
    head = "id,Customer,Currency,Total,Status,Date (UTC)\nin_1,cus_1,usd,100,paid,2026-10-01\n"
    load(head, "stripe-invoices")
    with pytest.raises(ImportRefusedError, match="lines are missing"):
        load([line(1, 6000)], OBJECTS)


def test_a_subscription_is_the_sum_of_its_items(load):
    price = {"unit_amount": 2500, "currency": "usd", "nickname": "Pro",
             "recurring": {"interval": "month", "usage_type": "licensed"}}  # fmt: skip
    items = [{"price": price, "quantity": 3, "current_period_end": NOVEMBER}]
    found = {"object": "subscription", "id": "sub_1", "customer": {"id": "cus_1", "name": "Acme"},
             "status": "active", "start_date": OCTOBER, "items": {"data": items}}  # fmt: skip
    load([found], OBJECTS)
    made = Subscription.objects.get()
    assert (made.price, made.quantity, made.plan.code, made.interval) == (75, 3, "Pro", "MONTH")
    assert str(made.renews_date) == "2026-11-01"
    price["recurring"]["interval"] = "week"
    load([found], OBJECTS)
    assert Subscription.objects.get().interval == "WEEK"


LAGO_INVOICES = (
    "lago_id,issuing_date,customer_external_id,customer_name,invoice_number,invoice_type,"
    "payment_status,status,currency,fees_amount_cents,coupons_amount_cents,payment_dispute_lost_at\n"
)
LAGO_FEES = (
    "invoice_lago_id,invoice_number,invoice_issuing_date,fee_lago_id,fee_item_type,"
    "subscription_external_id,subscription_plan_code,fee_from_date,fee_to_date,fee_amount_currency,"
    "fee_taxes_amount_cents,fee_total_amount_cents\n"
)


def test_lago_fees_take_the_place_of_the_invoice_and_its_coupon_stays_a_line(load):
    head = LAGO_INVOICES + (
        "l1,2026-11-01,acme,Acme,ACM-1,subscription,succeeded,finalized,EUR,10000,1000,\n"
        "l2,2026-11-01,acme,Acme,ACM-2,credit,succeeded,finalized,EUR,50000,0,\n"
    )
    made = load(head, "lago-invoices")
    assert [one["amount_minor"] for one in made.left_out] == [50000]
    fees = LAGO_FEES + (
        "l1,ACM-1,2026-11-01,f1,subscription,s1,pro,2026-11-01,2026-11-30,EUR,1600,9600\n"
        "l1,ACM-1,2026-11-01,f2,charge,s1,pro,2026-10-01,2026-10-31,EUR,400,2400\n"
        "l2,ACM-2,2026-11-01,f3,credit,,,,,EUR,0,50000\n"
    )
    load(fees, "lago-fees")
    rows = InvoiceLine.objects.order_by("line_id").values_list(
        "line_id", "kind", "amount_minor", "service_start", "service_end"
    )
    day = dt.date
    assert list(rows) == [
        ("f1", "RECURRING", 8000, day(2026, 11, 1), day(2026, 12, 1)),
        ("f2", "USAGE", 2000, day(2026, 10, 1), day(2026, 11, 1)),
        ("taken-off", "RECURRING", -1000, day(2026, 10, 1), day(2026, 12, 1)),
    ]
    assert load(fees, "lago-fees").created == 0
    assert load(head, "lago-invoices").created == 0


def test_lago_credit_note_is_net_of_tax_and_finds_its_invoice_by_number(load):
    load(LAGO_INVOICES + "l1,2026-10-01,acme,A,ACM-1,,pending,finalized,EUR,9000,0,2026-12-02\n",
         "lago-invoices")  # fmt: skip
    note = (
        "lago_id,issuing_date,customer_external_id,number,invoice_number,credit_status,currency,"
        "total_amount_cents,taxes_amount_cents,sub_total_excluding_taxes_amount_cents\n"
        "c1,2026-10-20,acme,CN-1,ACM-1,available,EUR,5950,950,5000\n"
    )
    load(note, "lago-credit-notes")
    found = Invoice.objects.get(external_id="c1")
    assert (found.credits.external_id, found.lines.get().amount_minor) == ("l1", -5000)
    assert events() == [("l1:dispute:lost", "DISPUTE", 9000, "2026-12-02")]


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"external_id": ""}, "billing_paymentevent_has_id"),
        ({"kind": "GIFT"}, "billing_paymentevent_kind_known"),
        ({"amount_minor": 0}, "billing_paymentevent_amount_above_0"),
        ({"currency": "us$"}, "billing_paymentevent_currency_is_code"),
    ],
)
def test_the_database_refuses_a_payment_that_is_none(fields, constraint):
    customer = BillingCustomer.objects.create(external_id="c")
    good = {"external_id": "x", "kind": "REFUND", "occurred_on": NOW.date(), "currency": "USD",
            "amount_minor": 1, "billing_customer": customer}  # fmt: skip
    with pytest.raises(IntegrityError, match=constraint):
        PaymentEvent.objects.create(**good | fields)


@pytest.mark.parametrize(
    ("model", "fields", "constraint"),
    [
        (BillingMapping, {"name": ""}, "billing_mapping_has_name"),
        (BillingMapping, {"name": "a", "decimal": ";"}, "billing_mapping_decimal_known"),
        (BillingMapping, {"name": "a", "dates": "YDM"}, "billing_mapping_dates_known"),
        (BillingPull, {"until": NOW, "state": "LOST"}, "billing_pull_state_known"),
        (BillingPull, {"until": NOW, "since": NOW}, "billing_pull_until_after_since"),
        (BillingImport, {"state": "LOST"}, "billing_import_state_known"),
    ],
)
def test_the_database_refuses_what_cannot_be_of_imports(model, fields, constraint):
    with pytest.raises(IntegrityError, match=constraint):
        model.objects.create(**fields)


def test_reports_notice_a_payment_that_changes(load):
    before = Revisions.read().of("billing_paymentevent")
    load(payments(), "stripe-payments")
    assert Revisions.read().of("billing_paymentevent") != before
