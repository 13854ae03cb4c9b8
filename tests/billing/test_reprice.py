"""A change of prices: shown as it will be, applied as shown, taken back to the last digit."""

import datetime as dt
import io
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from billing.margin import margin
from billing.margin.rendering import as_csv
from billing.reports.reprice import preview
from tests.billing.price_book import NOW, OCTOBER, adjusted, cost, last_revision, take_back
from tknops.jobs.models import Job
from tknops.jobs.run import run
from usage.cube import fold, verify
from usage.models import CubeSegment, ModelAlias, Price, PriceAdjustment, PriceRevision
from usage.pricing import PriceChange
from usage.repricing import BookChangedError, RevertError, apply, pending

pytestmark = pytest.mark.django_db
BY = ["customer", "model", "day", "service_tier"]
TERMS = {"provider_code": "openai", "model": "gpt-4o", "token_class": "input_tokens"}


@pytest.fixture
def usage(send, event, prices):
    send([
        event(id=f"{day}-{size}", time=f"2026-{month}-{day:02}T12:00:00Z", customer=customer,
              usage={"input_tokens": size, "output_tokens": 7})
        for day, month, size, customer in (
            (3, "09", 10, "acme"), (5, "10", 300_001, "acme"), (9, "10", 200_000, "beta"),
        )
    ])  # fmt: skip
    fold()


@pytest.fixture
def admin(client):
    client.force_login(get_user_model().objects.create_superuser("boss"))
    return client


def rows():
    return as_csv(margin(by=BY, period=OCTOBER))


def price(per_million, **fields):
    return Price(**TERMS | fields, per_million=Decimal(per_million))


def replaced(**fields):
    old = Price.objects.get(token_class="input_tokens", superseded_at=None)
    return PriceChange(prices=(price(**fields),), ended_prices=frozenset([old.pk]))


