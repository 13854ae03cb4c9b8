import csv
import datetime as dt
import html
import io
import re
from decimal import Decimal

import openpyxl
import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.test import Client

from billing.margin import margin
from billing.margin.rendering import as_text
from billing.models import Decision, Invoice, Plan
from billing.roles import ensure_roles
from customers.models import Customer
from tknops.calendar import Period
from usage.cube import fold

pytestmark = pytest.mark.django_db
# Every margin question asks a fixed number of times, whatever the number of rows.
QUERIES = {
    "overview": 200,
    "customers": 130,
    "plans": 74,
    "features": 90,
    "models": 95,
    "customer/acme": 185,
}
PAGES = ("overview", "customers", "plans", "features", "models", "setup", "matching")
OCTOBER = Period(dt.date(2026, 10, 1), dt.date(2026, 11, 1))
HEAD = b"external_customer_id,invoice_id,amount,currency,invoice_date,service_start,service_end\n"


@pytest.fixture
def reader(client):
    user = get_user_model().objects.create_user("cfo", is_staff=True)
    user.groups.add(ensure_roles())
    user.user_permissions.add(Permission.objects.get(codename="export_report"))
    client.force_login(user)
    return client


@pytest.fixture
def admin(client):
    client.force_login(get_user_model().objects.create_superuser("boss"))
    return client


@pytest.fixture
def october(send, event, prices, import_bytes):
    Customer.objects.create(external_id="acme", name="Acme")
    content = HEAD + b"acme,I1,31,USD,2026-10-01,2026-10-01,2026-11-01\n"
    import_bytes(content)
    send([event(usage={"input_tokens": 10**7}), event(id="e-2", customer="stranger")])
    fold()


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_empty_and_filled_for_the_finance_role(reader, name, request):
    assert reader.get(f"/admin/{name}").status_code == 200
    request.getfixturevalue("october")
    assert reader.get(f"/admin/{name}?month=2026-10").status_code == 200


@pytest.mark.parametrize("name", [*PAGES, "import-billing", "upload-usage", "customer/acme"])
def test_no_page_opens_without_the_right(client, name):
    assert client.get(f"/admin/{name}").status_code == 302
    client.force_login(get_user_model().objects.create_user("u", is_staff=True))
    assert client.get(f"/admin/{name}").status_code == 403


def test_the_finance_role_cannot_change_anything(reader, october):
    assert reader.post("/admin/matching/match", {"side": "usage", "key": "x"}).status_code == 403
    assert reader.get("/admin/import-billing").status_code == 403
    assert reader.post("/admin/setup/remove-demo").status_code == 403


@pytest.mark.parametrize(("name", "most"), QUERIES.items())
def test_pages_ask_the_database_a_fixed_number_of_times(
    reader, october, django_assert_max_num_queries, name, most
):
    with django_assert_max_num_queries(most):
        reader.get(f"/admin/{name}?month=2026-10")


def test_pages_of_revenue_say_what_they_rest_on(reader, october):
    parts = {
        name: [part.text for part in reader.get(f"/admin/{name}?month=2026-10").context["strip"]]
        for name in ("customers", "mrr", "mrr-cohorts", "deferred", "journal", "closing/2026-10")
    }
    assert all(texts == parts["customers"] for texts in parts.values()), parts
    assert "invoices to 01 Oct 2026" in parts["mrr"]
    assert reader.get("/admin/renewals").context["strip"][0].text.startswith("Usage received to")


def test_models_stand_behind_their_provider_and_lead_on(reader, october):
    table = reader.get("/admin/models?month=2026-10").context["table"]
    assert [column.key for column in table.columns[:2]] == ["provider", "model"]
    assert table.rows[0].links == {"model": "models?provider=openai&model=gpt-4o"}
    assert table.total.cells["provider"] == "Total"


def test_figures_on_the_page_are_those_of_the_margin(reader, october):
    total = margin(by=["customer"], period=OCTOBER).total
    page = reader.get("/admin/customers?month=2026-10").content.decode()
    assert "$31.00" in page
    assert f"${total.cost:,.2f}" in page
    assert "(unattributed)" in page


def test_csv_holds_exactly_the_rows_shown(reader, october):
    page = reader.get("/admin/customers?month=2026-10").content.decode()
    lines = reader.get("/admin/customers?month=2026-10&format=csv").content.decode().splitlines()
    body = re.search(r"<tbody>(.*?)</tbody>", page, re.DOTALL)[1]
    assert len(lines) == body.count("<tr>") + 2
    assert lines[1].startswith("Acme,,31,25,6,")
    assert lines[-1].startswith("Total,,31,25.00728,5.99272,")


