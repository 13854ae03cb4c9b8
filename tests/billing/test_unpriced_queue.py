"""Usage without a price: why, what it likely cost, and the clicks that end it."""

from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model

from billing.reports.unpriced_queue import unpriced_queue
from billing.roles import ensure_roles
from tests.billing.price_book import OCTOBER, cost
from usage.cube import fold
from usage.models import ModelAlias, Price, PriceRevision

pytestmark = pytest.mark.django_db
URL = "/admin/unpriced?month=2026-10"


@pytest.fixture
def admin(client):
    client.force_login(get_user_model().objects.create_superuser("boss"))
    return client


@pytest.fixture
def usage(send, event, prices):
    """Name each call by what it lacks."""
    Price.objects.create(
        provider_code="mistral", model="large", token_class="input_tokens", per_million=2,
        currency="EUR",
    )  # fmt: skip
    Price.objects.create(
        provider_code="cohere", model="late", token_class="input_tokens", per_million=1,
        valid_from="2026-10-20",
    )  # fmt: skip
    Price.objects.create(
        provider_code="cohere", model="far", token_class="input_tokens", per_million=1, region="eu"
    )
    million = {"input_tokens": 10**6}
    send([
        event(id="known", usage=million),
        event(id="model", model="gpt-4p", usage={"input_tokens": 3 * 10**6}),
        event(id="other", model="gpt-4q", usage=million),
        event(id="tier", service_tier="flex", usage=million),
        event(id="class", usage={"cache_write_1h_tokens": 10**6}),
        event(id="units", usage={"units": 2, "unit": "image"}),
        event(id="euro", provider="mistral", model="large", usage=million),
        event(id="days", provider="cohere", model="late", usage=million),
        event(id="place", provider="cohere", model="far", region="us", usage=million),
        event(id="nothing", provider="nobody", model="zzz", usage={"input_tokens": 9 * 10**6}),
    ])  # fmt: skip
    fold()


def queue():
    rows = unpriced_queue(period=OCTOBER, currency="USD").rows
    return {
        (r.model, r.tier, next(iter(r.missing))): (r.why, r.near, r.estimate, r.events, r.tokens)
        for r in rows
    }


def test_each_row_says_why_and_what_it_likely_cost(usage):
    half, million = "input_tokens", 10**6
    assert queue() == {
        ("gpt-4p", "", half): (
            "not in the price book", "as gpt-4o", Decimal("7.5"), 1, 3 * million,
        ),
        ("gpt-4q", "", half): ("not in the price book", "as gpt-4o", Decimal("2.5"), 1, million),
        ("gpt-4o", "flex", half): (
            "no price for the tier flex", "at the ordinary tier's price", Decimal("2.5"), 1,
            million,
        ),
        ("gpt-4o", "", "cache_write_1h_tokens"): (
            "no price of cache write 1 h tokens", "at the uncached price", Decimal("2.5"), 1,
            million,
        ),
        ("gpt-4o", "", "units"): ("no price of units (image)", "", None, 1, 0),
        ("late", "", half): ("no price for some days", "", None, 1, million),
        ("far", "", half): ("no price for the region us", "", None, 1, million),
        ("zzz", "", half): ("not in the price book", "", None, 1, 9 * million),
    }  # fmt: skip


def test_the_estimate_is_booked_nowhere(usage, admin):
    before = cost()
    page = admin.get(URL)
    assert before == cost() == Decimal("2.5")
    assert "is an estimate and in no other figure" in page.content.decode()
    ranked = [row.cells["model"] for row in page.context["table"].rows]
    assert ranked[0] == "gpt-4p"
    assert ranked.index("zzz") == 4
    by_tokens = admin.get(f"{URL}&sort=-tokens").context["table"].rows
    assert by_tokens[0].cells["model"] == "zzz"