CHANGES = {
    "another list price": lambda: replaced(per_million="3.3333333333"),
    "a contracted price of some days": lambda: PriceChange(
        prices=(price(per_million=1, kind="CONTRACTED", valid_from=dt.date(2026, 10, 6)),)
    ),
    "a discount": lambda: PriceChange(
        adjustments=(PriceAdjustment(name="d", kind="NEGOTIATED_DISCOUNT", value=Decimal("12.5")),)
    ),
    "a threshold": lambda: PriceChange(prices=(price(per_million=5, threshold=200_000),)),
    "a window": lambda: PriceChange(prices=(price(per_million=1, price_window="11:00-13:00"),)),
    "a price less": lambda: PriceChange(
        ended_prices=frozenset([Price.objects.get(token_class="output_tokens").pk])
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_dry_run_equals_apply_and_back_gives_identical_rows(usage, name):
    before, change = margin(by=[], period=OCTOBER).total.cost, CHANGES[name]()
    original = rows()
    shown = preview(change, period=OCTOBER)
    assert rows() == original
    segments = list(CubeSegment.objects.filter(replaced_at=None).values_list("pk", flat=True))
    revision = apply(change, now=NOW)
    if job := Job.objects.filter(kind="refold").first():
        assert list(CubeSegment.objects.filter(replaced_at=None).values_list("pk", flat=True)) == (
            segments
        )
        run(job.pk)
        job.refresh_from_db()
        assert (job.state, job.result) == ("DONE", {"skus": 1})
    assert (name in {"a threshold", "a window"}) == bool(job)
    assert cost() - before == shown.total != 0
    assert sum(move.moved for move in shown.by_customer) == shown.total
    assert verify() == []
    changed = rows()
    back = take_back(revision)
    assert rows() == original
    take_back(back)
    assert rows() == changed != original


def test_moves_are_per_customer_month_and_model_with_every_digit(usage):
    shown = preview(CHANGES["another list price"]())
    assert [(move.key, move.before, move.after) for move in shown.by_month] == [
        (("2026-09",), Decimal("0.000095"), Decimal("0.000103333333333")),
        (("2026-10",), Decimal("1.2501425"), Decimal("1.6668099999833333")),
    ]
    assert [move.key for move in shown.by_model] == [("openai", "gpt-4o")]
    assert shown.total == Decimal("0.4166758333166663")


def test_days_with_a_new_threshold_are_named_until_they_are_summed_again(usage, admin):
    assert pending() == []
    apply(CHANGES["a threshold"](), now=NOW)
    apply(PriceChange(prices=(price(per_million=6, threshold=250_000),)), now=NOW)
    [found] = pending()
    assert (found.model, found.first, found.last) == (
        "gpt-4o", dt.date(2026, 9, 3), dt.date(2026, 10, 9),
    )  # fmt: skip
    for url in ("/admin/price-changes", "/admin/models?month=2026-10"):
        page = admin.get(url).content.decode()
        assert "until then its cost of 2026-09-03 to 2026-10-09" in page
    [job] = Job.objects.all()
    run(job.pk)
    assert pending() == []
    assert "until then" not in admin.get("/admin/price-changes").content.decode()


def test_a_price_by_hand_with_a_threshold_shows_its_money_and_queues_the_job(usage, admin):
    fields = {**TERMS, "threshold": "200000", "per_million": "5", "kind": "LIST", "currency": "USD"}
    form = admin.post("/admin/usage/price/add/", fields).context["adminform"].form
    # 300,001 tokens are above 200,000; 200,000 are not
    assert form.preview.total == Decimal("0.7500025")
    sent = fields | {"previewed": form["previewed"].value(), "reason": "contract 7"}
    assert admin.post("/admin/usage/price/add/", sent).status_code == 302
    assert Job.objects.get().kind == "refold"
    revision = last_revision()
    assert (revision.created_by.username, revision.reason) == ("boss", "contract 7")


def test_an_adjustment_by_hand_shows_its_money_first(usage, admin):
    url = "/admin/usage/priceadjustment/add/"
    fields = {"name": "EDP", "kind": "NEGOTIATED_DISCOUNT", "value": "10", "model": "GPT-4o*"}
    form = admin.post(url, fields).context["adminform"].form
    assert form.preview.total == Decimal("-0.12502375")
    assert PriceAdjustment.objects.count() == 0
    assert admin.post(url, fields | {"previewed": form["previewed"].value()}).status_code == 302
    assert (PriceAdjustment.objects.get().model, cost()) == ("gpt-4o*", Decimal("1.12512825"))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"value": "101"}, "A discount is 0 to 100 %, not 101."),
        ({"value": "-1"}, "It is 0 or more, not -1."),
        ({"currency": "USD"}, "A discount or factor has no currency."),
        ({"kind": "COMMITTED_RATE"}, "A price per million needs its currency."),
        ({"kind": "COMMITTED_RATE", "currency": "US"}, "is no currency code such as USD or EUR."),
        ({"kind": "REGION_FACTOR"}, "Name the region, such as us or eu-*."),
        ({"kind": "REGION_FACTOR", "region": "us", "value": "1001"}, "A factor is 0 to 1,000"),
        ({"kind": "TIER_FACTOR", "service_tier": "standard"}, "Name the tier: batch, flex"),
        ({"kind": "CACHE_FACTOR", "token_class": "output_tokens"}, "is of a cache class."),
        ({"unit": "litre"}, "is no unit; accepted: request, image"),
        ({"valid_from": "2026-10-02", "valid_to": "2026-10-02"}, "is not after 2026-10-02."),
        ({}, "says the same for some of these days already."),
    ],
)
def test_wrong_terms_are_refused_in_a_sentence(admin, prices, wrong, sentence):
    import html

    adjusted("NEGOTIATED_DISCOUNT", "5")
    fields = {"name": "x", "kind": "NEGOTIATED_DISCOUNT", "value": "10"} | wrong
    answer = admin.post("/admin/usage/priceadjustment/add/", fields)
    assert answer.status_code == 200
    assert sentence in html.unescape(answer.content.decode())
    assert PriceAdjustment.objects.count() == 1


