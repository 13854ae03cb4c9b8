"""A report rendered in parts says what it says as a whole."""

import csv
import datetime as dt
import io
import json
from decimal import Decimal

import pytest

from billing.margin.rendering import as_csv, as_json, csv_parts, json_parts
from billing.margin.report import MarginReport, MarginRow
from tknops.calendar import Period


def report(count):
    rows = [
        MarginRow((f"clïent \u2028 {n}", "2026-10"), events=n, cost=Decimal(n) / 8, revenue=None)
        for n in range(count)
    ]
    return MarginReport(
        by=("customer", "month"),
        period=Period(dt.date(2026, 10, 1), dt.date(2026, 11, 1)),
        rows=rows,
        total=MarginRow((), events=10**20, cost=Decimal("0.1")),
        labels={},
        as_of=None,
        currency="USD",
        basis="",
        cost_basis="contracted",
    )


@pytest.mark.parametrize("count", [0, 1, 1_000, 2_001])
def test_json_in_parts_is_the_whole(count):
    made = report(count)
    parts = list(json_parts(made))
    assert json.loads(b"".join(parts)) == as_json(made)
    assert len(parts) == 2 + -(-count // 1_000)


@pytest.mark.parametrize("count", [0, 1, 1_000, 2_001])
def test_csv_in_parts_has_each_row_once_below_one_header(count):
    made = report(count)
    assert max(map(len, csv_parts(made))) < 200_000
    found = list(csv.DictReader(io.StringIO(as_csv(made), newline="")))
    assert [row["events"] for row in found] == [str(n) for n in range(count)]