def test_xlsx_holds_numbers_as_numbers_and_says_what_they_are(reader, october):
    content = reader.get("/admin/customers?month=2026-10&format=xlsx").content
    book = openpyxl.load_workbook(io.BytesIO(content))
    rows = list(book["Customers"].values)
    assert rows[0][:5] == ("Customer", "Plan", "Revenue", "Cost of revenue", "AI margin")
    assert rows[1][:5] == ("Acme", "", 31, 25, 6)
    assert dict(book["About"].values)["Period"] == "2026-10-01 to before 2026-11-01"


def rows_of(answer):
    """Rows of a CSV as lists, the header first."""
    return list(csv.reader(io.StringIO(answer.content.decode())))


def test_customers_have_the_columns_in_order_and_the_total_last(reader, october):
    rows = rows_of(reader.get("/admin/customers?month=2026-10&format=csv"))
    assert rows[0] == [
        "Customer", "Plan", "Revenue", "Cost of revenue", "AI margin", "AI margin %",
        "Δ", "Health", "Under water since", "Main driver", "Renews",
        "Owner", "Decision",
    ]  # fmt: skip
    assert [row[0] for row in rows[1:]] == ["Acme", "(unattributed)", "Total"]


def test_below_95_percent_attribution_the_unattributed_cost_is_shared(reader, october, send, event):
    before = rows_of(reader.get("/admin/customers?month=2026-10&format=csv"))
    assert "Margin, unattributed shared" not in before[0]
    send([event(id="e-3", customer="stranger", usage={"input_tokens": 4 * 10**6})])
    fold()
    shared = rows_of(reader.get("/admin/customers?month=2026-10&format=csv"))
    place = shared[0].index("Margin, unattributed shared")
    assert [row[place] for row in shared[1:]] == ["-4.00728", "", "-4.00728"]


def test_search_and_health_narrow_rows_and_their_total(reader, october):
    rows = rows_of(reader.get("/admin/customers?month=2026-10&q=acm&format=csv"))
    assert [row[:5] for row in rows[1:]] == [
        ["Acme", "", "31", "25", "6"],
        ["Total of 1 of 2 shown", "", "31", "25", "6"],
    ]
    rows = rows_of(reader.get("/admin/customers?month=2026-10&health=healthy&format=csv"))
    assert [row[0] for row in rows[1:]] == ["Total of 0 of 2 shown"]


def test_unattributed_stays_last_however_one_sorts(reader, october):
    for sort in ("-cost", "cost", "name", "-name"):
        rows = rows_of(reader.get(f"/admin/customers?month=2026-10&sort={sort}&format=csv"))
        assert rows[-2][0] == "(unattributed)"


def test_under_14_days_of_data_there_is_no_health(reader, send, event, prices, import_bytes):
    Customer.objects.create(external_id="acme", name="Acme")
    content = HEAD + b"acme,I1,31,USD,2026-10-25,2026-10-25,2026-11-25\n"
    import_bytes(content)
    send([event(time="2026-10-26T00:00:00Z", usage={"input_tokens": 10**6})])
    fold()
    october = rows_of(reader.get("/admin/customers?month=2026-10&format=csv"))
    assert dict(zip(october[0], october[1], strict=True))["Health"] == ""
    november = rows_of(reader.get("/admin/customers?month=2026-11&format=csv"))
    assert dict(zip(november[0], november[1], strict=True))["Health"] == "healthy"


def test_statement_has_months_as_columns(reader, october):
    rows = rows_of(reader.get("/admin/customer/acme?month=2026-10&format=csv"))
    assert (rows[0][0], rows[0][1], rows[0][13], rows[0][14]) == (
        "Measure", "Oct 25", "Oct 26", "Total",
    )  # fmt: skip
    assert [(row[0], row[13], row[14]) for row in rows[1:4]] == [
        ("Revenue, invoiced", "31", "31"),
        ("AI cost", "25", "25"),
        ("AI margin", "6", "6"),
    ]


