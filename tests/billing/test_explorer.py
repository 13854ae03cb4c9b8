"""The explorer through its address: cells sum to totals, changes are right, files are the page."""

import csv
import datetime as dt
import html
import io
from decimal import Decimal
from urllib.parse import parse_qs, urlencode, urlsplit

import openpyxl
import pytest
from django.contrib.auth import get_user_model
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.explorer import parse
from billing.explorer.figures import OFFERED, Figures
from billing.explorer.grid import explore
from billing.explorer.table import table as lay_out
from billing.margin import margin
from billing.margin.rendering import as_text
from billing.measures import DIMENSIONS
from billing.reports.files import as_xlsx
from billing.reports.table import Column, Row, Table
from customers.models import Customer, CustomerAttribute
from tknops.calendar import Period
from tknops.money import divide
from usage.cube import fold
from usage.models import Feature

pytestmark = pytest.mark.django_db
HEAD = (
    "external_customer_id,invoice_id,plan_code,amount,currency,invoice_date,service_start,"
    "service_end\n"
)
WHO = [f"c{n:02}" for n in range(14)]
ADDING = ("cost", "revenue", "events", "input_tokens", "unpriced_events", "stated_cost")
NAMES = [*DIMENSIONS, "tag.release", "customer.tier"]
BOUNDS = {"from": "2026-09", "to": "2026-10"}
AUTUMN = Period(dt.date(2026, 9, 1), dt.date(2026, 11, 1))


@pytest.fixture
def company(send, event, prices, import_bytes):
    """Fourteen customers on two plans, two months, a stranger, a model without a price."""
    for n, key in enumerate(WHO):
        customer = Customer.objects.create(external_id=key, name=f"Customer {n}")
        CustomerAttribute.objects.create(
            customer=customer, name="tier", value="=gold" if n % 2 else "silver"
        )
    Feature.objects.create(external_id="chat", name="Chat")
    import_bytes(
        (
            HEAD
            + "".join(
                f"{key},I-{key}-{month},{'team' if n % 3 else 'solo'},{n * 10 + 1}.01,USD,"
                f"2026-{month}-01,2026-{month}-01,{end}\n"
                for n, key in enumerate(WHO)
                for month, end in (("09", "2026-10-01"), ("10", "2026-11-01"))
            )
        ).encode()
    )
    events = [
        event(
            id=f"{key}-{day}",
            time=f"2026-{day}T10:00:00Z",
            customer=key,
            user=f"u{n % 5}",
            feature="chat" if n % 4 else "unheard-of",
            tags={"release": str(n % 3)} if n else {},
            usage={"input_tokens": (n + 1) * 777_777, "output_tokens": 333 * (n + len(day))},
        )
        for n, key in enumerate(WHO)
        for day in ("09-03", "09-29", "10-05", "10-31")
    ]
    events += [
        event(id="stranger", customer="who", time="2026-10-07T10:00:00Z"),
        event(id="unpriced", customer="c01", provider="self-hosted", model="inhouse"),
    ]
    assert send(events).status_code == 200
    fold()


@pytest.fixture
def boss(client):
    client.force_login(get_user_model().objects.create_superuser("boss"))
    return client


def ask(client, **query):
    return client.get(f"/admin/explorer?{urlencode(BOUNDS | query, doseq=True)}")


def file_rows(client, **query):
    """Header, rows and total of the CSV, and what stands above them."""
    answer = ask(client, format="csv", **query)
    assert answer.status_code == 200, answer.content[:500]
    lines = list(csv.reader(io.StringIO(answer.content.decode())))
    at = lines.index([])
    return lines[at + 1], lines[at + 2 :], dict(lines[:at])


def number(text):
    return Decimal(text) if text else None


def summed(texts):
    return sum((Decimal(text) for text in texts if text), Decimal(0))


choices = st.fixed_dictionaries({
    "rows": st.lists(st.sampled_from(NAMES), max_size=3, unique=True),
    "column": st.sampled_from(["", *NAMES]),
    "measure": st.lists(st.sampled_from(ADDING), min_size=1, max_size=2, unique=True),
    "grain": st.sampled_from(["", "day", "week", "month", "quarter"]),
    "compare": st.sampled_from(["", "previous", "last_year"]),
    "top": st.sampled_from(["10", "all"]),
})  # fmt: skip


