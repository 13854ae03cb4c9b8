"""Which customer, or name in the usage, a billing customer may be, and what says so."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

from django.db.models import Q

from billing.matching.domains import company_domain
from billing.models import BillingCustomer, MatchRecord
from customers.models import Customer, CustomerAlias, EndUser
from usage.models import Context

Reason = MatchRecord.Reason


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A customer by external id, or a name in the usage, with the reason."""

    target: str
    reason: str
    evidence: str


@dataclass(slots=True)
class _Known:
    """What is known under a name, spelled exactly; names of customers in lower case."""

    customers: set[str]
    aliases: dict[str, str]
    names: dict[str, set[str]]
    emails: dict[str, set[str]]
    domains: dict[str, set[str]]
    references: set[str] = field(default_factory=set)


def suggest(billed: Sequence[BillingCustomer]) -> dict[int, list[Suggestion]]:
    """Return what each may be, most certain first, each target once.

    Only what is unmistakable: one customer has the name, the address or the domain. Metadata of
    the biller is compared with ids, aliases and names in the usage letter by letter.
    """
    if not billed:
        return {}
    known = _known(billed)
    found = {}
    for one in billed:
        once: dict[str, Suggestion] = {}
        for suggestion in _suggestions(one, known):
            once.setdefault(suggestion.target, suggestion)
        found[one.pk] = list(once.values())
    return found


def _suggestions(one: BillingCustomer, known: _Known) -> Iterator[Suggestion]:
    if one.external_id in known.customers:
        yield Suggestion(one.external_id, Reason.ID, "the same id")
    if target := known.aliases.get(one.external_id):
        yield Suggestion(target, Reason.ALIAS, f"alias {one.external_id}")
    yield from _by_metadata(one, known)
    if one.external_id in known.references:
        yield Suggestion(one.external_id, Reason.USAGE, "the same name in the usage")
    if target := known.aliases.get(one.name):
        yield Suggestion(target, Reason.ALIAS, f"alias {one.name}")
    for reason, targets, evidence in (
        (Reason.EMAIL, known.emails.get(one.email.lower()), f"e-mail {one.email}"),
        (Reason.NAME, known.names.get(one.name.lower()), "the same name"),
        (
            Reason.DOMAIN,
            known.domains.get(company_domain(one.email)),
            f"e-mail domain {company_domain(one.email)}",
        ),
    ):
        if targets and len(targets) == 1:
            yield Suggestion(next(iter(targets)), reason, evidence)


def _by_metadata(one: BillingCustomer, known: _Known) -> Iterator[Suggestion]:
    for key, value in sorted(one.metadata.items()):
        says = f"metadata {key} = {value}"
        if value in known.customers:
            yield Suggestion(value, Reason.METADATA, says)
        elif target := known.aliases.get(value):
            yield Suggestion(target, Reason.METADATA, f"{says}, an alias")
        elif value in known.references:
            yield Suggestion(value, Reason.METADATA, f"{says}, a name in the usage")


def _known(billed: Sequence[BillingCustomer]) -> _Known:
    rows = list(Customer.objects.values_list("external_id", "name", "email"))
    aliases = dict(CustomerAlias.objects.values_list("alias", "customer__external_id"))
    wanted = {company_domain(one.email) for one in billed} - {""}
    references = {one.external_id for one in billed}
    references |= {value for one in billed for value in one.metadata.values()}
    return _Known(
        customers={key for key, _, _ in rows},
        aliases=aliases,
        names=_sets((name.lower(), key) for key, name, _ in rows if name),
        emails=_sets((email.lower(), key) for key, _, email in rows if email),
        domains=_domains(rows, aliases, wanted),
        references=set(
            Context.objects.filter(customer_reference__in=references)
            .order_by()
            .values_list("customer_reference", flat=True)
            .distinct()
        ),
    )


def _domains(
    rows: Iterable[tuple[str, str, str]], aliases: dict[str, str], wanted: set[str]
) -> dict[str, set[str]]:
    """Map the wanted domains to customers: of their e-mail, ids, aliases and end users."""
    if not wanted:
        return {}
    found = [(company_domain(text), key) for key, _, email in rows for text in (key, email)]
    found += [(company_domain(alias), key) for alias, key in aliases.items()]
    addressed = reduce(
        or_,
        (Q(external_id__iendswith=f"@{d}") | Q(name__iendswith=f"@{d}") for d in sorted(wanted)),
    )
    users = EndUser.objects.exclude(customer=None).filter(addressed)
    for external_id, name, key in users.values_list("external_id", "name", "customer__external_id"):
        found += [(company_domain(text), str(key)) for text in (external_id, name) if "@" in text]
    return _sets((domain, key) for domain, key in found if domain in wanted)


def _sets(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for name, key in pairs:
        found[name].add(key)
    return found
