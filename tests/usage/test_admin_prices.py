"""Prices by hand: each change is a version, the old figure stays."""

import pytest
from django.contrib.auth import get_user_model

from usage.models import Price

pytestmark = pytest.mark.django_db
FIELDS = {
    "provider_code": "openai", "model": "gpt-x", "service_tier": "", "region": "",
    "token_class": "input_tokens", "unit": "", "threshold": "0", "price_window": "",
    "kind": "LIST", "currency": "USD", "valid_from": "", "valid_to": "",
}  # fmt: skip


@pytest.fixture
def admin(client):
    client.force_login(get_user_model().objects.create_superuser("boss"))
    return client


@pytest.fixture
def price(admin):
    answer = admin.post("/admin/usage/price/add/", FIELDS | {"per_million": "2.50"})
    assert answer.status_code == 302
    return Price.objects.get()


def test_a_changed_price_is_a_new_version(admin, price):
    url = f"/admin/usage/price/{price.pk}/change/"
    assert admin.post(url, FIELDS | {"per_million": "3.00"}).status_code == 302
    before, after = Price.objects.order_by("pk")
    assert (before.pk, str(before.per_million)) == (price.pk, "2.5000000000")
    assert before.superseded_at is not None
    assert (str(after.per_million), after.superseded_at) == ("3.0000000000", None)


def test_saving_without_a_change_makes_no_version(admin, price):
    url = f"/admin/usage/price/{price.pk}/change/"
    admin.post(url, FIELDS | {"per_million": "2.5000000000"})
    assert Price.objects.get() == price


def test_a_superseded_price_is_history(admin, price):
    admin.post(f"/admin/usage/price/{price.pk}/change/", FIELDS | {"per_million": "3.00"})
    url = f"/admin/usage/price/{price.pk}/change/"
    assert admin.post(url, FIELDS | {"per_million": "9"}).status_code == 403
    assert admin.post(f"/admin/usage/price/{price.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Price.objects.count() == 2


def test_prices_taken_out_of_the_book_stay_as_history(admin, price):
    admin.post("/admin/usage/price/", {"action": "withdraw", "_selected_action": [price.pk]})
    price.refresh_from_db()
    assert price.superseded_at is not None
