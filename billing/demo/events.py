"""The usage of the demo company as native events, day by day."""

import datetime as dt
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from billing.demo.company import MONTHS, Account
from billing.demo.gateway import behind_gateway, lose_customer
from tknops.calendar import add_months, month_start


@dataclass(frozen=True, slots=True)
class Call:
    """How a feature calls a model: prices in micro-USD per 1,000 tokens size the calls.

    `output` is output tokens per 100 of input, `cached` the share of input read from cache in %.
    """

    provider: str
    model: str
    input_price: int
    cached_price: int
    output_price: int
    output: int
    cached: int

    def input_tokens(self, micro: float) -> int:
        """Return how much input a call of that cost has."""
        cached = self.cached / 100
        per_token = (
            self.input_price * (1 - cached)
            + self.cached_price * cached
            + self.output_price * self.output / 100
        ) / 1000
        return max(200, round(micro / per_token))


# The models before the switch are sized by the prices after it: the tokens stay the same.
_GPT_4O = Call("openai", "gpt-4o", 1250, 125, 10000, 16, 45)
_SONNET = Call("anthropic", "claude-sonnet-4-5", 1000, 100, 5000, 12, 30)
_CHAT = Call("openai", "gpt-5.1", 1250, 125, 10000, 16, 45)
_HAIKU = Call("anthropic", "claude-haiku-4-5", 1000, 100, 5000, 12, 30)
SEARCH = Call("google", "gemini-2.5-flash", 300, 30, 2500, 8, 0)
# Sized by the contracted price, which holds in the last full month.
AGENTS = Call("anthropic", "claude-opus-4-5", 4250, 425, 21250, 15, 55)
# feature → (before, after) the switch of models in the middle; share of calls, weight of one.
MODELS = {
    "chat": ((_GPT_4O, _CHAT), 46, 60),
    "summarise": ((_SONNET, _HAIKU), 22, 70),
    "search": ((SEARCH, SEARCH), 18, 25),
    "agents": ((AGENTS, AGENTS), 14, 330),
}  # fmt: skip
_FAVOURITES = ("agents", "agents", "chat", "summarise")
_WEEKEND = 45
# Calls in % of an ordinary month: summer and the turn of the year are quiet.
_SEASON = {1: 92, 7: 88, 8: 84, 9: 102, 10: 106, 11: 104, 12: 80}
# Three services spell one stage in three ways.
_STAGES = ("production", "prod", "PROD")
_CHARACTERS = frozenset(("acme", "brightside", "pixelforge"))


@dataclass(slots=True)
class _Habit:
    """What an account does next: a shuffled deck of features and what is left of a call."""

    favourite: str
    left: float
    deck: list[str] = field(default_factory=list)

    @property
    def cards(self) -> list[str]:
        """Return the deck: each feature by its share, the favourite more often."""
        shares = {name: share // 2 for name, (_, share, _) in MODELS.items()}
        shares[self.favourite] += 14
        return [name for name, cards in shares.items() for _ in range(cards)]

    @property
    def mean(self) -> float:
        """Return the mean weight of a call."""
        cards = self.cards
        return sum(MODELS[name][2] for name in cards) / len(cards)

    def draw(self, chance: random.Random) -> str:
        """Take the next feature; a deck holds each by its share, so that a month is typical."""
        if not self.deck:
            self.deck = self.cards
            chance.shuffle(self.deck)
        return self.deck.pop()


def usage(
    people: list[Account], *, first: dt.date, last: dt.date, events: int, seed: int
) -> Iterator[dict[str, Any]]:
    """Yield at least `events` events from `first` to `last` inclusive, in order of time.

    The switch to cheaper models falls in the middle. A few events belong to a service that sends
    no customer, one feature runs on a model without a public price, and for a month a gateway
    loses some accounts' references.
    """
    chance = random.Random(seed)  # noqa: S311 - a story, not a secret
    days = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    load = {day: [_load(a, day, first) for a in people] for day in days}
    # Each account's last call may fall short of a whole one: one more each makes up for it.
    per_unit = (events + len(people)) / sum(sum(weights) for weights in load.values())
    # The last full month costs what the story says: its calls share the account's cost.
    full = add_months(month_start(first), MONTHS - 1)
    month = [day for day in days if month_start(day) == full] or days
    calls = [sum(load[day][i] for day in month) * per_unit for i in range(len(people))]
    habits = [_Habit(_FAVOURITES[i % 4], chance.random()) for i in range(len(people))]
    micro = [
        (a.cost * 1e6 / n if n else 40_000.0) / habit.mean
        for a, n, habit in zip(people, calls, habits, strict=True)
    ]
    switch = days[len(days) // 2]
    for day in days:
        due = []
        for index, account in enumerate(people):
            habits[index].left += load[day][index] * per_unit
            while habits[index].left >= 1:
                habits[index].left -= 1
                due.append((chance.randrange(86_400), index, account))
        for second, index, account in sorted(due, key=lambda one: one[:2]):
            feature = habits[index].draw(chance)
            event = _event(account, day, second, feature, micro[index], day >= switch, chance)
            if behind_gateway(day, first):
                lose_customer(event, second)
            yield event


def _load(account: Account, day: dt.date, first: dt.date) -> float:
    month = (day.year - first.year) * 12 + day.month - first.month
    if not account.active(month):
        return 0.0
    weekday = _WEEKEND if day.weekday() >= 5 else 100
    favour = 3 if account.external_id in _CHARACTERS else 1
    size: float = favour * account.cost**0.6
    season = _SEASON.get(day.month, 100)
    grown: float = (1 + account.growth / 100) ** (month - MONTHS + 1)
    return size * weekday * season * grown


def _event(
    account: Account,
    day: dt.date,
    second: int,
    feature: str,
    micro: float,
    switched: bool,  # noqa: FBT001 - before or after
    chance: random.Random,
) -> dict[str, Any]:
    moment = dt.datetime.combine(day, dt.time(), dt.UTC) + dt.timedelta(
        seconds=second, microseconds=chance.randrange(10**6)
    )
    calls, _, weight = MODELS[feature]
    call = calls[switched]
    # A mean of 1: exp(-0.35² ÷ 2) makes up for the long tail.
    spread = 0.9406 * chance.lognormvariate(0, 0.35)
    whole = call.input_tokens(micro * weight * spread)
    read = whole * call.cached // 100
    event: dict[str, Any] = {
        "id": _uuid7(moment, chance),
        "time": moment.isoformat().replace("+00:00", "Z"),
        "provider": call.provider,
        "model": call.model,
        "customer": account.external_id,
        "user": f"{account.external_id}-u{chance.randint(1, 6)}",
        "feature": feature,
        "environment": "production",
        "tags": {"stage": _STAGES[len(account.external_id) % len(_STAGES)]},
        "operation": "chat",
        "usage": {
            "input_tokens": whole - read,
            "cache_read_tokens": read,
            "output_tokens": whole * call.output // 100,
        },
    }
    dice = chance.random()
    if dice < 0.02 and account.external_id not in _CHARACTERS:
        del event["customer"], event["user"]
        event["team"] = "data"
    elif dice > 0.99:
        event |= {"provider": "self-hosted", "model": "inhouse-7b"}
    return event


def _uuid7(moment: dt.datetime, chance: random.Random) -> str:
    milliseconds = int(moment.timestamp() * 1000)
    value = milliseconds << 80 | 7 << 76 | chance.getrandbits(12) << 64
    return str(uuid.UUID(int=value | 2 << 62 | chance.getrandbits(62)))
