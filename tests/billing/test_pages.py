import datetime as dt
import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission

from billing.margin import margin
from billing.models import Invoice
from billing.roles import ensure_roles
from customers.models import Customer
from tknops.calendar import Period
from usage.cube import fold

pytestmark = pytest.mark.django_db
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


def test_xlsx_is_a_spreadsheet(reader, october):
    assert reader.get("/admin/customers?month=2026-10&format=xlsx").content[:2] == b"PK"


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
