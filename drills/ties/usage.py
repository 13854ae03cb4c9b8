"""Random usage and prices of a year, sent through ingestion once; a part of it has no price."""

import datetime as dt
import json
from decimal import Decimal

from django.utils import timezone

from billing.models import BilledModel, ExchangeRate
from drills.ties.chance import FIRST, MONTHS, UNRATED, Chance
from drills.ties.load import load
from tknops.calendar import add_months
from usage.cube import fold
from usage.ingest import Outcome, ingest
from usage.models import Price, Source

YEAR = [add_months(dt.date(2025, 11, 1), n) for n in range(12)]
PROVIDERS = ("openai", "anthropic", "google", "mistral", "cohere")
MODELS = tuple(f"m{n}" for n in range(8))
CLASSES = ("input_tokens", "cache_read_tokens", "output_tokens")
# Names bills have for m0 and m1; the second is an alias known to nobody.
NAMES = {"m0": "m0-2026", "m1": "m1-latest"}
_PER_BATCH = 1_000


def use(chance: Chance, events: int) -> None:
    """Write rates and prices, and send the events."""
    _rates(chance)
    _prices(chance)
    for provider in PROVIDERS:
        BilledModel.objects.create(provider_code=provider, billed_name=NAMES["m0"], model="m0")
    source = Source.objects.create(name="ties")
    for first in range(0, events, _PER_BATCH):
        body = [_event(chance, first + n) for n in range(min(_PER_BATCH, events - first))]
        done = ingest(json.dumps(body).encode(), source=source, received_at=timezone.now())
        if (stored := done.count(Outcome.STORED)) != len(body):
            message = f"of {len(body)} events {stored} were stored: {done.rejected[:1]}"
            raise RuntimeError(message)
    fold()


def _event(chance: Chance, number: int) -> dict:
    month = chance.choice(YEAR)
    days = (add_months(month, 1) - month).days
    second = chance.choice((0, 86_399, chance.randrange(86_400)))
    moment = dt.datetime.combine(month, dt.time(), dt.UTC) + dt.timedelta(
        chance.choice((0, days - 1, chance.randrange(days))), second
    )
    names = chance.sample(CLASSES, chance.randrange(1, 4))
    return {
        "id": f"e{number}",
        "time": moment.isoformat().replace("+00:00", "Z"),
        "provider": chance.choice(PROVIDERS),
        "model": chance.choice(MODELS),
        "usage": {name: chance.randrange(1, 10 ** chance.randrange(1, 8)) for name in names},
    }


def _prices(chance: Chance) -> None:
    """Price most classes of most models, one model in a currency, one in an unrated one."""
    for provider in PROVIDERS:
        for model in MODELS[:-1]:
            for name in CLASSES:
                if not chance.one_in(6):
                    Price.objects.create(
                        provider_code=provider, model=model, token_class=name,
                        per_million=chance.exact(3, 10),
                        currency={"m4": "EUR", "m5": UNRATED}.get(model, "USD"),
                    )  # fmt: skip


def _rates(chance: Chance) -> None:
    """Publish rates as such, inverse and through the euro, with holes longer than one reaches."""
    rows = []
    now = timezone.now()
    for pair in (("EUR", "USD"), ("EUR", "GBP"), ("USD", "JPY"), ("KRW", "USD"),
                 ("KWD", "USD"), ("BHD", "EUR")):  # fmt: skip
        day = FIRST - dt.timedelta(60)
        while day < add_months(FIRST, MONTHS):
            rate = Decimal(chance.randrange(1, 10**14)).scaleb(-12)
            rows.append((len(rows) + 1, *pair, day, rate, "drill", now))
            day += dt.timedelta(chance.choice((1, 1, 3, 7, 20)))
    load(ExchangeRate, ("id", "base", "quote", "date", "rate", "source", "created_at"), rows)