def test_withdrawing_shows_the_money_first(usage, admin):
    pk = Price.objects.get(token_class="output_tokens").pk
    asked = {"action": "withdraw", "_selected_action": [pk]}
    page = admin.post("/admin/usage/price/", asked)
    assert page.context["preview"].total == Decimal("-0.00021")
    assert cost() == Decimal("1.2501425")
    admin.post("/admin/usage/price/", asked | {"seen": "yes", "reason": "wrong"})
    assert (cost(), last_revision().reason) == (Decimal("1.2500025"), "wrong")


def test_history_shows_who_from_and_to_and_the_revision_is_taken_back(usage, admin):
    old = Price.objects.get(token_class="input_tokens")
    fields = {**TERMS, "threshold": "0", "per_million": "3", "kind": "LIST", "currency": "USD"}
    url = f"/admin/usage/price/{old.pk}/change/"
    form = admin.post(url, fields).context["adminform"].form
    admin.post(url, fields | {"previewed": form["previewed"].value()})
    page = admin.get("/admin/price-history?provider=openai&model=gpt-4o")
    newest = page.context["events"][0]
    assert (newest.before, newest.after.per_million) == (old, 3)
    assert "boss" in page.content.decode()
    number = newest.revision.pk
    shown = admin.get(f"/admin/price-revisions/{number}").context["preview"]
    assert shown.total == Decimal("-0.2500055")
    admin.post(f"/admin/price-revisions/{number}/revert")
    assert cost() == Decimal("1.2501425")
    admin.post(f"/admin/price-revisions/{number}/revert")
    assert PriceRevision.objects.count() == 2
    refused = admin.get(f"/admin/price-revisions/{number}").context["refused"]
    assert refused == f"revision {number} has been taken back already"


def test_a_revision_changed_since_is_not_taken_back(usage):
    first = apply(replaced(per_million=3), now=NOW)
    second = apply(replaced(per_million=4), now=NOW)
    with pytest.raises(RevertError, match=f"take revision {second.pk} back first"):
        take_back(first)
    take_back(second)
    take_back(first)
    assert cost() == Decimal("1.2501425")


def test_a_change_made_for_another_book_is_refused_whole(usage):
    change = replaced(per_million=3)
    apply(replaced(per_million=4), now=NOW)
    count = Price.objects.count()
    with pytest.raises(BookChangedError, match="has been changed meanwhile"):
        apply(change, now=NOW)
    with pytest.raises(BookChangedError, match="of the same key"):
        apply(PriceChange(prices=(price(per_million=9),)), now=NOW)
    assert (Price.objects.count(), PriceRevision.objects.count()) == (count, 1)


def test_reprice_command_shows_the_money_then_takes_back(usage):
    revision = apply(CHANGES["a discount"](), now=NOW)
    out = io.StringIO()
    call_command("reprice", revert=revision.pk, dry_run=True, stdout=out)
    assert "  2026-10: $1.0938746875 → $1.2501425 (+$0.1562678125)" in out.getvalue()
    assert cost() == Decimal("1.0938746875")
    call_command("reprice", revert=revision.pk, stdout=out)
    assert cost() == Decimal("1.2501425")
    with pytest.raises(CommandError, match="has been taken back already"):
        call_command("reprice", revert=revision.pk, stdout=out)
    with pytest.raises(CommandError, match="proposal 7 is not open"):
        call_command("reprice", proposal=7, stdout=out)


def test_an_alias_is_a_revision_too(send, event, prices):
    send(event(model="gpt-4p", usage={"input_tokens": 10**6}))
    fold()
    revision = apply(PriceChange(aliases={("openai", "gpt-4p"): "gpt-4o"}), now=NOW)
    assert cost() == Decimal("2.5")
    take_back(revision)
    assert (cost(), ModelAlias.objects.count()) == (None, 0)
