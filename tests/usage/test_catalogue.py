"""What the installed catalogue publishes becomes price rows, and nothing else does."""

import collections
from decimal import Decimal

import pytest
from genai_prices import data
from genai_prices.types import ModelPrice

from usage.pricing import ModelMatcher
from usage.pricing.catalogue import read_catalogue
from usage.pricing.figures import TOKEN_FIELDS, UNIT_FIELDS, class_prices, scaled
from usage.tokens import TOKENS, UNIT_NAMES


@pytest.fixture(scope="module")
def catalogue():
    return read_catalogue()


@pytest.fixture(scope="module")
def matcher(catalogue):
    models = {(price.provider_code, price.model) for price in catalogue.prices}
    return ModelMatcher(models, catalogue.aliases)


def figures():
    for provider in data.providers:
        for model in provider.models:
            rows = [model.prices] if isinstance(model.prices, ModelPrice) else model.prices
            for row in (*rows, *(model.price_variants or ())):
                yield from getattr(row, "prices", row).__dict__


def test_every_figure_of_the_catalogue_has_a_class_or_unit():
    assert set(figures()) - TOKEN_FIELDS.keys() - UNIT_FIELDS.keys() == set()


def test_classes_and_units_are_ours():
    assert set(TOKEN_FIELDS.values()) == set(TOKENS)
    assert {unit for unit, _ in UNIT_FIELDS.values()} <= set(UNIT_NAMES)


def test_no_price_is_stated_twice(catalogue):
    keys = collections.Counter(
        (
            price.provider_code, price.model, price.service_tier, price.region, price.token_class,
            price.unit, price.threshold, price.price_window, price.valid_from,
        )
        for price in catalogue.prices
    )  # fmt: skip
    assert [key for key, count in keys.items() if count > 1] == []


ROWS = [
    # provider, model, tier, region, class or unit, per million
    ("anthropic", "claude-opus-4-8", "", "", "input_tokens", "5"),
    ("anthropic", "claude-opus-4-8", "", "us", "input_tokens", "5.5"),
    ("anthropic", "claude-opus-4-8", "batch", "us", "output_tokens", "13.75"),
    ("anthropic", "claude-opus-4-8", "fast", "", "output_tokens", "50"),
    ("anthropic", "claude-opus-4-8", "", "", "search", "10000"),
    ("aws", "anthropic.claude-sonnet-4-5-20250929-v1:0", "", "", "input_tokens", "3.3"),
    ("aws", "anthropic.claude-sonnet-4-5-20250929-v1:0", "", "global", "input_tokens", "3"),
    ("google", "gemini-2.5-flash", "", "", "cache_read_audio_tokens", "0.1"),
    ("google", "gemini-embedding-2", "", "", "input_video_tokens", "12"),
    ("openai", "gpt-realtime", "", "", "cache_read_image_tokens", "0.5"),
    ("openai", "whisper-1", "", "", "second", "100"),
    ("groq", "whisper-large-v3", "", "", "second", "30.8333333333"),
    ("mistral", "mistral-ocr-2512", "batch", "", "page", "1000"),
    ("openai", "tts-1", "", "", "character", "15"),
    ("azure", "gpt-4o", "", "", "cache_read_tokens", "1.25"),
]


@pytest.mark.parametrize(("provider", "model", "tier", "region", "name", "per_million"), ROWS)
def test_price_as_published(catalogue, provider, model, tier, region, name, per_million):
    found = [
        price.per_million
        for price in catalogue.prices
        if (price.provider_code, price.model, price.service_tier, price.region)
        == (provider, model, tier, region)
        and name in {price.token_class, price.unit}
        and not price.threshold
    ]
    assert found == [Decimal(per_million)]


def test_us_factor_is_of_newer_claude_models_and_tokens_alone(catalogue):
    in_us = [price for price in catalogue.prices if price.region == "us"]
    assert {price.provider_code for price in in_us} == {"anthropic"}
    assert {price.unit for price in in_us} == {""}
    assert {"claude-opus-4-5", "claude-haiku-4-5"} & {price.model for price in in_us} == set()


def test_resold_models_have_no_tiers_of_their_maker(catalogue):
    tiers = {price.service_tier for price in catalogue.prices if price.provider_code == "azure"}
    assert tiers == {""}


@pytest.mark.parametrize(
    ("figures", "cached_audio", "cached_image"),
    [
        ({"input_mtok": 4, "cache_read_mtok": 1}, 1, 1),
        ({"input_mtok": 4, "cache_read_mtok": 1, "input_audio_mtok": 9}, 9, 1),
        ({"input_mtok": 4, "cache_read_mtok": 1, "cache_audio_read_mtok": 2}, 2, 1),
        ({"input_mtok": 4}, 4, 4),
        ({"output_mtok": 4}, None, None),
    ],
)
def test_class_without_a_figure_costs_what_its_parent_costs(figures, cached_audio, cached_image):
    found = {name: figure for name, _, figure, _ in class_prices(figures)}
    assert found.get("cache_read_audio_tokens") == cached_audio
    assert found.get("cache_read_image_tokens") == cached_image


def test_hour_write_without_a_price_has_no_parent():
    assert "cache_write_1h_tokens" not in {row[0] for row in class_prices({"input_mtok": 4})}


@pytest.mark.parametrize(
    ("price", "per", "result"),
    [
        ("2.50", 1_000_000, (Decimal("2.5"), "")),
        ("10", 1000, (Decimal(10_000), "")),
        ("0.111", 3600, (Decimal("30.8333333333"), "0.111 per 3600")),
        ("0.123456789012", 1_000_000, (Decimal("0.1234567890"), "0.123456789012 per 1000000")),
    ],
)
def test_rounded_price_keeps_the_source_figure(price, per, result):
    assert scaled(Decimal(price), per) == result


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("anthropic.claude-sonnet-4-5-20250929-v1:0", "anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("anthropic.claude-opus-4-5-20251101-v1:0", "anthropic.claude-opus-4-5-v1:0"),
        ("anthropic.claude-opus-4-6-v1", "anthropic.claude-opus-4-6-v1:0"),
        ("anthropic.claude-sonnet-4-6", "anthropic.claude-sonnet-4-6-v1:0"),
        ("amazon.nova-lite-v1:0", "amazon.nova-lite-v1:0"),
        ("anthropic.claude-opus-4-5-v2:0", None),
    ],
)
def test_bedrock_id_finds_its_model(matcher, name, model):
    assert matcher.match("aws", name) == model
