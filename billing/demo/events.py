"""The usage of the demo company as native events, day by day."""

import datetime as dt
import random
import uuid
from collections.abc import Iterator
from typing import Any

from billing.demo.company import FEATURES, Account

# feature → (before, after) the model switch: provider, model, input and output tokens, cached %.
MODELS = {
    "chat": (("openai", "gpt-4o", 2600, 420, 35), ("openai", "gpt-5-mini", 2600, 480, 45)),
    "summarise": (
        ("anthropic", "claude-sonnet-4-5", 5200, 600, 30),
        ("anthropic", "claude-haiku-4-5", 5200, 600, 30),
    ),
    "search": (
        ("google", "gemini-2.5-flash", 3800, 260, 0),
        ("google", "gemini-2.5-flash", 3800, 260, 0),
    ),
    "agents": (
        ("anthropic", "claude-sonnet-4-5", 9000, 1500, 55),
        ("anthropic", "claude-sonnet-4-5", 9000, 1500, 55),
    ),
}  # fmt: skip
_WEIGHTS = (52, 22, 18, 8)
_WEEKEND = 45


def usage(
    people: list[Account], *, first: dt.date, last: dt.date, events: int, seed: int
) -> Iterator[dict[str, Any]]:
    """Yield about `events` events from `first` to `last` inclusive, in order of time.

    The switch to cheaper models falls in the middle. A few events belong to a service that sends
    no customer, and one feature runs on a model without a public price.
    """
    chance = random.Random(seed)  # noqa: S311 - a story, not a secret
    days = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    load = {day: _load(people, day, last) for day in days}
    per_unit = events / sum(sum(weights) for weights in load.values())
    for day in days:
        share = sum(load[day]) * per_unit
        count = int(share) + (chance.random() < share % 1)
        chosen = chance.choices(people, weights=load[day], k=count)
        seconds = sorted(chance.randrange(86_400) for _ in chosen)
        for account, second in zip(chosen, seconds, strict=True):
            yield _event(account, day, second, int(day > days[len(days) // 2]), chance)


def _load(people: list[Account], day: dt.date, last: dt.date) -> list[float]:
    weekend = _WEEKEND if day.weekday() >= 5 else 100
    months = (last - day).days / 30
    return [a.thirst * weekend * (1 + a.growth / 100) ** -months for a in people]


def _event(
    account: Account,
    day: dt.date,
    second: int,
    switched: int,
    chance: random.Random,
) -> dict[str, Any]:
    moment = dt.datetime.combine(day, dt.time(), dt.UTC) + dt.timedelta(
        seconds=second, microseconds=chance.randrange(10**6)
    )
    feature = chance.choices(FEATURES, weights=_WEIGHTS)[0]
    provider, model, size, out, cached = MODELS[feature][switched]
    spread = account.appetite * chance.lognormvariate(2.55, 0.5)
    read = round(size * spread * cached / 100)
    event: dict[str, Any] = {
        "id": _uuid7(moment, chance),
        "time": moment.isoformat().replace("+00:00", "Z"),
        "provider": provider,
        "model": model,
        "customer": account.external_id,
        "user": f"{account.external_id}-u{chance.randint(1, 6)}",
        "feature": feature,
        "environment": "production",
        "operation": "chat",
        "usage": {
            "input_tokens": round(size * spread) - read,
            "cache_read_tokens": read,
            "output_tokens": round(out * spread),
        },
    }
    dice = chance.random()
    if dice < 0.02:
        del event["customer"], event["user"]
        event["team"] = "data"
    elif dice < 0.03:
        event |= {"provider": "self-hosted", "model": "inhouse-7b"}
    return event


def _uuid7(moment: dt.datetime, chance: random.Random) -> str:
    milliseconds = int(moment.timestamp() * 1000)
    value = milliseconds << 80 | 7 << 76 | chance.getrandbits(12) << 64
    return str(uuid.UUID(int=value | 2 << 62 | chance.getrandbits(62)))
