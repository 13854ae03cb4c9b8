"""Contract terms over many prices at once: hand-computed figures and what wins over what."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from billing.margin import margin
from tests.billing.price_book import OCTOBER, adjusted, cost
from usage.cube import fold
from usage.models import Price, PriceAdjustment

pytestmark = pytest.mark.django_db
MILLION = {"input_tokens": 10**6}


def price(token_class, per_million, **fields):
    terms = {"provider_code": "openai", "model": "gpt-4o"} | fields
    return Price.objects.create(token_class=token_class, per_million=per_million, **terms)


@pytest.fixture
def used(send, event):
    """Send one call with these fields and fold it."""

    def use(**fields):
        assert send([event(**fields)]).json()["stored"] == 1
        fold()

    return use


CASES = [
    # name, usage and fields of the call, list prices, adjustments, cost
    (
        "20 % off 2.50",
        {"usage": MILLION},
        [("input_tokens", "2.50", {})],
        [("NEGOTIATED_DISCOUNT", "20", {"provider_code": "openai"})],
        "2",
    ),
    (
        "a committed rate stands for any list price",
        {"usage": MILLION},
        [("input_tokens", "2.50", {})],
        [("COMMITTED_RATE", "1.75", {"currency": "USD", "model": "gpt-4o"})],
        "1.75",
    ),
    (
        "a committed rate prices a model the book does not know",
        {"usage": MILLION, "model": "ft-ours"},
        [],
        [("COMMITTED_RATE", "3", {"currency": "USD", "model": "ft-*"})],
        "3",
    ),
    (
        "1.1 × in the region",
        {"usage": MILLION, "region": "us"},
        [("input_tokens", "2.50", {})],
        [("REGION_FACTOR", "1.1", {"region": "us"})],
        "2.75",
    ),
    (
        "batch is half the ordinary tier",
        {"usage": MILLION, "service_tier": "batch"},
        [("input_tokens", "2.50", {})],
        [("TIER_FACTOR", "0.5", {"service_tier": "batch"})],
        "1.25",
    ),
    (
        "batch × region − discount: 2.50 × 0.5 × 1.1 × 0.9",
        {"usage": MILLION, "service_tier": "batch", "region": "us"},
        [("input_tokens", "2.50", {})],
        [
            ("TIER_FACTOR", "0.5", {"service_tier": "batch"}),
            ("REGION_FACTOR", "1.1", {"region": "us"}),
            ("NEGOTIATED_DISCOUNT", "10", {}),
        ],
        "1.2375",
    ),
    (
        "a threshold's own price is discounted: 1 M at 5 − 10 %",
        {"usage": MILLION},
        [("input_tokens", "2.50", {}), ("input_tokens", "5", {"threshold": 200_000})],
        [("NEGOTIATED_DISCOUNT", "10", {})],
        "4.5",
    ),
    (
        "cache read 0.1 ×, write 1.25 ×, one hour 2 × the input of 2.50: 0.25 + 3.125 + 5",
        {
            "usage": {
                "cache_read_tokens": 10**6,
                "cache_write_tokens": 10**6,
                "cache_write_1h_tokens": 10**6,
            }
        },
        [("input_tokens", "2.50", {})],
        [
            ("CACHE_FACTOR", "0.1", {"token_class": "every_cache_read"}),
            ("CACHE_FACTOR", "1.25", {"token_class": "every_cache_write"}),
            ("CACHE_FACTOR", "2", {"token_class": "cache_write_1h_tokens"}),
        ],
        "8.375",
    ),
    (
        "audio and images of a contract, text untouched: 40 × 0.5 + 8 × 0.5 + 2.50",
        {
            "usage": {
                "input_tokens": 10**6,
                "input_audio_tokens": 10**6,
                "output_image_tokens": 10**6,
            }
        },
        [
            ("input_tokens", "2.50", {}),
            ("input_audio_tokens", "40", {}),
            ("output_image_tokens", "8", {}),
        ],
        [
            ("NEGOTIATED_DISCOUNT", "50", {"token_class": "input_audio_tokens"}),
            ("NEGOTIATED_DISCOUNT", "50", {"token_class": "output_image_tokens"}),
        ],
        "26.5",
    ),
    (
        "3 images at 40,000 per million less 25 %",
        {"usage": {"units": 3, "unit": "image"}},
        [("units", "40000", {"unit": "image"})],
        [("NEGOTIATED_DISCOUNT", "25", {"token_class": "units"})],
        "0.09",
    ),
    (
        "a rate per image where there is no list price",
        {"usage": {"units": 3, "unit": "image"}},
        [],
        [("COMMITTED_RATE", "30000", {"currency": "USD", "token_class": "units"})],
        "0.09",
    ),
]


@pytest.mark.parametrize(
    ("call", "book", "terms", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_hand_computed(used, call, book, terms, expected):
    for token_class, per_million, fields in book:
        price(token_class, per_million, **fields)
    for kind, value, fields in terms:
        adjusted(kind, value, **fields)
    used(**call)
    total = margin(by=[], period=OCTOBER).total
    assert (total.cost, total.unpriced_events) == (Decimal(expected), 0)


# each line wins over those below it
PRECEDENCE = [
    ("plain contracted price", lambda: price("input_tokens", "1", kind="CONTRACTED"), "1"),
    (
        "committed rate of the model",
        lambda: adjusted("COMMITTED_RATE", "2", currency="USD", model="gpt-4o"),
        "2",
    ),
    (
        "committed rate of a longer pattern",
        lambda: adjusted("COMMITTED_RATE", "3", currency="USD", model="gpt-4*"),
        "3",
    ),
    (
        "committed rate of a shorter pattern",
        lambda: adjusted("COMMITTED_RATE", "4", currency="USD", model="gpt*"),
        "4",
    ),
    (
        "committed rate of region and tier",
        lambda: adjusted(
            "COMMITTED_RATE", "5", currency="USD", region="us", service_tier="default"
        ),
        "5",
    ),
    (
        "committed rate of the tier",
        lambda: adjusted("COMMITTED_RATE", "6", currency="USD", service_tier="default"),
        "6",
    ),
    (
        "committed rate of the provider",
        lambda: adjusted("COMMITTED_RATE", "7", currency="USD", provider_code="openai"),
        "7",
    ),
    (
        "committed rate of the class",
        lambda: adjusted("COMMITTED_RATE", "8", currency="USD", token_class="input_tokens"),
        "8",
    ),
    (
        "committed rate of a group of classes",
        lambda: adjusted("COMMITTED_RATE", "9", currency="USD", token_class="every_input"),
        "9",
    ),
    (
        "committed rate of everything",
        lambda: adjusted("COMMITTED_RATE", "10", currency="USD"),
        "10",
    ),
    (
        "discount of the model: 20 − 10 %",
        lambda: adjusted("NEGOTIATED_DISCOUNT", "10", model="gpt-4o"),
        "18",
    ),
    (
        "discount of the provider: 20 − 50 %",
        lambda: adjusted("NEGOTIATED_DISCOUNT", "50", provider_code="openai"),
        "10",
    ),
    ("list price", lambda: price("input_tokens", "20"), "20"),
]


def test_precedence(used):
    used(usage=MILLION, region="us")
    found = []
    for _, put, _ in reversed(PRECEDENCE):
        put()
        found.append(cost())
    assert found == [Decimal(each[2]) for each in reversed(PRECEDENCE)]


@pytest.mark.parametrize(
    "terms",
    [
        {"provider_code": "anthropic"},
        {"model": "gpt-4"},
        {"model": "gpt-5*"},
        {"region": "eu-*"},
        {"service_tier": "batch"},
        {"token_class": "every_output"},
        {"valid_to": "2026-10-05"},
        {"valid_from": "2026-10-06"},
        {"token_class": "units", "unit": "image"},
    ],
)
def test_terms_that_do_not_cover_a_call_leave_it(used, prices, terms):
    adjusted("NEGOTIATED_DISCOUNT", "50", **terms)
    used(usage=MILLION, region="us")
    assert cost() == Decimal("2.50")


def test_terms_hold_from_their_first_day_to_before_their_last(used, send, event, prices):
    adjusted("NEGOTIATED_DISCOUNT", "50", valid_from="2026-10-05", valid_to="2026-10-06")
    send([event(id=str(day), time=f"2026-10-0{day}T00:00:00Z", usage=MILLION) for day in (4, 5, 6)])
    fold()
    found = {row.key[0]: row.cost for row in margin(by=["day"], period=OCTOBER).rows}
    assert list(found.values()) == [Decimal("2.50"), Decimal("1.25"), Decimal("2.50")]


def test_more_than_ten_decimals_are_rounded_half_up_and_the_exact_price_kept(used):
    from usage.pricing import sku_books
    from usage.pricing.resolving import At

    price("input_tokens", "0.0000000005")
    adjusted("NEGOTIATED_DISCOUNT", "50")
    used(usage={"input_tokens": 10**12})
    [book] = sku_books()
    found = book.resolve(("input_tokens", ""), At(0, "", OCTOBER.start))
    assert (found.exact, found.per_million, found.is_rounded) == (
        Decimal("0.00000000025"), Decimal("0.0000000003"), True,
    )  # fmt: skip
    assert [type(each).__name__ for each in found.made_of] == ["Price", "PriceAdjustment"]
    assert cost() == Decimal("0.0003")


def test_a_factor_beyond_what_a_price_can_be_leaves_the_call_unpriced(used):
    price("input_tokens", "9999999999")
    adjusted("REGION_FACTOR", "1000", region="us")
    used(usage=MILLION, region="us")
    total = margin(by=[], period=OCTOBER).total
    assert (total.cost, total.unpriced_events) == (None, 1)


def test_the_database_forbids_two_of_the_same_key_on_one_day(db):
    adjusted("NEGOTIATED_DISCOUNT", "10", valid_to="2026-10-05")
    adjusted("NEGOTIATED_DISCOUNT", "20", valid_from="2026-10-05")
    adjusted("NEGOTIATED_DISCOUNT", "20", model="gpt-4o")
    with pytest.raises(ValueError, match="of the same key for some of these days"):
        adjusted("NEGOTIATED_DISCOUNT", "30", valid_from="2026-10-04")


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "NEGOTIATED_DISCOUNT", "value": "101"},
        {"kind": "NEGOTIATED_DISCOUNT", "value": "-1"},
        {"kind": "NEGOTIATED_DISCOUNT", "value": "1", "currency": "USD"},
        {"kind": "COMMITTED_RATE", "value": "1"},
        {"kind": "REGION_FACTOR", "value": "1"},
        {"kind": "TIER_FACTOR", "value": "1", "service_tier": "default"},
        {
            "kind": "NEGOTIATED_DISCOUNT", "value": "1", "valid_from": "2026-10-05",
            "valid_to": "2026-10-05",
        },
    ],
)  # fmt: skip
def test_the_database_forbids_terms_without_a_meaning(db, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        PriceAdjustment.objects.bulk_create([PriceAdjustment(name="x", **fields)])
    assert PriceAdjustment.objects.count() == 0
