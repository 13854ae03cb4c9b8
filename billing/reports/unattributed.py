"""The unattributed queue: what calls without a customer or feature have in common, by money."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from billing.margin import MarginReport, margin
from billing.matching import KINDS, company_domain
from billing.measures import NONE, TAG, UNATTRIBUTED, dimension
from billing.reports.join_health import unknown_references
from billing.reports.rows import SPECIAL, ZERO, name
from customers.models import Customer
from tknops.calendar import Period
from usage.models import TagKey

_LISTED = 50
_TAGS = 8
_NAME = {"customer": "customer_reference", "feature": "feature_reference"}
_FIELDS = {
    "customer": (
        "customer_reference", "user_reference", "source", "api_key", "team_reference",
        "feature_reference", "environment",
    ),
    "feature": (
        "feature_reference", "source", "api_key", "operation", "team_reference", "environment",
    ),
}  # fmt: skip
# Where an e-mail address or a domain says whose it is.
_ADDRESSES = ("customer_reference", "user_reference")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Whose it may be, by external id, and why."""

    target: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Group:
    """Calls without a customer (or feature) that share a value; a call may be in several."""

    field: str
    label: str
    value: str
    cost: Decimal | None
    events: int
    suggestion: Suggestion | None

    @property
    def key(self) -> str:
        """Name it in a form."""
        return f"{self.field}\t{self.value}"


@dataclass(frozen=True, slots=True)
class Unattributed:
    """The dearest groups and all there is, each call once."""

    kind: str
    groups: list[Group]
    cost: Decimal | None
    events: int
    unpriced_events: int
    fields: list[tuple[str, str]]


def unattributed_queue(*, kind: str, period: Period, field: str = "") -> Unattributed:
    """Rank the groups of a kind (customer or feature) by money; `field` shows one field's only.

    Those one click solves go first: a broad group without a suggestion has more money and no use.
    """
    fields = [*_FIELDS[kind], *_tag_fields()]
    total = margin(by=[], period=period, filters={kind: [UNATTRIBUTED]}).total
    groups = [
        group
        for one in fields
        if field in {"", one}
        for group in (_groups(kind, one, period) if total.events else ())
    ]
    ranked = sorted(groups, key=lambda g: (g.suggestion is None, -(g.cost or ZERO), g.key))
    return Unattributed(
        kind, ranked[:_LISTED], total.cost, total.events, total.unpriced_events,
        [(one, dimension(one).label) for one in fields],
    )  # fmt: skip


def _tag_fields() -> list[str]:
    keys = TagKey.objects.order_by("distinct_values", "key").values_list("key", flat=True)
    return [f"{TAG}{key}" for key in keys[:_TAGS]]


def _groups(kind: str, field: str, period: Period) -> Iterable[Group]:
    report = margin(by=[field], period=period, filters={kind: [UNATTRIBUTED]})
    rows = [row for row in report.rows if row.events and row.key[0] != NONE]
    rows = sorted(rows, key=lambda row: -(row.cost or ZERO))[:_LISTED]
    offered = _suggestions(kind, field, period) if rows else {}
    asks_domain = kind == "customer" and field in _ADDRESSES
    for row in rows:
        yield Group(
            field, dimension(field).label, row.key[0], row.cost, row.events,
            offered.get(row.key[0]) or (_by_domain(row.key[0]) if asks_domain else None),
        )  # fmt: skip


def _suggestions(kind: str, field: str, period: Period) -> Mapping[str, Suggestion]:
    """Suggest by spelling for a name, else by the other calls with the same value."""
    if field == _NAME[kind]:
        return _spelled(kind, period)
    report = margin(by=[field, kind], period=period)
    known: dict[str, set[str]] = {}
    for row in report.rows:
        if row.events and row.key[1] not in SPECIAL:
            known.setdefault(row.key[0], set()).add(row.key[1])
    return {
        value: _elsewhere(report, kind, field, next(iter(targets)))
        for value, targets in known.items()
        if len(targets) == 1
    }


def _elsewhere(report: MarginReport, kind: str, field: str, target: str) -> Suggestion:
    shown = name(report, kind, target)
    what = dimension(field).label
    what = what if what[:2].isupper() else what.lower()
    return Suggestion(target, shown, f"all other calls with this {what} are {shown}'s")


def _spelled(kind: str, period: Period) -> Mapping[str, Suggestion]:
    queue = unknown_references(kind, period)
    names = dict(KINDS[kind].model.objects.values_list("external_id", "name"))
    return {
        one.key: Suggestion(one.suggestion, names[one.suggestion], "spelled alike")
        for one in queue.rows
        if one.suggestion
    }


def _by_domain(value: str) -> Suggestion | None:
    """Suggest the only customer whose e-mail address has the same domain."""
    domain = company_domain(value)
    if not domain:
        return None
    found = Customer.objects.filter(email__iendswith=f"@{domain}").order_by("pk")[:2]
    if len(found) != 1:
        return None
    return Suggestion(found[0].external_id, found[0].name, f"e-mail domain {domain}")
