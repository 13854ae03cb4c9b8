"""A model without a price: offered a price or an alias, filled in by hand, counted at once."""

import datetime as dt
import html
import re
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model

from billing.margin import margin
from billing.roles import ensure_roles
from tknops.calendar import Period
from usage.cube import fold
from usage.models import ModelAlias, Price

pytestmark = pytest.mark.django_db
OCTOBER = Period(dt.date(2026, 10, 1), dt.date(2026, 11, 1))
MODELS = "/admin/models?month=2026-10"
ADD = "/admin/usage/price/add/"
PRICE = {
    "provider_code": "openai", "model": "gpt-4p", "token_class": "input_tokens",
    "threshold": "0", "kind": "LIST", "per_million": "3", "currency": "USD",
    "valid_from": "2026-01-01", "valid_to": "2026-12-01",
}  # fmt: skip


@pytest.fixture
def admin(client):
    client.force_login(get_user_model().objects.create_superuser("boss"))
    return client


@pytest.fixture
def unpriced(send, event, prices):
    send([event(model="gpt-4p", usage={"input_tokens": 10**6})])
    fold()


def cost():
    return margin(by=[], period=OCTOBER).total.cost


def offers(page):
    links = re.findall(r'class="tk-action" href="([^"]*)">([^<]*)<', page)
    return {text: html.unescape(link) for link, text in links}


def test_a_price_and_an_alias_are_offered_and_nothing_is_booked(admin, unpriced):
    found = offers(admin.get(MODELS).content.decode())
    assert set(found) == {"Add a price", "Alias to gpt-4o"}
    form = admin.get(found["Add a price"]).context["adminform"].form
    assert [form[name].value() for name in ("provider_code", "model", "currency")] == [
        "openai", "gpt-4p", "USD",
    ]  # fmt: skip
    form = admin.get(found["Alias to gpt-4o"]).context["adminform"].form
    assert [form[name].value() for name in ("provider_code", "alias", "model")] == [
        "openai", "gpt-4p", "gpt-4o",
    ]  # fmt: skip
    assert (cost(), ModelAlias.objects.count()) == (None, 0)


def test_a_price_by_hand_counts_at_once(admin, unpriced):
    shown = admin.post(ADD, PRICE)
    form = shown.context["adminform"].form
    assert (shown.status_code, cost()) == (200, None)
    assert "This moves $3.00 over all months." in form.non_field_errors()[0]
    [move] = form.preview.by_model
    assert (move.key, move.before, move.after) == (("openai", "gpt-4p"), None, 3)
    assert (move.unpriced_before, move.unpriced_after) == (1, 0)
    sent_again = PRICE | {"previewed": form["previewed"].value()}
    assert admin.post(ADD, sent_again | {"per_million": "4"}).status_code == 200
    assert admin.post(ADD, sent_again).status_code == 302
    assert cost() == 3
    assert "Models without a price" not in admin.get(MODELS).content.decode()


def test_an_alias_counts_at_once(admin, unpriced):
    fields = {"provider_code": "openai", "alias": "gpt-4p", "model": "gpt-4o"}
    assert admin.post("/admin/usage/modelalias/add/", fields).status_code == 302
    assert cost() == Decimal("2.50")


def test_who_may_not_price_sees_what_is_missing_but_no_form(client, unpriced):
    user = get_user_model().objects.create_user("cfo", is_staff=True)
    user.groups.add(ensure_roles())
    client.force_login(user)
    page = client.get(MODELS).content.decode()
    assert "Models without a price" in page
    assert offers(page) == {}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"per_million": "-1"}, "A price is not negative: -1."),
        ({"per_million": "NaN"}, "Enter a number."),
        ({"per_million": "0.1234567890123"}, "no more than 10 decimal places"),
        ({"per_million": "1e30"}, "no more than"),
        ({"valid_to": "2026-01-01"}, "The end 2026-01-01 is not after the start 2026-01-01."),
        ({"threshold": "-5"}, "A number of input tokens is 0 or more, not -5."),
        ({"token_class": "units"}, "Units need their name"),
        ({"currency": "US"}, "is no currency code such as USD or EUR"),
        ({"price_window": "9-17"}, "is no time of day such as 00:30-16:30 (UTC)"),
        (
            {"model": "gpt-4o", "per_million": "2.6"},
            "There is a list price for these days already: 2.5 USD, from the beginning",
        ),
        (
            {"model": "gpt-4o", "kind": "CONTRACTED", "per_million": "25"},
            "25 is far from the price there is, 2.5, and moves $0.00. If it is right, tick the box",
        ),
    ],
)
def test_a_wrong_price_is_refused_in_a_sentence(admin, prices, wrong, sentence):
    before = Price.objects.count()
    answer = admin.post(ADD, PRICE | wrong)
    assert answer.status_code == 200
    assert sentence in html.unescape(answer.content.decode())
    assert Price.objects.count() == before


def test_an_unusual_price_is_taken_once_it_was_checked(admin, prices):
    unusual = PRICE | {"model": "gpt-4o", "kind": "CONTRACTED", "per_million": "25"}
    assert admin.post(ADD, unusual | {"checked": "on"}).status_code == 302
    assert Price.objects.get(kind="CONTRACTED").per_million == 25
