"""The billed side: lines in force of a provider's month, in the reporting currency, taken apart."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from billing.models import ProviderInvoice, ProviderInvoiceLine
from billing.provider_bills import REPORTS
from billing.reconciliation.names import Names
from billing.reconciliation.parts import ZERO
from billing.reconciliation.rates import Rates
from tknops.calendar import month_start, next_month
from tknops.money import minor_digits


@dataclass(frozen=True, slots=True)
class UsageLine:
    """A billed line of usage of the month itself, its cost before what is a part of its own."""

    model: str
    token_class: str
    day: dt.date | None
    cost: Decimal
    quantity: Decimal | None


@dataclass(slots=True)
class BilledMonth:
    """A provider's bill of a month: usage lines, quantities of usage reports, and the other parts.

    `parts` holds what no comparison with usage explains; all money is in the reporting currency
    but `unconverted`. `billed` is the total, `usage` the part that is for usage of the month.
    """

    invoices: list[ProviderInvoice] = field(default_factory=list)
    usage_lines: list[UsageLine] = field(default_factory=list)
    reported: dict[tuple[str, str, dt.date | None], Decimal] = field(default_factory=dict)
    names: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    parts: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    billed: Decimal = ZERO
    usage: Decimal = ZERO
    unconverted: dict[str, Decimal] = field(default_factory=dict)

    @property
    def has_bill(self) -> bool:
        """Whether anything tells a cost."""
        return any(invoice.source not in REPORTS for invoice in self.invoices)


def billed_months(month: dt.date, provider: str = "") -> dict[str, BilledMonth]:
    """Read the bills in force of a UTC month by provider; of one of them, or of all."""
    names, rates = Names(), Rates()
    found: dict[str, BilledMonth] = defaultdict(BilledMonth)
    invoices = ProviderInvoice.objects.counting().filter(month=month).order_by("pk")
    if provider:
        invoices = invoices.filter(provider_code=provider)
    by_invoice: dict[int, list[ProviderInvoiceLine]] = defaultdict(list)
    for line in ProviderInvoiceLine.objects.filter(invoice__in=invoices).order_by("pk"):
        by_invoice[line.invoice_id].append(line)
    for invoice in invoices:
        made = found[invoice.provider_code]
        made.invoices.append(invoice)
        lines = by_invoice[invoice.pk]
        if invoice.source in REPORTS:
            _report(made, invoice, lines, names)
        else:
            count_bill(made, invoice, lines, names, rates)
    return dict(found)


def _report(
    made: BilledMonth, invoice: ProviderInvoice, lines: Iterable[ProviderInvoiceLine], names: Names
) -> None:
    for line in lines:
        model = _named(made, invoice, line, names)
        key = (model, line.token_class, line.day)
        made.reported[key] = made.reported.get(key, ZERO) + (line.quantity or ZERO)


def _named(
    made: BilledMonth, invoice: ProviderInvoice, line: ProviderInvoiceLine, names: Names
) -> str:
    model = names.of(invoice.provider_code, line.model)
    if line.model:
        made.names[model].add(line.model)
    return model


def count_bill(
    made: BilledMonth,
    invoice: ProviderInvoice,
    lines: list[ProviderInvoiceLine],
    names: Names,
    rates: Rates,
) -> None:
    """Add the lines of an invoice: what is no usage of the month to its part, the rest to usage."""
    last = next_month(invoice.month) - dt.timedelta(days=1)
    unconverted = ZERO
    for line in lines:
        found = rates.of(invoice.currency, invoice.rate, line.day or last)
        total = (line.billed_cost or ZERO) + line.credits + line.tax
        if found is None:
            unconverted += total
            continue
        settled, valued = found
        made.billed += total * settled
        made.parts["currency"] += total * (settled - valued)
        made.parts["credits"] += line.credits * valued
        made.parts["tax"] += line.tax * valued
        _sort(made, invoice, line, valued, names)
    if unconverted:
        before = made.unconverted.get(invoice.currency, ZERO)
        made.unconverted[invoice.currency] = before + unconverted
    _stated(made, invoice, lines, rates.of(invoice.currency, invoice.rate, last))


def _sort(
    made: BilledMonth,
    invoice: ProviderInvoice,
    line: ProviderInvoiceLine,
    valued: Decimal,
    names: Names,
) -> None:
    """Put a line's own cost where it belongs."""
    cost = line.billed_cost or ZERO
    kind = ProviderInvoiceLine.Kind
    if line.kind in {kind.CREDIT, kind.TAX, kind.ROUNDING}:
        name = {kind.CREDIT: "credits", kind.TAX: "tax", kind.ROUNDING: "rounding"}
        made.parts[name[kind(line.kind)]] += cost * valued
    elif line.day and month_start(line.day) != invoice.month:
        made.parts["cut_off"] += cost * valued
    elif line.kind == kind.OTHER:
        made.parts["unexplained"] += cost * valued
    else:
        rounded = rounded_by(line.billed_cost, line.quantity, line.unit_price, invoice.currency)
        made.parts["rounding"] += rounded * valued
        exact = (cost - rounded) * valued
        made.usage += cost * valued
        model = _named(made, invoice, line, names)
        made.usage_lines.append(UsageLine(model, line.token_class, line.day, exact, line.quantity))


def rounded_by(
    cost: Decimal | None, quantity: Decimal | None, price: Decimal | None, currency: str
) -> Decimal:
    """Return what rounding a line to the minor unit added: at most half of one, else it is none."""
    if cost is None or quantity is None or price is None:
        return ZERO
    over = cost - quantity * price
    return over if abs(over) <= _half(currency) else ZERO


def _half(currency: str) -> Decimal:
    return Decimal(5).scaleb(-minor_digits(currency) - 1)


def _stated(
    made: BilledMonth,
    invoice: ProviderInvoice,
    lines: list[ProviderInvoiceLine],
    found: tuple[Decimal, Decimal] | None,
) -> None:
    """Lay the stated total beside the sum of the lines: rounding while small, else unexplained."""
    if invoice.total_stated is None or found is None:
        return
    sums = ((line.billed_cost or ZERO) + line.credits + line.tax for line in lines)
    over = invoice.total_stated - sum(sums, ZERO)
    settled, valued = found
    small = abs(over) <= max(len(lines), 1) * _half(invoice.currency)
    made.parts["rounding" if small else "unexplained"] += over * valued
    made.parts["currency"] += over * (settled - valued)
    made.billed += over * settled
