"""Random bills and usage reports of providers, and shared cost."""

import datetime as dt
from decimal import Decimal

from billing.models import (
    CostPool,
    CostPoolAmount,
    ProviderImport,
    ProviderInvoice,
    ProviderInvoiceLine,
)
from drills.ties.chance import CURRENCIES, Chance
from drills.ties.load import analyze, load
from drills.ties.usage import CLASSES, MODELS, NAMES, PROVIDERS, YEAR
from tknops.calendar import add_months
from tknops.money import minor_digits, round_half_up
from usage.models import CostClass

_BILLED = (*PROVIDERS, "nobody-uses-it")
_KINDS = ("USAGE",) * 9 + ("CREDIT", "TAX", "ROUNDING", "OTHER")
_POOLS = 12
# True-ups add pools and amounts of their own, from 1 on.
_FROM = 1_000_000


def write(chance: Chance, lines: int) -> None:
    """Write so many lines over the bills of a year, and pools."""
    _imports(chance)
    invoices = _invoices(chance)
    load(
        ProviderInvoice,
        ("id", "provider_import_id", "provider_code", "month", "currency", "source", "file_name",
         "file_sha256", "number", "total_stated", "rate"),
        (one[:-1] for one in invoices),
    )  # fmt: skip
    load(
        ProviderInvoiceLine,
        ("id", "invoice_id", "kind", "day", "model", "token_class", "quantity", "unit_price",
         "billed_cost", "credits", "tax", "reference"),
        (_line(chance, n, chance.choice(invoices)) for n in range(1, lines + 1)),
    )  # fmt: skip
    _pools(chance)
    analyze()


def _imports(chance: Chance) -> None:
    """Apply an import on a day of each month of the year; one more is undone."""
    now = dt.datetime.now(dt.UTC)
    rows = [
        (n, "bill", f"{n:064}", "APPLIED", now,
         dt.datetime.combine(month, dt.time(), dt.UTC)
         + dt.timedelta(chance.randrange(28), chance.randrange(86_400)))
        for n, month in enumerate(YEAR, 1)
    ]  # fmt: skip
    rows.append((len(rows) + 1, "bill", "f" * 64, "UNDONE", now, now))
    names = ("id", "file_name", "content_sha256", "state", "created_at", "applied_at")
    load(ProviderImport, names, rows)


def _invoices(chance: Chance) -> list[tuple]:
    """Bill each provider up to three times a month, the last column: whether by day."""
    rows: list[tuple] = []
    for month in YEAR:
        for provider in _BILLED:
            daily = chance.one_in(2)
            for _ in range(chance.randrange(4)):
                pk = len(rows) + 1
                source = "OPENAI_USAGE" if chance.one_in(6) else "GENERIC"
                stated = chance.choice((None, None, chance.exact(9, 3), -chance.exact(9, 2)))
                rate = chance.exact(3, 10) + Decimal("1e-10") if chance.one_in(2) else None
                rows.append(
                    (pk, chance.randrange(1, len(YEAR) + 2), provider, month,
                     chance.choice(("USD", *CURRENCIES)), source, "f", "0" * 64, str(pk), stated,
                     rate, daily)
                )  # fmt: skip
    return rows


def _line(chance: Chance, pk: int, invoice: tuple) -> tuple:
    month, currency, report, daily = invoice[3], invoice[4], invoice[5] != "GENERIC", invoice[-1]
    kind = "USAGE" if report else chance.choice(_KINDS)
    day = None
    if daily or chance.one_in(2):
        day = month + dt.timedelta(chance.randrange((add_months(month, 1) - month).days))
        if chance.one_in(30):
            day += dt.timedelta(chance.choice((-40, 31)))
    model = chance.choice((*MODELS, "", "unheard-of"))
    model = NAMES.get(model, model) if chance.one_in(2) else model
    name = chance.choice((*CLASSES, *CLASSES, *CLASSES, "")) if daily else ""
    quantity = chance.choice((None, Decimal(0), chance.exact(9, 6), chance.exact(9, 6)))
    price = chance.exact(1, 18) if chance.one_in(2) else None
    if report:
        return (pk, invoice[0], kind, day, model, name, quantity or Decimal(0), None, None, 0, 0,
                str(pk))  # fmt: skip
    cost = chance.exact(7, 18) * chance.choice((1, 1, 1, 1, -1, 0))
    if quantity and price and chance.one_in(2):
        cost = round_half_up(quantity * price, minor_digits(currency))
    taken, tax = Decimal(0), Decimal(0)
    if kind == "USAGE" and chance.one_in(5):
        taken, tax = -chance.exact(4, 18), chance.exact(4, 4)
    return (pk, invoice[0], kind, day, model, name, quantity, price, cost, taken, tax, str(pk))


def _pools(chance: Chance) -> None:
    """Share out amounts of either sign over odd days, of every class and currency."""
    load(
        CostPool, ("id", "name", "cost_class", "currency"),
        (
            (_FROM + n, f"pool {n}", chance.choice(CostClass.values), chance.choice(CURRENCIES))
            for n in range(_POOLS)
        ),
    )  # fmt: skip
    rows = []
    for n in range(10 * _POOLS):
        start = YEAR[0] + dt.timedelta(chance.randrange(-200, 360))
        end = start + dt.timedelta(chance.days())
        pool = _FROM + chance.randrange(_POOLS)
        rows.append((_FROM + n, pool, start, end, chance.minor()))
    names = ("id", "pool_id", "service_start", "service_end", "amount_minor")
    load(CostPoolAmount, names, rows)
