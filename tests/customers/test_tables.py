"""Customers by CSV in the admin: previewed, then written; by natural key; formulas defused."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile

from billing.models import Plan, PlanPrice
from customers.models import Customer, CustomerAttribute

pytestmark = pytest.mark.django_db


@pytest.fixture
def import_csv(client):
    client.force_login(get_user_model().objects.create_superuser("boss"))

    def do(table, content, app="customers"):
        url = f"/admin/{app}/{table}/import/"
        sent = {"format": "0", "import_file": SimpleUploadedFile("f.csv", content.encode())}
        page = client.post(url, sent).content.decode()
        hidden = dict(
            re.findall(
                r'name="(import_file_name|original_file_name|format|resource)"[^>]*value="([^"]*)"',
                page,
            )
        )
        if "import_file_name" in hidden:
            client.post(f"/admin/{app}/{table}/process_import/", hidden)
        return page

    return do


def test_customers_are_made_and_completed_by_their_external_id(import_csv):
    Customer.objects.create(external_id="acme", name="Acme")
    import_csv("customer", "external_id,name,owner\nacme,Acme Inc,kim\nbeta,Beta,\n")
    found = Customer.objects.order_by("external_id").values_list("external_id", "name", "owner")
    assert list(found) == [("acme", "Acme Inc", "kim"), ("beta", "Beta", "")]


def test_a_bad_row_is_shown_and_nothing_is_written(import_csv):
    page = import_csv("customer", "external_id,name,status\na,A,ACTIVE\nb,B,sleeping\n")
    assert "sleeping" in page
    assert not Customer.objects.exists()


def test_dated_attributes_name_their_customer(import_csv):
    Customer.objects.create(external_id="acme", name="Acme")
    import_csv(
        "customerattribute",
        "customer,name,value,valid_from,valid_to\n"
        "acme,tier,small,,2026-10-01\nacme,tier,big,2026-10-01,\n",
    )
    found = CustomerAttribute.objects.order_by("valid_to").values_list("value", "valid_to")
    assert [(value, str(end)) for value, end in found] == [("small", "2026-10-01"), ("big", "None")]


def test_a_price_that_is_no_number_is_named_in_a_sentence(import_csv):
    Plan.objects.create(code="pro", name="Pro")
    head = "plan,price,currency,interval,valid_from,valid_to\n"
    page = import_csv("planprice", head + "pro,1_0,USD,MONTH,,\n", app="billing")
    assert "&#x27;1_0&#x27; is not a number like 1234.56" in page
    import_csv("planprice", head + "pro,10.0001,USD,MONTH,,\n", app="billing")
    assert str(PlanPrice.objects.get().price) == "10.0001"


def test_prices_of_two_plans_may_be_of_the_same_days(import_csv):
    for code in ("pro", "team"):
        Plan.objects.create(code=code, name=code)
    head = "plan,price,currency,interval,valid_from,valid_to\n"
    import_csv("planprice", head + "pro,10,USD,MONTH,,\nteam,20,USD,MONTH,,\n", app="billing")
    assert PlanPrice.objects.count() == 2
    page = import_csv("planprice", head + "pro,11,USD,MONTH,2026-10-01,\n", app="billing")
    assert "billing_planprice_month_no_overlap" in page
    assert PlanPrice.objects.count() == 2


def test_exported_names_are_not_run_by_a_spreadsheet(client):
    client.force_login(get_user_model().objects.create_superuser("boss"))
    for name in ("=1+1", "-cmd", "＝x", "-5"):
        Customer.objects.create(external_id=name, name=name)
    answer = client.post("/admin/customers/customer/export/", {"format": "0"})
    text = answer.content.decode()
    assert "'=1+1,'=1+1" in text
    assert "'-cmd,'-cmd" in text
    assert "'＝x,'＝x" in text
    assert "\n-5,-5" in text.replace("\r", "")
