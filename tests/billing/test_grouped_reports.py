"""QuickBooks' Sales by Customer Detail: customers as headings, lines beneath, totals after them."""

import pytest

from billing.importers.columns import suggest
from billing.importers.errors import Found
from billing.importers.mapped import mapped_profile
from billing.importers.opening import open_file
from billing.importers.reading import LeftOuts, table_records
from billing.importers.style import Style

HEAD = (
    ",Date,Transaction Type,Num,Product/Service,Memo/Description,Qty,Sales Price,Amount,Balance\n"
)
REPORT = (
    "Sales by Customer Detail,,,,,,,,,\nHouse of Tools Ltd,,,,,,,,,\nOctober 2026,,,,,,,,,\n\n"
    + HEAD
    + "Acme Inc.,,,,,,,,,\n"
    ',2026-10-01,Invoice,1001,Pro,October,1,"1,200.00","1,200.00","1,200.00"\n'
    ",2026-10-01,Invoice,1001,Seats,October,2,50.00,100.00,1300.00\n"
    ",2026-10-20,Credit Memo,1007,Pro,sorry,1,-30.00,-30.00,1270.00\n"
    'Total for Acme Inc.,,,,,,3,,"1,270.00",\n'
    "Birch,,,,,,,,,\n"
    "   Labs,,,,,,,,,\n"
    ",2026-10-02,Invoice,1002,Starter,,1,20.00,20.00,20.00\n"
    "   Total for Labs,,,,,,1,,20.00,\n"
    ",2026-10-03,Invoice,1003,Starter,,1,10.00,10.00,10.00\n"
    "Total for Birch with sub-customers,,,,,,2,,30.00,\n"
    'TOTAL,,,,,,5,,"1,300.00",\n'
    '\n"Saturday, Nov 28, 2026 05:00 PM GMT - Accrual Basis",,,,,,,,,\n'
)


@pytest.fixture
def opened(tmp_path):
    def do(text):
        path = tmp_path / "report.csv"
        path.write_text(text)
        return open_file(path)

    return do


def records(table):
    said = {
        "columns": suggest(table.names),
        "constants": {"currency": "USD", "type": "one_time"},
    }
    found, profile = Found(), mapped_profile("columns", said)
    kept = list(table_records(table, profile, Style(".", "YMD"), found, LeftOuts()))
    return kept, [(error.line, error.message) for error in found.first]


def test_the_heading_fills_the_customer_and_totals_are_no_lines(opened):
    table = opened(REPORT)
    assert table.names == [
        "Customer", "Date", "Transaction Type", "Num", "Product/Service", "Memo/Description",
        "Qty", "Sales Price", "Amount", "Balance", "Line no",
    ]  # fmt: skip
    assert suggest(table.names) == {
        "external_customer_id": "Customer", "invoice_id": "Num", "line_id": "Line no",
        "product": "Product/Service", "description": "Memo/Description", "amount": "Amount",
        "invoice_date": "Date",
    }  # fmt: skip
    kept, errors = records(table)
    assert errors == []
    assert [
        (line, one.customer.external_id, one.invoice_id, one.line_id, one.plan, one.amount_minor)
        for line, one in kept
    ] == [
        (7, "Acme Inc.", "1001", "1", "Pro", 120_000),
        (8, "Acme Inc.", "1001", "2", "Seats", 10_000),
        (9, "Acme Inc.", "1007", "1", "Pro", -3_000),
        (13, "Birch:Labs", "1002", "1", "Starter", 2_000),
        (15, "Birch", "1003", "1", "Starter", 1_000),
    ]


@pytest.mark.parametrize(
    ("stated", "wrong", "line"),
    [
        ('3,,"1,270.00"', '3,,"1,271.00"', 10),  # of a customer
        ('5,,"1,300.00"', '5,,"1,299.00"', 17),  # of the report
    ],
)
def test_a_total_that_differs_from_its_rows_is_an_error(opened, stated, wrong, line):
    assert stated in REPORT
    _, errors = records(opened(REPORT.replace(stated, wrong)))
    assert [(at, "a difference of" in message) for at, message in errors] == [(line, True)]


@pytest.mark.parametrize(
    "text",
    [
        "a,b,c\nx,,\n,1,2\n",  # the first column has a name
        ",b,c\nx,1,2\ny,3,4\n",  # a value in it beside others
        ",b,c\n,1,2\n",  # no heading
        "",
    ],
)
def test_other_tables_stay_as_they_are(opened, text):
    table = opened(text)
    assert "Line no" not in table.names
    told = [",".join(cells) for _, cells in table.rows]
    assert told == text.splitlines()[1:]