def test_bridge_on_the_overview_ends_at_the_margin_of_the_month(reader, october):
    rows = rows_of(reader.get("/admin/overview?month=2026-10&table=bridge&format=csv"))
    total = margin(by=["customer"], period=OCTOBER).total
    assert rows[-1][:3] == ["AI margin, October", "", as_text(total.margin)]
    assert sum(Decimal(row[2]) for row in rows[1:-1]) == total.margin


def test_running_month_is_compared_with_equal_days(reader, october, send, event, time_machine):
    send([event(id="before", time="2026-09-15T10:00:00Z")])
    fold()
    time_machine.move_to(dt.datetime(2026, 10, 24, 12, tzinfo=dt.UTC))
    page = reader.get("/admin/overview?month=2026-10").content.decode()
    assert "The month is running." in page
    assert "Compared with 1–23 September." in page
    assert "vs 1–23 October" in page


def test_decision_is_offered_written_and_shown(reader, october):
    page = reader.get("/admin/customers?month=2026-10").content.decode()
    assert "Decide" not in page
    admin = Client()
    admin.force_login(get_user_model().objects.create_superuser("boss"))
    customer = Customer.objects.get()
    page = admin.get("/admin/customers?month=2026-10").content.decode()
    link = f"/admin/billing/decision/add/?month=2026-10&amp;customer={customer.pk}"
    assert link in page
    fields = {
        "customer": customer.pk,
        "kind": "REPRICE",
        "owner": "Dana",
        "decision_date": "2026-11-02",
    }
    assert admin.post("/admin/billing/decision/add/", fields).status_code == 302
    rows = rows_of(admin.get("/admin/customers?month=2026-10&format=csv"))
    assert rows[1][-1] == "reprice, 2026-11-02"


def test_decision_is_about_a_customer_or_a_plan_not_both(october):
    plan = Plan.objects.create(code="pro", name="Pro")
    both = {"customer": Customer.objects.get(), "plan": plan}
    for chosen in (both, {}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Decision.objects.create(kind="CAP", owner="D", decision_date=OCTOBER.start, **chosen)


def test_filters_survive_drilling_sorting_and_export(reader, october):
    page = reader.get("/admin/features?month=2026-10&customer.tier=gold").content.decode()
    for link in re.findall(r'href="(\?[^"]*(?:sort|format)=[^"]*)"', page):
        assert "month=2026-10" in link
        assert "customer.tier=gold" in link


@pytest.mark.parametrize("key", ["a b", "a?b=c&d", "a/b#c", "ü%2F"])
def test_any_customer_id_can_be_drilled_into(reader, october, key):
    Customer.objects.update(external_id=key)
    customers = reader.get("/admin/customers?month=2026-10").content.decode()
    link = re.search(r'href="(/admin/customer/[^"]*)"', customers)[1]
    page = reader.get(html.unescape(link)).content.decode()
    assert "Statement by month" in page
    assert "f.csv</a>, line 2" in page


def test_an_empty_installation_names_what_is_missing(reader, request):
    assert "Usage is missing" in reader.get("/admin/overview").content.decode()
    request.getfixturevalue("october")
    page = reader.get("/admin/plans?month=2026-01").content.decode()
    assert "the newest usage is of October 2026" in page
    assert 'href="?month=2026-10">Show October 2026</a>' in page


def test_formula_in_a_name_is_defused_in_csv(reader, october):
    Customer.objects.update(name="=HYPERLINK(1)")
    lines = reader.get("/admin/customers?month=2026-10&format=csv").content.decode()
    assert "'=HYPERLINK(1)" in lines


def test_customer_page_leads_from_revenue_to_invoice_and_import_row(reader, october):
    page = reader.get("/admin/customer/acme?month=2026-10").content.decode()
    assert f"/admin/billing/invoice/{Invoice.objects.get().pk}/change/" in page
    assert "f.csv</a>, line 2" in page


def test_report_api_answers_with_text_money_and_names_bad_dimensions(client, api_key, october):
    headers = {"Authorization": f"Bearer {api_key}"}
    url = "/api/v1/reports/margin?by=customer&start=2026-10&end=2026-11"
    body = client.get(url, headers=headers).json()
    acme = next(row for row in body["rows"] if row["customer"] == "acme")
    assert (acme["revenue"], acme["cost"], acme["margin"]) == ("31", "25", "6")
    wrong = client.get(url.replace("customer", "colour"), headers=headers)
    assert wrong.status_code == 400
    assert "'colour' is not a dimension" in str(wrong.json())
    assert client.get(url).status_code == 401
