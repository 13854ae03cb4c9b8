"""The unattributed queue: what calls without a customer or feature have in common, by money."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from billing.margin import margin
from billing.matching import KINDS, company_domain
from billing.measures import NONE, TAG, UNATTRIBUTED, dimension
from billing.reports.join_health import unknown_references
from billing.reports.likely import Certainty, Known, Suggestion
from billing.reports.rows import SPECIAL, ZERO, share
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
# What all calls of a program share: it tells customers apart least.
_BROAD = ("source", "api_key", "environment")
# Where an e-mail address or a domain says whose it is.
_ADDRESSES = ("customer_reference", "user_reference")


@dataclass(frozen=True, slots=True)
class Group:
    """Calls without a customer (or feature) that share a value; a call may be in several.

    `share` is what percentage of all such cost it covers.
    """

    field: str
    label: str
    value: str
    cost: Decimal | None
    share: Decimal | None
    events: int
    suggestion: Suggestion | None

    @property
    def key(self) -> str:
        """Name it in a form."""
        return f"{self.field}\t{self.value}"

    @property
    def certainty(self) -> int:
        """How sure its suggestion is in percent; 0 without one."""
        return self.suggestion.certainty if self.suggestion else 0

    @property
    def is_known(self) -> bool:
        """Whether one click solves it: its suggestion is more than a guess."""
        return self.certainty > Certainty.GUESS

    @property
    def is_guess(self) -> bool:
        """Whether its suggestion rests on nothing but that no other customer is known there."""
        return self.certainty == Certainty.GUESS

    @property
    def rank(self) -> tuple[object, ...]:
        """Sort by the money, then calls, a click likely puts right; guesses and the rest last.

        A whole source, environment or key comes after others as sure: it tells customers apart
        least.
        """
        sure = self.certainty or 1
        expected = (self.cost or ZERO) * sure
        kind = not self.is_known, not self.is_guess, self.field in _BROAD
        return *kind, -expected, -self.events * sure, self.key


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
    queue = _Queue(kind, period, total.cost)
    groups = [
        group
        for one in fields
        if field in {"", one}
        for group in (queue.groups(one) if total.events else ())
    ]
    ranked = sorted(queue.unopposed(groups), key=lambda group: group.rank)
    return Unattributed(
        kind, ranked[:_LISTED], total.cost, total.events, total.unpriced_events,
        [(one, dimension(one).label) for one in fields],
    )  # fmt: skip


def _tag_fields() -> list[str]:
    keys = TagKey.objects.order_by("distinct_values", "key").values_list("key", flat=True)
    return [f"{TAG}{key}" for key in keys[:_TAGS]]


class _Queue:
    """The groups of a kind on some days, each with its likeliest owner."""

    def __init__(self, kind: str, period: Period, cost: Decimal | None) -> None:
        self._kind, self._period, self._cost = kind, period, cost
        self._without = {kind: [UNATTRIBUTED]}
        model = KINDS[kind].model
        self._names = dict(model.objects.values_list("external_id", "name"))
        self._called = _grouped(
            (text.lower(), key) for key, name in self._names.items() for text in {name, key} if text
        )
        self._domains = _domains() if kind == "customer" else {}

    def groups(self, field: str) -> Iterable[Group]:
        """List the dearest groups of one field."""
        report = margin(by=[field], period=self._period, filters=self._without)
        rows = [row for row in report.rows if row.events and row.key[0] != NONE]
        rows = sorted(rows, key=lambda row: -(row.cost or ZERO))[:_LISTED]
        known = self._known(field) if rows else None
        spelled = self._spelled() if rows and field == _NAME[self._kind] else {}
        for row in rows:
            value = row.key[0]
            offered = spelled.get(value) or (known and self._of(field, value, row.events, known))
            yield Group(
                field, dimension(field).label, value, row.cost, share(row.cost, self._cost),
                row.events, offered or None,
            )  # fmt: skip

    def _known(self, field: str) -> Known:
        """Ask whose the calls are that have a customer (or feature), by value."""
        label = dimension(field).label
        label = label if label[:2].isupper() else label[:1].lower() + label[1:]
        if field == _NAME[self._kind]:
            return Known(label, ())
        report = margin(by=[field, self._kind], period=self._period)
        rows = (
            (row.key[0], row.key[1], row.events)
            for row in report.rows
            if row.events and row.key[1] not in SPECIAL
        )
        return Known(label, rows, personal=field == "user_reference")

    def _of(self, field: str, value: str, events: int, known: Known) -> Suggestion | None:
        """Suggest by what the value says itself, else by the other calls with it."""
        said = self._by_domain(value) if field in _ADDRESSES or "@" in value else None
        said = said or self._by_name(value)
        if said and known.allows(value, said.target):
            return said
        return known.of(value, events, self._names)

    def _by_domain(self, value: str) -> Suggestion | None:
        """Suggest the only customer whose e-mail address has the same domain."""
        domain = company_domain(value)
        return self._only(self._domains.get(domain, ()), f"e-mail domain {domain}")

    def _by_name(self, value: str) -> Suggestion | None:
        """Suggest whose id or name the value is."""
        return self._only(self._called.get(value.lower(), ()), "its id or name")

    def _only(self, targets: Collection[str], reason: str) -> Suggestion | None:
        if len(targets) != 1:
            return None
        (target,) = targets
        return Suggestion(target, self._names[target], reason, Certainty.SURE)

    def _spelled(self) -> Mapping[str, Suggestion]:
        queue = unknown_references(self._kind, self._period)
        return {
            one.key: Suggestion(
                one.suggestion, self._names[one.suggestion], "spelled alike", Certainty.LIKELY
            )
            for one in queue.rows
            if one.suggestion
        }

    def unopposed(self, groups: Sequence[Group]) -> Iterator[Group]:
        """Take back guesses of groups part of which is known to be somebody else's."""
        opposed = set(self._opposed(groups))
        for group in groups:
            yield replace(group, suggestion=None) if group.key in opposed else group

    def _opposed(self, groups: Sequence[Group]) -> Iterator[str]:
        guesses = [(group, one) for group in groups if group.is_guess and (one := group.suggestion)]
        for field, target in {(group.field, one.target) for group, one in guesses}:
            mine = [g for g, one in guesses if (g.field, one.target) == (field, target)]
            for other, values in _others(groups, target).items():
                filters = {**self._without, other: values}
                report = margin(by=[field], period=self._period, filters=filters)
                theirs = {row.key[0] for row in report.rows if row.events}
                yield from (group.key for group in mine if group.value in theirs)


def _others(groups: Sequence[Group], target: str) -> dict[str, list[str]]:
    """List by field the values known to be of others than a target."""
    found: dict[str, list[str]] = {}
    for group in groups:
        if group.is_known and group.suggestion and group.suggestion.target != target:
            found.setdefault(group.field, []).append(group.value)
    return found


def _domains() -> dict[str, set[str]]:
    """Map the domains of customers' e-mail addresses to whose they are."""
    emails = Customer.objects.exclude(email="").values_list("external_id", "email")
    return _grouped((domain, key) for key, email in emails if (domain := company_domain(email)))


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for text, key in pairs:
        found.setdefault(text, set()).add(key)
    return found
