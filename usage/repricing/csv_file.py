"""Read a price CSV: one row a price, and its template."""

import csv
import datetime as dt
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from itertools import combinations
from typing import NoReturn

from django.conf import settings

from tknops.money import MILLION, round_half_up
from usage.ingest.providers import canonical
from usage.models import Price
from usage.pricing.catalogue import CSV, Catalogue, CataloguePrice
from usage.pricing.figures import DECIMALS
from usage.repricing.laying import key_of
from usage.tokens import PRICED, UNITS

COLUMNS = (
    "provider", "model", "service_tier", "region", "token_class", "unit", "threshold",
    "price_window", "kind", "per_million", "currency", "valid_from", "valid_to",
)  # fmt: skip
NEEDED = frozenset(("provider", "model", "token_class", "per_million"))
_LARGEST = MILLION * 10_000
_SHOWN = 10


class PriceFileError(ValueError):
    """A price file that cannot be read, and why, in sentences."""


def template() -> str:
    """Return the header and two example rows."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    first = {
        "provider": "openai", "model": "gpt-4o", "token_class": "input_tokens", "threshold": "0",
        "kind": "CONTRACTED", "per_million": "2.25", "currency": "USD",
        "valid_from": "2026-10-01",
    }  # fmt: skip
    writer.writerow(first)
    writer.writerow(first | {"token_class": UNITS, "unit": "image", "per_million": "40000"})
    return out.getvalue()


def read_csv(text: str, *, origin: str) -> Catalogue:
    """Read every row or none. Raises PriceFileError naming the lines."""
    rows = csv.DictReader(io.StringIO(text))
    names = [name.strip().lower() for name in rows.fieldnames or ()]
    if missing := NEEDED - set(names):
        message = f"{origin}: no column {', '.join(sorted(missing))}; known: {', '.join(COLUMNS)}"
        raise PriceFileError(message)
    rows.fieldnames = names
    prices: list[CataloguePrice] = []
    wrong: list[str] = []
    for number, row in enumerate(rows, start=2):
        try:
            prices.append(_price(row))
        except ValueError as error:
            wrong.append(f"line {number}: {error}")
    wrong.extend(_overlaps(prices))
    if wrong or not prices:
        more = f" … and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        message = f"{origin}: {'; '.join(wrong[:_SHOWN]) or 'no row'}{more}"
        raise PriceFileError(message)
    return Catalogue(version="", providers={}, prices=prices, aliases={}, source=CSV, origin=origin)


def _price(row: Mapping[str, str | None]) -> CataloguePrice:
    cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
    if not cells["provider"] or not cells["model"]:
        _wrong("provider and model are needed")
    token_class, unit = _one_of("token_class", cells["token_class"], PRICED), cells["unit"]
    if (token_class == UNITS) != bool(unit):
        _wrong("units need their name in unit, such as image; tokens have none")
    per_million, original = _money(cells["per_million"])
    valid_from, valid_to = _day(cells["valid_from"]), _day(cells["valid_to"])
    if valid_from and valid_to and valid_to <= valid_from:
        _wrong(f"the end {valid_to} is not after the start {valid_from}")
    return CataloguePrice(
        provider_code=canonical(cells["provider"]),
        model=cells["model"].lower(),
        service_tier=cells["service_tier"],
        region=cells["region"],
        token_class=token_class,
        unit=unit,
        threshold=_count(cells["threshold"] or "0"),
        price_window=cells["price_window"],
        per_million=per_million,
        original=original,
        valid_from=valid_from,
        valid_to=valid_to,
        kind=_one_of("kind", cells["kind"].upper() or "LIST", tuple(Price.Kind.values)),
        currency=_currency(cells["currency"] or settings.REPORTING_CURRENCY),
    )


def _money(text: str) -> tuple[Decimal, str]:
    """Return the price rounded half-up to its decimals, and the original where that changed it."""
    try:
        price = Decimal(text) if "_" not in text else Decimal("NaN")
    except InvalidOperation:
        price = Decimal("NaN")
    if not price.is_finite() or not 0 <= price < _LARGEST:
        _wrong(f"per_million {text!r} is no price such as 2.25, at least 0 and below {_LARGEST:,}")
    rounded = round_half_up(price, DECIMALS)
    return rounded, "" if rounded == price else text[:60]


def _day(text: str) -> dt.date | None:
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        _wrong(f"{text!r} is no day such as 2026-10-01")


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        _wrong(f"threshold {text!r} is no number of tokens such as 200000")
    return int(text)


def _currency(text: str) -> str:
    code = text.upper()
    if not (len(code) == 3 and code.isascii() and code.isalpha()):
        _wrong(f"{text!r} is no currency code such as USD or EUR")
    return code


def _one_of(name: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        _wrong(f"{name} {value!r} is not known; accepted: {', '.join(known)}")
    return value


def _wrong(message: str) -> NoReturn:
    raise ValueError(message)


def _overlaps(prices: list[CataloguePrice]) -> Iterator[str]:
    by_key = defaultdict(list)
    for price in prices:
        by_key[key_of(price)].append(price)
    for same in by_key.values():
        for one, other in combinations(same, 2):
            if _start(one) < _end(other) and _start(other) < _end(one):
                yield f"{one.provider_code} {one.model} {one.token_class} twice on the same days"


def _start(price: CataloguePrice) -> dt.date:
    return price.valid_from or dt.date.min


def _end(price: CataloguePrice) -> dt.date:
    return price.valid_to or dt.date.max
