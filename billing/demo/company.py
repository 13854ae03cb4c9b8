"""Who the demo company's customers are and how they use its product: seeded, told as a story."""

import random
from dataclasses import dataclass

SOURCE = "demo"
FEATURES = ("chat", "summarise", "search", "agents")
PLANS = {"starter": 49, "team": 199, "business": 799, "enterprise": 2900}
# A year is charged ten months.
YEARLY = 10
MONTHS = 13
_OWNERS = ("Dana Ortiz", "Priya Shah", "Tom Becker")
_NAMES = (
    "Alder", "Birch", "Cedar", "Dune", "Ember", "Fjord", "Grove", "Harbor", "Iris", "Juniper",
    "Kestrel", "Lumen", "Maple", "Nimbus", "Orchid", "Pine", "Quartz", "River", "Sable", "Tundra",
)  # fmt: skip
_KINDS = ("Labs", "Health", "Logistics", "Legal")


@dataclass(frozen=True, slots=True)
class Term:
    """A plan from one month of the story (0 is the first) to another, exclusive; None = on."""

    plan: str
    start: int = 0
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """A customer: `cost` is its AI cost in the last full month in USD, `growth` % a month."""

    external_id: str
    name: str
    terms: tuple[Term, ...]
    cost: int
    growth: int
    yearly: bool
    segment: str
    region: str
    owner: str
    trial: bool = False

    @property
    def plan(self) -> str:
        """The newest plan."""
        return self.terms[-1].plan

    def active(self, month: int) -> bool:
        """Whether it uses the product in a month of the story."""
        return any(t.start <= month and (t.end is None or month < t.end) for t in self.terms)


def accounts(count: int, seed: int) -> list[Account]:
    """Return the accounts: most keep money, a handful under water, one eroding month by month."""
    chance = random.Random(seed)  # noqa: S311 - a story, not a secret
    characters = _characters()
    found = []
    for index in range(max(0, count - len(characters))):
        name = f"{_NAMES[index % len(_NAMES)]} {_KINDS[index // len(_NAMES) % len(_KINDS)]}"
        plan = chance.choices(list(PLANS), weights=[26, 18, 11, 2])[0]
        share = min(82, max(7, round(23 * chance.lognormvariate(0, 0.5))))
        found.append(
            Account(
                external_id=name.lower().replace(" ", "-") + (f"-{index}" if index >= 80 else ""),
                name=name,
                terms=(Term(plan, chance.choice((0, 0, 0, 0, 2, 4, 7, 9))),),
                cost=max(3, PLANS[plan] * share // 100),
                growth=chance.randint(-2, 5),
                yearly=plan == "enterprise" or chance.random() < 0.15,
                segment=chance.choice(("startup", "mid-market", "enterprise")),
                region=chance.choice(("us", "eu", "apac")),
                owner=chance.choice(_OWNERS),
            )
        )
    return [*characters, *found]


def _characters() -> list[Account]:
    """The ones the story is about; month 12 is the last full one."""

    def one(
        key: str, name: str, terms: tuple[Term, ...], cost: int, growth: int,
        segment: str, region: str, *, yearly: bool = False, trial: bool = False,
    ) -> Account:  # fmt: skip
        owner = _OWNERS[len(name) % len(_OWNERS)]
        return Account(key, name, terms, cost, growth, yearly, segment, region, owner, trial)

    started, on_team = (Term("starter"),), (Term("team"),)
    grown = (Term("team", 0, 12), Term("business", 12))
    return [
        one("acme", "Acme Copywriting", started, 129, 4, "startup", "us"),
        one("northwind", "Northwind Trading", (Term("enterprise"),), 2660, 11, "enterprise", "eu",
            yearly=True),
        one("brightside", "Brightside Tutors", started, 61, 6, "startup", "eu"),
        one("pixelforge", "Pixelforge Games", on_team, 318, 5, "mid-market", "apac"),
        one("cobalt", "Cobalt Research", (Term("business", 3),), 934, 7, "mid-market", "us"),
        one("lakeside", "Lakeside Media", grown, 240, 8, "mid-market", "us"),
        one("finch", "Finch Analytics", (Term("team", 0, 12),), 70, 0, "startup", "eu"),
        one("saffron", "Saffron Foods", (Term("business", 12),), 190, 0, "mid-market", "apac"),
        one("tidewater", "Tidewater Bank", (Term("team", 11),), 36, 0, "enterprise", "us",
            trial=True),
    ]  # fmt: skip
