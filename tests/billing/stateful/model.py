"""What every report must say, in plain Python: dictionaries, loops and fractions."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

from tests.billing.stateful.income import contract_of_day, part, share_of_line, shares

UNATTRIBUTED, NO_PLAN, NOT_SPLIT, NONE = "(unattributed)", "(no plan)", "(not split)", "(none)"
INPUTS = ("input_tokens", "cache_read_tokens")
PRICED = (*INPUTS, "output_tokens", "units")
COUNTED = (*PRICED, "reasoning_tokens")
WITH_REVENUE = ("customer", "plan", "day", "month", "customer.tier")
CURRENCY = "USD"


@dataclass(frozen=True)
class Call:
    """One call as sent; a call is all of its circumstances but id, time, counts and stated cost."""

    id: str
    time: dt.datetime
    sent: tuple  # (name, value) pairs: customer, feature, user, team, model, outcome, unit, release
    counts: tuple  # (name, quantity) pairs
    stated: tuple | None  # (decimal text, currency)


class Steps:
    """A value over time: each change holds from its day until the next; None is nothing."""

    def __init__(self):
        self.changes = {}

    def set(self, day, value):
        self.changes = {d: v for d, v in self.changes.items() if d < day} | {day: value}

    def at(self, day):
        held = [d for d in self.changes if d <= day]
        return self.changes[max(held)] if held else None

    def spans(self):
        """List (from, to or None, value) of what is not nothing."""
        days = sorted(self.changes)
        ends = [*days[1:], None]
        return [
            (d, end, self.changes[d])
            for d, end in zip(days, ends, strict=True)
            if self.changes[d] is not None
        ]


@dataclass
class Stay:
    """A subscription: `price` for `months` months."""

    id: str
    customer: str
    plan: str
    price: Decimal
    months: int
    start: dt.date
    end: dt.date | None = None
    trial_end: dt.date | None = None


@dataclass
class Bill:
    """An invoice line without a plan."""

    customer: str
    minor: int
    start: dt.date
    end: dt.date


@dataclass
class Rule:
    """What sets one meaning of the calls that were sent with a value, on some days."""

    effect: str
    target: str
    field: str
    value: str
    overrides: bool
    start: dt.date | None
    end: dt.date | None

    def decides(self, effect, sent, day, *, known):
        """Whether it sets this meaning; one that fills leaves alone what a reference says."""
        return (
            (self.effect, self.value) == (effect, sent[self.field])
            and (self.overrides or not known)
            and (self.start or day) <= day < (self.end or dt.date.max)
        )


@dataclass
class Row:
    """Figures of a cell; money in fractions."""

    events: int = 0
    lines: int = 0
    counts: dict = field(default_factory=lambda: dict.fromkeys(COUNTED, 0))
    money: Fraction = Fraction(0)
    priced: int = 0
    unpriced: int = 0
    unpriced_events: int = 0
    unpriced_tokens: int = 0
    stated: Fraction | None = None
    revenue: Fraction | None = None
    of_revenue: dict = field(default_factory=lambda: {"money": 0, "priced": 0, "unpriced": 0})

    @property
    def cost(self):
        return None if self.unpriced and not self.priced else self.money

    @property
    def cost_of_revenue(self):
        part = self.of_revenue
        return None if part["unpriced"] and not part["priced"] else part["money"]


class Model:
    def __init__(self, zone):
        self.zone = zone
        self.calls = {}  # id → call; the first of an id stays
        self.folded = set()
        self.prices = defaultdict(Steps)  # (model, class, threshold, kind) → per million
        self.names = defaultdict(dict)  # customer, feature … → reference → who it is
        self.rules = []  # in force, the first to decide first
        self.meant = {}  # circumstances → names and rules when they were last derived
        self.tiers = defaultdict(Steps)  # customer → tier
        self.stays = []
        self.bills = []
        self.pools = []  # minor units of shared cost, over days of the whole period

    def take(self, call):
        """Return what becomes of a call that is sent."""
        first = self.calls.setdefault(call.id, call)
        if first is call:
            return "stored"
        return "duplicate" if first == call else "conflict"

    def fold(self, *, all_derived=True):
        new = self.calls.keys() - self.folded
        self.folded |= new
        self.derive({self.calls[one].sent for one in new})
        if all_derived:
            self.derive({call.sent for call in self.calls.values()})

    def derive(self, circumstances):
        names = {kind: dict(known) for kind, known in self.names.items()}
        self.meant |= dict.fromkeys(circumstances, (names, [replace(one) for one in self.rules]))

    def price(self, model, name, day, band):
        """The contracted price before the list price, of the highest threshold up to the band."""
        for kind in ("CONTRACTED", "LIST"):
            for key in sorted(self.prices, key=lambda key: -key[2]):
                wanted = (key[0], key[1], key[3]) == (model, name, kind) and key[2] <= band
                if wanted and (found := self.prices[key].at(day)) is not None:
                    return Fraction(found)
        return None

    def cells(self, start, end):
        """Sum the folded calls of these days under what folding tells apart."""
        sums = {}
        for one in self.folded:
            call = self.calls[one]
            counts = dict(call.counts)
            day = call.time.astimezone(self.zone).date()
            if not start <= day < end:
                continue
            total = sum(counts.get(name, 0) for name in INPUTS)
            model = dict(call.sent)["model"]
            thresholds = {key[2] for key in self.prices if key[0] == model}
            band = max((t for t in thresholds if 0 < t < total), default=0)
            classes = tuple(name for name in PRICED if counts.get(name))
            currency = call.stated[1] if call.stated else ""
            utc_day = call.time.astimezone(dt.UTC).date()
            key = (day, utc_day, call.sent, band, classes, currency)
            row = sums.setdefault(key, Row())
            row.events += 1
            row.lines += 1
            for name, count in counts.items():
                row.counts[name] += count
            if currency == CURRENCY:
                row.stated = (row.stated or 0) + Fraction(call.stated[0])
        return sums

    def report(self, by, start, end, filters, attributes_on=None):
        """Return the rows of a report: key → figures."""
        asked = (*by, *filters)
        rows = defaultdict(Row)
        for (day, _, sent, band, classes, _), whole in self.cells(start, end).items():
            labels = self.labels(dict(sent), self.meant[sent], day, attributes_on or day)
            for plan, row in self.split(labels["customer"], day, whole, cut="plan" in asked):
                here = labels | {"plan": plan}
                if all(here[name] in keys for name, keys in filters.items()):
                    self.add(rows[tuple(here[name] for name in by)], row, here, day, band, classes)
        if all(name in WITH_REVENUE for name in filters):
            self.earn(rows, by, start, end, filters, attributes_on)
        return dict(rows)

    def labels(self, sent, meant, day, attribute_day):
        names, rules = meant

        def who(kind, none):
            known = names.get(kind, {}).get(sent.get(kind))
            for rule in rules:
                if rule.decides(kind, sent, day, known=known):
                    return rule.target
            return known or none

        customer = who("customer", UNATTRIBUTED)
        tier = self.tiers[customer].at(attribute_day) if customer in self.tiers else None
        return {
            "customer": customer,
            "feature": who("feature", UNATTRIBUTED),
            "team": who("team", NONE),
            "end_user": who("user", sent["user"] or NONE),
            "cost_class": who("cost_class", "COGS"),
            "model": sent["model"],
            "provider": "p",
            "source": "tests",
            "outcome": sent["outcome"],
            "unit": sent["unit"] or NONE,
            "customer_reference": sent["customer"] or NONE,
            "environment": NONE,
            "tag.release": sent["release"] or NONE,
            "customer.tier": tier or NONE,
            "day": f"{day:%Y-%m-%d}",
            "month": f"{day:%Y-%m}",
        }

    def split(self, customer, day, whole, *, cut):
        """Cut what stands in one cell over the customer's plans of the day, in integers."""
        plans = shares(self.stays, customer, day) if cut else []
        if len(plans) < 2:
            return [(plans[0][0] if plans else NO_PLAN, whole)]
        found = []
        for plan, begin, end in plans:
            row = Row(
                events=part(whole.events, begin, end),
                lines=part(whole.lines, begin, end),
                counts={name: part(n, begin, end) for name, n in whole.counts.items()},
                stated=whole.stated if begin == 0 < end else None,
            )
            found.append((plan, row))
        return found

    def add(self, to, row, labels, day, band, classes):
        """Price a cell's counts and add them."""
        to.events += row.events
        if row.stated is not None:
            to.stated = (to.stated or 0) + row.stated
        for name, count in row.counts.items():
            to.counts[name] += count
        lacking = False
        for name in PRICED:
            price = self.price(labels["model"], name, day, band)
            count = row.counts[name]
            parts = [vars(to), to.of_revenue] if labels["cost_class"] == "COGS" else [vars(to)]
            for part_of in parts:
                part_of["unpriced" if price is None else "priced"] += count
                part_of["money"] += (
                    count * (price or 0) / Fraction(10 ** (12 if name == "units" else 6))
                )
            if price is None:
                to.unpriced_tokens += count if name != "units" else 0
                lacking = lacking or name in classes
        to.unpriced_events += row.lines if lacking else 0

    def earn(self, rows, by, start, end, filters, attributes_on):
        """Add revenue day by day; what revenue does not know reads '(not split)'."""
        for n in range((end - start).days):
            day = start + dt.timedelta(n)
            for customer, plan, minor in self.income(day):
                on = attributes_on or day
                tier = self.tiers[customer].at(on) if customer in self.tiers else None
                labels = {
                    "customer": customer,
                    "plan": plan,
                    "day": f"{day:%Y-%m-%d}",
                    "month": f"{day:%Y-%m}",
                    "customer.tier": tier or NONE,
                }
                if minor and all(labels[name] in keys for name, keys in filters.items()):
                    row = rows[tuple(labels.get(name, NOT_SPLIT) for name in by)]
                    row.revenue = (row.revenue or 0) + Fraction(minor, 100)

    def income(self, day):
        """List what each customer and plan earns on a day, in minor units."""
        for bill in self.bills:
            if bill.start <= day < bill.end:
                yield bill.customer, NO_PLAN, share_of_line(bill, day)
        billed = {bill.customer for bill in self.bills if bill.start <= day < bill.end}
        for stay in self.stays:
            if stay.customer not in billed:
                yield stay.customer, stay.plan, contract_of_day(stay, day)