def test_a_price_form_is_filled_in(usage, admin):
    rows = admin.get(URL).context["table"].rows
    link = next(row.links["price"] for row in rows if row.cells["tier"] == "flex")
    form = admin.get(f"/admin/{link}").context["adminform"].form
    names = ("provider_code", "model", "service_tier", "token_class", "currency")
    assert [form[name].value() for name in names] == [
        "openai", "gpt-4o", "flex", "input_tokens", "USD",
    ]  # fmt: skip


def chosen(page, *models, target=""):
    sent = {"month": "2026-10"}
    for number, (row, _) in enumerate(page.context["unknown"], start=1):
        sent |= {
            f"provider-{number}": row.provider,
            f"alias-{number}": row.model,
            f"offered-{number}": row.suggestion,
            f"target-{number}": target or row.suggestion,
        }
        if row.model in models:
            sent.setdefault("chosen", []).append(number)
    return sent


def test_two_models_are_taken_for_the_suggested_at_once_and_undone(usage, admin):
    sent = chosen(admin.get(URL), "gpt-4p", "gpt-4q")
    answer = admin.post("/admin/unpriced/alias", sent, follow=True)
    revision = PriceRevision.objects.get()
    assert f'<a href="/admin/price-revisions/{revision.pk}">Undo</a>' in answer.content.decode()
    assert cost() == Decimal("12.5")
    assert "gpt-4p" not in {row.cells["model"] for row in admin.get(URL).context["table"].rows}
    admin.post(f"/admin/price-revisions/{revision.pk}/revert")
    assert (cost(), ModelAlias.objects.count()) == (Decimal("2.5"), 0)


def test_another_model_than_suggested_shows_its_money_first(usage, admin):
    Price.objects.create(
        provider_code="openai", model="mini", token_class="input_tokens", per_million=1
    )
    sent = chosen(admin.get(URL), "gpt-4p", target="mini")
    page = admin.post("/admin/unpriced/alias", sent)
    assert (page.context["preview"].total, cost()) == (3, Decimal("2.5"))
    admin.post("/admin/unpriced/alias", page.context["said"] and dict(page.context["said"]) | {
        "seen": "yes"
    })  # fmt: skip
    assert cost() == Decimal("5.5")


@pytest.mark.parametrize(
    ("target", "sentence"),
    [("nosuch", "is no model of"), ("", "is no model of")],
)
def test_what_has_no_price_is_no_target(usage, admin, target, sentence):
    sent = chosen(admin.get(URL), "zzz") | {"target-3": target}
    answer = admin.post("/admin/unpriced/alias", sent, follow=True)
    assert sentence in answer.content.decode()
    assert ModelAlias.objects.count() == 0


def test_a_load_says_so_too_and_a_missing_rate_is_no_missing_price(usage):
    from usage.loading.gaps import unpriced
    from usage.models import UsageBatch

    found = unpriced(list(UsageBatch.objects.values_list("pk", flat=True)))
    assert not [name for name in found if name.startswith("mistral large")]
    assert found["nobody zzz: not in the price book"] == 1


def test_nothing_unpriced_says_so(admin, send, event, prices):
    send(event())
    fold()
    assert "Every call of October 2026 has a price." in admin.get(URL).content.decode()


def test_who_may_not_price_sees_the_queue_without_forms(client, usage):
    user = get_user_model().objects.create_user("cfo", is_staff=True)
    user.groups.add(ensure_roles())
    client.force_login(user)
    page = client.get(URL).content.decode()
    assert "no price for the region us" in page
    assert "Take it for that" not in page
    assert "Add a price" not in page


@pytest.mark.parametrize("page", ["overview", "customers", "plans", "features", "models"])
def test_the_basis_of_cost_goes_along(usage, admin, page):
    answer = admin.get(f"/admin/{page}?month=2026-10&basis=list")
    assert [one.name for one in answer.context["bases"] if one.is_chosen] == ["list"]
    content = answer.content.decode()
    assert "basis=list" in content.split('<ul class="tk-strip"')[1]
    assert admin.get(f"/admin/{page}?basis=net").status_code == 400
