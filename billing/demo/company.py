"""Who the demo company's customers are and how they use its product: seeded, told as a story."""

import random
from dataclasses import dataclass

SOURCE = "demo"
FEATURES = ("chat", "summarise", "search", "agents")
PLANS = {"starter": 49, "team": 199, "business": 799, "enterprise": 2900}
_NAMES = (
    "Alder", "Birch", "Cedar", "Dune", "Ember", "Fjord", "Grove", "Harbor", "Iris", "Juniper",
    "Kestrel", "Lumen", "Maple", "Nimbus", "Orchid", "Pine", "Quartz", "River", "Sable", "Tundra",
)  # fmt: skip
_KINDS = ("Labs", "Health", "Logistics", "Legal")


@dataclass(frozen=True, slots=True)
class Account:
    """A customer: `thirst` scales its calls, `appetite` their size, `growth` is % a month."""

    external_id: str
    name: str
    plan: str
    thirst: int
    growth: int
    yearly: bool
    segment: str
    region: str
    trial: bool = False
    appetite: int = 1


def accounts(count: int, seed: int) -> list[Account]:
    """Return the accounts: most healthy, a handful under water, one eroding month by month."""
    chance = random.Random(seed)  # noqa: S311 - a story, not a secret
    found = []
    for index in range(count):
        name = f"{_NAMES[index % len(_NAMES)]} {_KINDS[index // len(_NAMES) % len(_KINDS)]}"
        plan = chance.choices(list(PLANS), weights=[28, 18, 11, 3])[0]
        share = {"starter": 10, "team": 42, "business": 170, "enterprise": 520}[plan]
        found.append(
            Account(
                external_id=name.lower().replace(" ", "-") + (f"-{index}" if index >= 80 else ""),
                name=name,
                plan=plan,
                thirst=max(2, round(share * chance.lognormvariate(0, 0.5))),
                growth=chance.randint(-4, 9),
                yearly=plan == "enterprise" or chance.random() < 0.15,
                segment=chance.choice(("startup", "mid-market", "enterprise")),
                region=chance.choice(("us", "eu", "apac")),
                trial=index == count - 1,
            )
        )
    return [*_characters(), *found[: max(0, count - 4)]]


def _characters() -> list[Account]:
    """The ones the story is about."""
    return [
        Account("acme", "Acme Copywriting", "starter", 87, 0, False, "startup", "us", appetite=5),
        Account(
            "northwind",
            "Northwind Trading",
            "enterprise",
            2800,
            22,
            True,
            "enterprise",
            "eu",
            appetite=3,
        ),
        Account(
            "brightside", "Brightside Tutors", "starter", 56, 3, False, "startup", "eu", appetite=5
        ),
        Account(
            "pixelforge",
            "Pixelforge Games",
            "team",
            390,
            6,
            False,
            "mid-market",
            "apac",
            appetite=5,
        ),
    ]
