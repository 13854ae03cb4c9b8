"""What may be picked: dimensions in groups, and the values of one, ranked by money."""

from dataclasses import dataclass
from decimal import Decimal

from billing.margin import margin
from billing.measures import ATTRIBUTE, DIMENSIONS, TAG, dimension
from billing.reports.rows import SPECIAL, name
from customers.models import CustomerAttribute
from tknops.calendar import Period
from usage.models import TagKey

_TAGS = 200
_VALUES = 50
Group = tuple[str, list[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a dimension with what its calls cost and what it pays, None = unknown."""

    key: str
    label: str
    cost: Decimal | None
    revenue: Decimal | None


def groups() -> list[Group]:
    """List every dimension, the most used tags and all customer attributes in groups."""
    names = CustomerAttribute.objects.order_by("name").values_list("name", flat=True).distinct()
    tags = TagKey.objects.order_by("-distinct_values", "key").values_list("key", flat=True)[:_TAGS]
    shared = [one for one in DIMENSIONS.values() if one.has_revenue]
    used = [one for one in DIMENSIONS.values() if not one.has_revenue]
    found: list[Group] = [
        ("Revenue and cost", [(one.name, one.label) for one in shared]),
        ("Customer attributes", _labels(ATTRIBUTE, list(names))),
        ("Cost only", [(one.name, one.label) for one in used]),
        ("Tags", _labels(TAG, sorted(tags))),
    ]
    return [(label, options) for label, options in found if options]


def _labels(prefix: str, names: list[str]) -> list[tuple[str, str]]:
    return [(prefix + one, dimension(prefix + one).label) for one in names]


def values(of: str, period: Period, *, text: str = "", most: int = _VALUES) -> list[Value]:
    """List a dimension's values in a period, the dearest first; the cube is asked, no ledger.

    `text` keeps those whose key or name contains it.
    """
    report = margin(by=[of], period=period)
    wanted = text.casefold()
    found = [
        Value(row.key[0], name(report, of, row.key[0]), row.cost, row.revenue)
        for row in report.rows
    ]
    found = [one for one in found if wanted in f"{one.key}\n{one.label}".casefold()]
    found.sort(key=lambda one: (one.key in SPECIAL, -_money(one), one.key))
    return found[:most]


def key_of(of: str, text: str, period: Period) -> str:
    """Return the key of what a person typed: a key, else a name, else the text itself."""
    report = margin(by=[of], period=period)
    keys = {row.key[0] for row in report.rows}
    if text in keys:
        return text
    named = {name(report, of, key).casefold(): key for key in sorted(keys, reverse=True)}
    return named.get(text.casefold(), text)


def _money(one: Value) -> Decimal:
    return max(one.cost or Decimal(0), one.revenue or Decimal(0))
