"""Random price histories against a plain-Python resolver, and any change and back."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.margin import margin
from billing.margin.rendering import as_csv
from billing.reports.reprice import preview
from tests.billing.price_book import NOW, OCTOBER
from usage.cube import fold, refold
from usage.ingest import intern
from usage.models import Price, PriceAdjustment, Sku
from usage.pricing import PriceChange, price_rows
from usage.repricing import apply, revert
from usage.tokens import INPUT_TOKENS

FIRST = dt.date(2026, 10, 1)
NEVER, EVER = dt.date.max, dt.date.min
CLASSES = ("input_tokens", "cache_read_tokens", "output_tokens")
GROUPS = {
    "": lambda name: True,
    "every_input": lambda name: name in INPUT_TOKENS,
    "every_cache": lambda name: name.startswith("cache_"),
    **{name: name.__eq__ for name in CLASSES},
}
SIZES = {"": 14, "every_input": 9, "every_cache": 5}
days = st.one_of(st.none(), st.none(), st.integers(0, 30).map(lambda n: FIRST + dt.timedelta(n)))
figures = st.decimals(0, 100, places=4)


def spans(draw):
    start, end = draw(days), draw(days)
    if start and end and end <= start:
        start, end = (end, start) if end < start else (start, None)
    return {"valid_from": start, "valid_to": end}


@st.composite
def prices(draw):
    return {
        "provider_code": draw(st.sampled_from(["p", "p", "p", "q"])),
        "model": draw(st.sampled_from(["m", "m", "m", "n"])),
        "service_tier": draw(st.sampled_from(["", "", "batch"])),
        "region": draw(st.sampled_from(["", "", "us"])),
        "token_class": draw(st.sampled_from(CLASSES)),
        "threshold": draw(st.sampled_from([0, 0, 1000])),
        "kind": draw(st.sampled_from(["LIST", "LIST", "CONTRACTED"])),
        "per_million": draw(figures),
        "source": draw(st.sampled_from(["manual", "genai-prices"])),
        **spans(draw),
    }


@st.composite
def adjustments(draw):
    kind = draw(st.sampled_from(PriceAdjustment.Kind.values))
    cached = kind == "CACHE_FACTOR"
    return {
        "name": "a",
        "kind": kind,
        "value": draw(st.decimals(0, 100 if kind == "NEGOTIATED_DISCOUNT" else 5, places=3)),
        "currency": "USD" if kind == "COMMITTED_RATE" else "",
        "provider_code": draw(st.sampled_from(["", "p"])),
        "model": draw(st.sampled_from(["", "m", "m*", "n"])),
        "service_tier": "batch"
        if kind == "TIER_FACTOR"
        else draw(st.sampled_from(["", "default", "batch"])),
        "region": "us" if kind == "REGION_FACTOR" else draw(st.sampled_from(["", "us", "u*"])),
        "token_class": draw(
            st.sampled_from(["every_cache", "cache_read_tokens"] if cached else list(GROUPS))
        ),
        **spans(draw),
    }


def covers(row, day):
    return (row["valid_from"] or EVER) <= day < (row["valid_to"] or NEVER)


def rank(pattern):
    return (0, 0) if not pattern else (1 if "*" in pattern else 2, len(pattern.rstrip("*")))


def fits(pattern, text):
    if pattern.endswith("*"):
        return text.startswith(pattern[:-1])
    return pattern in {"", text}


def pick(terms, kind, sku, name, day):
    """Return the narrowest of a kind; the newest of equals."""
    provider, model, tier, region = sku
    found = [
        (
            (
                rank(row["model"]), rank(row["region"]), bool(row["service_tier"]),
                bool(row["provider_code"]), -SIZES.get(row["token_class"], 1), number,
            ),
            row,
        )
        for number, row in enumerate(terms)
        if row["kind"] == kind
        and row["provider_code"] in {"", provider}
        and fits(row["model"], model)
        and fits(row["region"], region)
        and row["service_tier"] in {"", tier or "default"}
        and GROUPS[row["token_class"]](name)
        and covers(row, day)
    ]  # fmt: skip
    return max(found, key=lambda each: each[0])[1] if found else None


def plain(book, kind, sku, name, band, day):
    provider, model, tier, region = sku
    found = [
        ((row["threshold"], bool(row["region"]), row["source"] == "manual", number), row)
        for number, row in enumerate(book)
        if (row["kind"], row["provider_code"], row["model"]) == (kind, provider, model)
        and row["service_tier"] == tier
        and row["region"] in {"", region}
        and row["token_class"] == name
        and row["threshold"] <= band
        and covers(row, day)
    ]
    return Fraction(max(found, key=lambda each: each[0])[1]["per_million"]) if found else None


def listed(book, terms, asked, sku, name, band, day, done=frozenset()):
    """`asked` is what was bought: terms cover that, whatever price they lead to."""
    provider, model, tier, region = sku
    kinds = ["TIER_FACTOR", "REGION_FACTOR"]
    if name == "cache_read_tokens":
        kinds.insert(0, "CACHE_FACTOR")
    for kind in kinds:
        factor = None if kind in done else pick(terms, kind, asked, name, day)
        if factor:
            parent = {
                "CACHE_FACTOR": (sku, "input_tokens"),
                "TIER_FACTOR": ((provider, model, "", region), name),
                "REGION_FACTOR": ((provider, model, tier, ""), name),
            }[kind]
            base = listed(book, terms, asked, *parent, band, day, done | {kind})
            return None if base is None else base * Fraction(factor["value"])
    return plain(book, "LIST", sku, name, band, day)


def expected(book, terms, sku, name, band, day):
    found = plain(book, "CONTRACTED", sku, name, band, day)
    if found is not None:
        return rounded(found)
    rate = pick(terms, "COMMITTED_RATE", sku, name, day)
    if rate:
        return Decimal(rate["value"])
    found = listed(book, terms, sku, sku, name, band, day)
    discount = pick(terms, "NEGOTIATED_DISCOUNT", sku, name, day)
    if found is not None and discount:
        found *= 1 - Fraction(discount["value"]) / 100
    return None if found is None else rounded(found)


def rounded(price):
    scaled = price * 10**10
    return Decimal((2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)).scaleb(
        -10
    )


def stored(model, rows):
    """Store those the database lets in; return them, the oldest first."""
    kept = []
    for row in rows:
        try:
            with transaction.atomic():
                model.objects.create(**row)
        except IntegrityError:
            continue
        kept.append(row)
    return kept


@pytest.mark.django_db(transaction=False)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    book=st.lists(prices(), max_size=12),
    terms=st.lists(adjustments(), min_size=4, max_size=12),
    asked=st.lists(st.integers(-1, 31), min_size=1, max_size=6, unique=True),
)
def test_any_history_resolves_as_a_plain_reading_of_the_rules(book, terms, asked):
    with transaction.atomic():
        skus = [
            Sku.objects.create(
                provider_code=provider, model=model, service_tier=tier, region=region
            )
            for provider, model in (("p", "m"), ("q", "n"))
            for tier in ("default", "batch")
            for region in ("", "us")
        ]
        ground = [
            {
                "provider_code": "p",
                "model": "m",
                "service_tier": "",
                "region": "",
                "token_class": name,
                "threshold": 0,
                "kind": "LIST",
                "source": "genai-prices",
                "per_million": Decimal(7),
                "valid_from": None,
                "valid_to": None,
            }
            for name in CLASSES
        ]
        book, terms = stored(Price, [*ground, *book]), stored(PriceAdjustment, terms)
        rows = price_rows()
        models = {(row["provider_code"], row["model"]) for row in book}
        for sku in skus:
            tier = "" if sku.service_tier == "default" else sku.service_tier
            bought = (sku.provider_code, sku.model, tier, sku.region)
            cuts = {
                row["threshold"] for row in book
                if (row["provider_code"], row["model"]) == bought[:2]
            } | {0} if bought[:2] in models else {0}  # fmt: skip
            for day in (FIRST + dt.timedelta(n) for n in asked):
                for band in cuts:
                    found = [
                        row for row in rows
                        if (row.sku_id, row.band) == (sku.pk, band) and row.start <= day < row.end
                    ]  # fmt: skip
                    ours = found[0].tokens if found else {}
                    theirs = {
                        name: expected(book, terms, bought, name, band, day) for name in CLASSES
                    }
                    assert len(found) <= 1
                    assert {name: ours.get(name) for name in CLASSES} == theirs
        transaction.set_rollback(True)


@st.composite
def changes(draw):
    return draw(st.lists(prices(), max_size=3)), draw(st.lists(adjustments(), max_size=2))


@pytest.mark.django_db(transaction=False)
@settings(
    max_examples=7, deadline=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(
    first=st.lists(prices(), max_size=6),
    steps=st.lists(changes(), min_size=1, max_size=3),
    sizes=st.lists(st.integers(1, 2000), min_size=1, max_size=4),
)
def test_any_changes_are_as_shown_and_taken_back_leave_no_trace(first, steps, sizes, send, event):
    with transaction.atomic():
        calls = [
            event(id=str(number), provider=provider, model=model, region=region,
                  time=f"2026-10-{1 + number * 7:02}T12:00:00Z",
                  usage={"input_tokens": size, "cache_read_tokens": size, "output_tokens": 3})
            for number, (size, (provider, model), region) in enumerate(
                zip(sizes, [("p", "m"), ("q", "n")] * 2, ["", "us", "us", ""], strict=False)
            )
        ]  # fmt: skip
        intern.forget()
        stored(Price, first)
        send(calls)
        fold()
        assert margin(by=[], period=OCTOBER).total.events == len(calls)
        seen = [_rows()]
        revisions = []
        for book, terms in steps:
            change = PriceChange(
                prices=tuple(Price(**row) for row in book),
                adjustments=tuple(PriceAdjustment(**row) for row in terms),
            )
            if not change:
                continue
            before = _cost()
            shown = preview(change, period=OCTOBER)
            try:
                revisions.append(apply(change, now=NOW))
            except ValueError:
                assert _rows() == seen[-1]
                continue
            refold()
            assert (_cost() or 0) - (before or 0) == shown.total
            seen.append(_rows())
        for revision in reversed(revisions):
            assert _rows() == seen.pop()
            revert(revision=revision, user=None, now=NOW)
            refold()
        assert _rows() == seen.pop()
        transaction.set_rollback(True)


def _rows():
    return as_csv(margin(by=["model", "day", "region"], period=OCTOBER))


def _cost():
    return margin(by=[], period=OCTOBER).total.cost