def columns_of(query):
    """Keys of the columns of a file, whether each adds, and whether the rows have a total."""
    lists = {k: [v] if isinstance(v, str) else v for k, v in (BOUNDS | query).items()}
    grid = explore(parse(lists, today=dt.date(2026, 11, 24)))
    table = lay_out(grid, link=lambda _: "", digits=2, rounding=False)
    return [(column.key, column.adds) for column in table.columns], table.total is not None


def test_cells_sum_to_the_totals_whatever_is_picked(company, boss):
    total = margin(by=(), period=AUTUMN).total
    whole = {name: OFFERED[name].value(Figures(total)) for name in ADDING}

    @settings(
        max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(choices)
    def check(picked):
        if picked["column"] in picked["rows"]:
            assert ask(boss, **picked).status_code == 400
            return
        _, lines, _ = file_rows(boss, **picked)
        keys, has_total = columns_of(picked)
        assert {len(line) for line in lines} == {len(keys)}
        _check_rows(keys, lines if has_total else [*lines, lines[0]], whole)
        for name in [part for one in picked["measure"] for part in (one, f"{one}.before")]:
            _check_across([key for key, _ in keys], lines, name)

    check()


def _check_rows(keys, lines, whole):
    *body, last = lines
    for place, (key, adds) in enumerate(keys):
        found = summed(line[place] for line in body) if adds else None
        assert not adds or found == summed([last[place]]), key
        assert key not in whole or found == (whole[key] or 0), key


def _check_across(keys, lines, name):
    across = [i for i, key in enumerate(keys) if key.startswith(f"{name}@")]
    for line in lines if across else ():
        found = summed(line[i] for i in across)
        assert found == summed([line[keys.index(name)]]), (name, line)


def test_percentages_and_people_are_worked_out_anew_for_totals(company, boss):
    header, lines, _ = file_rows(
        boss, rows="plan", column="month", measure=["margin_pct", "users", "cost", "revenue"]
    )
    at = {label: place for place, label in enumerate(header)}
    for line in lines:
        for head in ("2026-09", "2026-10", "Total"):
            cost, revenue = (
                number(line[at[f"{head}: {name}"]]) or Decimal(0) for name in ("AI cost", "Revenue")
            )
            share = divide((revenue - cost) * 100, revenue, 4) if revenue > 0 else None
            assert number(line[at[f"{head}: AI margin %"]]) == share, line
    users = {line[0]: line[at["Total: Active users"]] for line in lines}
    # u0 to u4 use both plans; the events without a plan name no user but one.
    assert (users["team"], users["solo"], users["Total"]) == ("5", "5", "5")


def test_the_others_row_is_exact_and_leads_to_all_rows(company, boss):
    picked = {"rows": "customer", "measure": ["cost", "revenue"]}
    _, every, _ = file_rows(boss, top="all", **picked)
    _, some, _ = file_rows(boss, top="10", **picked)
    dearest = sorted(every[:14], key=lambda line: -Decimal(line[1]))
    assert every[:14] == dearest
    assert some[:10] == dearest[:10]
    assert some[10] == [
        "Others (4)",
        *(as_text(summed(line[place] for line in dearest[10:])) for place in (1, 2)),
    ]
    assert [line[0] for line in some[11:]] == ["(unattributed)", "Total"]
    assert some[11:] == every[14:]
    link = next(row for row in ask(boss, top="10", **picked).context["table"].rows if row.link
                and row.cells["customer"].startswith("Others")).link  # fmt: skip
    assert parse_qs(urlsplit(link).query)["top"] == ["all"]
    _, wide, _ = file_rows(boss, rows="month", column="customer", measure="cost")
    assert wide[-1][-2:] == [as_text(summed(wide[-1][13:15])), wide[-1][-1]] or len(wide[0]) == 16


def test_a_comparison_by_hand(company, boss):
    picked = {"from": "2026-10", "to": "2026-10", "rows": "customer", "customer": "c01"}
    header, lines, told = file_rows(
        boss, measure=["events", "cost", "margin_pct"], compare="previous", **picked
    )
    # 1,555,554 input tokens at 2.50 and 333 × 6 output tokens at 10 per million, twice a month;
    # in October a call of an unknown model besides. Revenue 11.01 a month.
    cost = Decimal("7.81773")
    assert header == [
        "Customer", "Events", "Events, before", "Δ Events", "Δ % Events",
        "AI cost", "AI cost, before", "Δ AI cost", "Δ % AI cost",
        "AI margin %", "AI margin %, before", "Δ AI margin %",
    ]  # fmt: skip
    percent = as_text(divide((Decimal("11.01") - cost) * 100, Decimal("11.01"), 4))
    assert lines[0] == [
        "Customer 1", "3", "2", "1", "50", as_text(cost), as_text(cost), "0", "0",
        percent, percent, "0",
    ]  # fmt: skip
    assert told["Compared with"] == "previous period, 2026-09-01 to before 2026-10-01"


def test_days_without_a_counterpart_stay_in_the_total(company, boss):
    """October has a 31st with usage, November has none."""
    picked = {"from": "2026-11", "to": "2026-11", "rows": "day", "measure": "cost"}
    _, lines, _ = file_rows(boss, compare="previous", **picked)
    assert (len(lines), lines[-2][0], lines[-1][0]) == (32, "(no counterpart)", "Total")
    assert Decimal(lines[-2][2]) > 0
    assert summed(line[2] for line in lines[:-1]) == Decimal(lines[-1][2])
    _, lines, _ = file_rows(boss, compare="last_year", **picked)
    assert (len(lines), lines[0][:1], lines[-1][2]) == (31, ["2026-11-01"], "0")


WRONG = {
    "nonsense=1": ("'nonsense' is not a dimension", "tag.<key>"),
    "rows=sandwich": ("'sandwich' is not a dimension", "plan, feature"),
    "column=sandwich": ("'sandwich' is not a dimension", "plan, feature"),
    "rows=a&rows=b": ("'a' is not a dimension", "plan"),
    "rows=customer&rows=plan&rows=model&rows=team": ("4 dimensions", "up to 3"),
    "rows=customer&column=customer": ("column='customer'", "another dimension"),
    "measure=joy": ("measure='joy'", "revenue"),
    "grain=hour": ("grain='hour'", "day, week, month, quarter"),
    "compare=never": ("compare='never'", "previous, last_year"),
    "top=7": ("top='7'", "10, 25"),
    "period=soon": ("period='soon'", "last_month"),
    "from=soon": ("'soon' is not a month", "2026-10-05"),
    "from=2026-10&to=2026-09": ("from=2026-10 to=2026-09", "1 to 3,660"),
    "from=0001-01&to=9999-12": ("0001-01 is out of range", "2000-01-01 to 2199-12-31"),
    "from=2026-01&to=2026-12&rows=plan&grain=day": ("365 columns", "up to 100"),
    "month=2026-10&compare=previous": ("filter month", "a period instead"),
    "go=1&filter=sandwich&value=x": ("'sandwich' is not a dimension", "plan"),
    "tag.%00=1": ("is not a dimension", "tag.<key>"),
}


@pytest.mark.parametrize("page", ["explorer", "explorer/cell"])
def test_a_wrong_question_gets_a_sentence(boss, page):
    for query, parts in WRONG.items():
        if page == "explorer/cell" and ("go=" in query or "grain=day" in query):
            continue
        answer = boss.get(f"/admin/{page}?{query}")
        problem = answer.context["problem"]
        assert (answer.status_code, [part for part in parts if part not in problem]) == (400, [])
        assert html.escape(problem) in answer.content.decode()


def test_a_value_may_be_typed_by_name_and_values_are_suggested_by_money(company, boss):
    added = ask(boss, go="1", rows="plan", customer="c03", filter="customer", value="customer 7")
    kept = parse_qs(urlsplit(added["Location"]).query)
    assert (added.status_code, kept["customer"]) == (302, ["c03", "c07"])
    assert "go" not in kept
    _, lines, told = file_rows(boss, rows="customer", customer=["c03", "c07"])
    assert [line[0] for line in lines] == ["Customer 7", "Customer 3", "Total"]
    assert told["Filters"] == "Customer: Customer 3; Customer: Customer 7"
    asked = {"filter": "customer", "from": "2026-09", "to": "2026-10"}
    found = boss.get("/admin/explorer/values", asked).json()["values"]
    assert [one["key"] for one in found] == [*reversed(WHO), "(unattributed)"]
    assert found[0]["label"] == "Customer 13"
    some = boss.get("/admin/explorer/values", asked | {"value": "customer 1"}).json()["values"]
    assert [one["key"] for one in some] == ["c13", "c12", "c11", "c10", "c01"]
    answer = boss.get("/admin/explorer/values", {"filter": "sandwich"})
    assert (answer.status_code, "accepted" in answer.json()["detail"]) == (400, True)


def test_xlsx_is_the_csv_with_numbers_as_numbers_as_far_as_they_go(company, boss):
    picked = {"rows": ["customer.tier", "customer"], "column": "month", "measure": "cost"}
    header, lines, told = file_rows(boss, **picked)
    book = openpyxl.load_workbook(io.BytesIO(ask(boss, format="xlsx", **picked).content))
    rows = list(book.worksheets[0].values)
    assert list(rows[0]) == header
    assert len(rows) == len(lines) + 1
    for line, row in zip(lines, rows[1:], strict=True):
        for text, value in zip(line, row, strict=True):
            same = (
                Decimal(text) == Decimal(repr(value))
                if _is_figure(value)
                else text == (value or "")
            )
            assert same, (text, value)
    assert any(_is_figure(value) for value in rows[1])
    assert {row[0] for row in lines[:-1]} == {"silver", "'=gold", "(none)"}
    assert dict(book["About"].values)["Period"] == told["Period"]
    assert told["Period"] == "2026-09-01 to before 2026-11-01"
    assert told["Leaves out"].startswith("Left out, since no price is known: 1 events")
    assert (told["Measures"], told["Basis"][:16]) == (
        "AI cost: Σ quantity × price ÷ 1,000,000, unrounded", "revenue invoiced",
    )  # fmt: skip


def _is_figure(value):
    return isinstance(value, int | float)


def test_a_figure_of_more_digits_than_a_spreadsheet_holds_is_a_text():
    column = Column("x", "X", "money")
    table = Table((column,), [Row({"x": Decimal("123456.7890123456")}), Row({"x": Decimal("1.5")})])
    rows = list(openpyxl.load_workbook(io.BytesIO(as_xlsx(table, "T", {}))).worksheets[0].values)
    assert rows == [("X",), ("123456.7890123456",), (1.5,)]


CELLS = (
    {"customer": "c03"}, {"customer": "(unattributed)"}, {"plan": "team"}, {"plan": "(no plan)"},
    {"customer.tier": "=gold"}, {"customer.tier": "(none)"}, {"week": "2026-W40"},
    {"tag.release": ["1", "2"]}, {"feature": "chat", "quarter": "2026-Q4"}, {"month": "2026-10"},
    {"day": "2026-10-31", "plan": "team"}, {},
)  # fmt: skip


def test_the_events_of_a_figure_sum_to_it(company, boss):
    for cell in CELLS:
        _sums_to_the_figure(boss, cell)


def _sums_to_the_figure(boss, cell):
    picked = {"rows": "month", "measure": "cost", "from": "2026-09", "to": "2026-10"}
    address, costs, keys = f"?{urlencode(picked | cell, doseq=True)}", [], []
    while address:
        context = boss.get(f"/admin/explorer/cell{address}").context
        costs += [Decimal(row["cost"]) for row in context["events"] if row["cost"] is not None]
        keys += [row["key"] for row in context["events"]]
        address, total = context["following"], context["total"]
    assert sum(costs) == (total.cost or 0)
    assert len(set(keys)) == len(keys) >= total.events > 0
    filters = {name: [one] if isinstance(one, str) else one for name, one in cell.items()}
    assert total == margin(by=(), period=AUTUMN, filters=filters).total


def test_every_cell_leads_to_a_figure_of_its_own_amount(company, boss):
    table = ask(boss, rows=["plan", "customer.tier"], column="month", measure="cost").context[
        "table"
    ]
    seen = 0
    for row in [*table.rows, table.total]:
        for column in table.columns:
            link = row.links.get(column.key)
            if link and column.key.startswith("cost"):
                total = boss.get(link).context["total"]
                assert total.cost == row.cells[column.key], link
                seen += 1
    assert seen > 12


def test_the_api_answers_the_same_question(company, boss):
    context = ask(boss, rows="plan", grain="month", customer=["c01", "c02"]).context
    rows = boss.get(context["call"]).json()
    assert (rows["start"], rows["end"]) == ("2026-09-01", "2026-11-01")
    assert rows["total"]["cost"] == as_text(
        margin(by=(), period=AUTUMN, filters={"customer": ["c01", "c02"]}).total.cost
    )
    assert set(rows["rows"][0]) >= {"plan", "month"}


def test_the_pages_lead_to_the_explorer_with_their_question(company, boss):
    for page, rows in (
        ("customers", ["customer"]), ("plans", ["plan"]), ("features", ["feature"]),
        ("models", ["provider", "model"]),
    ):  # fmt: skip
        answer = boss.get(f"/admin/{page}?month=2026-10&customer.tier=silver")
        query = parse_qs(urlsplit(answer.context["explore"]).query)
        assert (query["rows"], query["from"], query["to"]) == (rows, ["2026-10"], ["2026-10"])
        assert query["customer.tier"] == ["silver"]
        total = answer.context["table"].total.cells["cost"]
        assert boss.get(answer.context["explore"]).context["table"].total.cells["cost"] == total


def test_a_question_asks_the_margin_once_a_period(company, boss, django_assert_max_num_queries):
    picked = {"rows": "customer", "column": "feature", "measure": ["cost", "margin_pct"]}
    with django_assert_max_num_queries(75):
        ask(boss, **picked)
    with django_assert_max_num_queries(110):
        ask(boss, top="all", compare="previous", rows=["customer", "model"], grain="month")


def test_what_is_only_earned_is_no_row_of_a_question_about_usage(company, boss):
    _, lines, _ = file_rows(boss, rows="feature", measure=["cost", "events"])
    assert [line[0] for line in lines] == ["Chat", "(unattributed)", "Total"]
    _, lines, _ = file_rows(boss, rows="feature", measure=["cost", "revenue"])
    assert [line[0] for line in lines] == ["Chat", "(unattributed)", "(not split)", "Total"]


def test_others_of_a_period_without_revenue_change_by_all_of_it(company, boss):
    """Revenue not split over features stands among the others, and not at all a year before."""
    picked = {"rows": ["customer", "feature"], "measure": ["cost", "revenue"], "top": "10"}
    _, lines, _ = file_rows(boss, compare="last_year", **picked)
    assert lines[10][0].startswith("Others")
    assert summed(line[8] for line in lines[:-1]) == Decimal(lines[-1][8]) == Decimal("1848.28")


def test_an_empty_period_leads_to_the_newest_usage(company, boss):
    context = ask(boss, **{"from": "2020-01", "to": "2020-03", "rows": "plan"}).context
    assert context["missing"].text == (
        "No call and no revenue fall into January 2020 to March 2020; "
        "the newest usage is of October 2026."
    )
    there = boss.get(f"/admin/explorer{context['missing'].link}").context
    assert (there["empty"], there["asked"].rows, there["span"]) == (
        False,
        ("plan",),
        "October 2026",
    )


def test_an_empty_installation_says_what_is_missing(boss):
    context = boss.get("/admin/explorer").context
    assert context["missing"].text.startswith("Usage is missing")
    assert boss.get("/admin/explorer/cell").status_code == 200
    assert boss.get("/admin/explorer/values?filter=customer").json() == {"values": []}
