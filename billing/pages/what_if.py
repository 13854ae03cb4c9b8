"""What if: another price, allowance or provider price over the last months as they were."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from billing.margin import margin
from billing.models import Plan
from billing.pages import charts
from billing.pages.access import page
from billing.pages.asked import Figure, figure, one_of
from billing.pages.period import picked
from billing.pages.render import respond
from billing.pages.strip import strip
from billing.reports.plan.effects import (
    account_months,
    customers_table,
    months_table,
    summed,
    under_water,
)
from billing.reports.plan.whatif import AccountMonth, Change, what_if
from billing.reports.rows import SPECIAL, ZERO, quoted
from tknops.calendar import Period, add_months
from tknops.money import divide, round_half_up
from usage.models import Sku

_MOST = Decimal(10) ** 12
_NOTE = (
    "Worked out over the months as they were; nothing is stored, and nobody is assumed to leave "
    "or to use less."
)


@dataclass(slots=True)
class Asked:
    """What the form says; texts are as typed."""

    plan: str
    model: str
    months: int
    above: str
    figures: dict[str, Decimal | None] = field(default_factory=dict)


@page()
def what_if_page(request: HttpRequest) -> HttpResponse:
    """Show revenue, cost and margin of the last ?months= as they were and as they would be."""
    month = picked(request)
    asked = _asked(request)
    period = Period(add_months(month.period.start, 1 - asked.months), month.period.end)
    filters = {"plan": [asked.plan]} if asked.plan else {}
    question = partial(margin, by=["plan", "customer", "month"], period=period)
    report = question(filters=filters)
    touched = question(filters={**filters, "model": [asked.model]}) if asked.model else None
    rows = account_months(report, touched)
    today = _today(rows)
    effects = what_if(rows, _change(request, asked, today))
    table = months_table(effects)
    sums = summed(effects).cells
    return respond(
        request,
        "what_if",
        title="What if",
        table=customers_table(effects, dict(Plan.objects.values_list("code", "name"))),
        more=[table],
        month=month,
        strip=strip(margin(by=["customer"], period=month.period)),
        empty=not rows,
        fields=_fields(request, asked, today),
        sums=sums,
        under=under_water(effects),
        today=today,
        period=period,
        chart=charts.bars(
            [str(row.cells["month"]) for row in table.rows],
            {
                "AI margin as it was": [row.cells["margin_before"] for row in table.rows],
                "AI margin, what-if": [row.cells["margin"] for row in table.rows],
            },
            title="AI margin by month, as it was and what-if",
        ),
        note=_NOTE,
        parent=_parent(asked.plan),
        words=[asked.plan] if asked.plan else [],
        about=_about(request),
    )


def _parent(plan: str) -> tuple[str, str]:
    return (f"Plan {plan}", f"plan/{quoted(plan)}") if plan else ("Plans", "plans")


def _asked(request: HttpRequest) -> Asked:
    plan = request.GET.get("plan", "")
    model = request.GET.get("model", "")
    months = one_of(request, "months", ("1", "3", "6", "12"))
    found = Asked(
        plan=plan if Plan.objects.filter(code=plan).exists() else "",
        model=model if Sku.objects.filter(model=model).exists() else "",
        months=int(months or 3),
        above="charge" if request.GET.get("above") == "charge" else "",
    )
    read = partial(figure, request)
    least = Decimal(-100)
    found.figures = {
        "price": read("price", label="New price", low=ZERO, below=_MOST),
        "price_pct": read("price_pct", label="Price change", low=least, below=Decimal(10_000)),
        "allowance": read("allowance", label="Allowance", low=ZERO, below=_MOST),
        "provider_pct": read(
            "provider_pct", label="Provider price change", low=least, below=Decimal(10_000)
        ),
    }
    for name in ("price", "allowance"):
        if found.figures[name] is not None and not found.plan:
            messages.error(request, f"A {name} is that of one plan: choose the plan.")
            found.figures[name] = None
    return found


def _today(rows: Sequence[AccountMonth]) -> Decimal | None:
    """Return what a paying account paid on average in a month."""
    paid = [row.revenue for row in rows if row.revenue and row.pays and row.customer not in SPECIAL]
    return divide(sum(paid, ZERO), Decimal(len(paid)), 6)


def _change(request: HttpRequest, asked: Asked, today: Decimal | None) -> Change:
    figures = asked.figures
    price_from, price_to = Decimal(100), 100 + (figures["price_pct"] or ZERO)
    if figures["price"] is not None and today:
        price_from, price_to = today, figures["price"]
        if figures["price_pct"] is not None:
            messages.warning(request, "The new price counts; its change in percent does not.")
    return Change(
        price_from=price_from,
        price_to=price_to,
        allowance=figures["allowance"],
        charged=asked.above == "charge",
        target=Decimal(settings.TARGET_MARGIN_PCT),
        provider_pct=figures["provider_pct"] or ZERO,
    )


def _fields(request: HttpRequest, asked: Asked, today: Decimal | None) -> list[Figure]:
    def typed(name: str) -> str:
        return request.GET.get(name, "")

    plans = tuple(Plan.objects.order_by("name").values_list("code", "name"))
    models = sorted(set(Sku.objects.values_list("model", flat=True)))
    charged = f"billed at cost + {settings.TARGET_MARGIN_PCT} % margin"
    average = "" if today is None else f"{round_half_up(today, 2)} on average"
    return [
        Figure("plan", "Plan", asked.plan, options=(("", "All plans"), *plans)),
        Figure(
            "months",
            "Months",
            str(asked.months),
            options=(("1", "1"), ("3", "last 3"), ("6", "last 6"), ("12", "last 12")),
        ),
        Figure("price_pct", "Price change %", typed("price_pct"), "+10"),
        Figure("price", "or new average price per account and month", typed("price"), average),
        Figure("allowance", "Allowance of AI cost per account and month", typed("allowance")),
        Figure(
            "above",
            "Above the allowance",
            asked.above,
            options=(("", "not served"), ("charge", charged)),
        ),
        Figure("provider_pct", "Provider price change %", typed("provider_pct"), "-20"),
        Figure(
            "model",
            "of model",
            asked.model,
            options=(("", "All models"), *((model, model) for model in models)),
        ),
    ]


def _about(request: HttpRequest) -> dict[str, str]:
    typed = {k: v for k, v in request.GET.items() if v and k not in {"format", "table", "month"}}
    return {"What if": ", ".join(f"{key}={value}" for key, value in typed.items()), "Note": _NOTE}
