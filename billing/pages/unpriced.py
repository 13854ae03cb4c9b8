"""The unpriced queue: what has no price, why, what it likely cost, and the click that ends it."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from billing.margin import margin
from billing.pages.access import page
from billing.pages.period import picked
from billing.pages.render import respond
from billing.pages.strip import strip
from billing.reports.reprice import preview
from billing.reports.unpriced_queue import queue_table, unpriced_queue
from usage.models import Price
from usage.pricing import PriceChange
from usage.repricing import AliasError, alias_change, apply

ALIAS = "usage.add_modelalias"


@page()
def unpriced(request: HttpRequest) -> HttpResponse:
    """Show the queue of the month with its two ways out: a price, or the name of a priced model."""
    month = picked(request)
    queue = unpriced_queue(period=month.period, currency=settings.REPORTING_CURRENCY)
    table = queue_table(queue)
    if not request.user.has_perm("usage.add_price"):
        for row in table.rows:
            row.links.clear()
            row.actions.clear()
    names = {row.provider for row in queue.unknown}
    models = Price.objects.filter(superseded_at=None, provider_code__in=names)
    priced = set(models.values_list("provider_code", flat=True).distinct())
    return respond(
        request,
        "unpriced",
        title="Unpriced usage",
        table=table,
        month=month,
        strip=strip(margin(by=["customer"], period=month.period)),
        unknown=[(row, row.provider in priced) for row in queue.unknown],
        models=sorted(models.values_list("model", flat=True).distinct()),
        may_alias=request.user.has_perm(ALIAS),
    )


@require_POST
@page(ALIAS)
def alias_models(request: HttpRequest) -> HttpResponse:
    """Take chosen models for priced ones: at once as suggested, else once the money was seen."""
    chosen = [number for number in request.POST.getlist("chosen") if number.isdigit()]
    names = [
        (request.POST.get(f"provider-{n}", ""), request.POST.get(f"alias-{n}", "")) for n in chosen
    ]
    targets = [request.POST.get(f"target-{n}", "").strip().lower() for n in chosen]
    offered = [request.POST.get(f"offered-{n}", "") for n in chosen]
    back = reverse("pages:unpriced") + f"?{urlencode({'month': request.POST.get('month', '')})}"
    try:
        change = alias_change(dict(zip(names, targets, strict=True)))
    except AliasError as error:
        messages.error(request, f"{error}.")
        return redirect(back)
    if targets != offered and not request.POST.get("seen"):
        return _look(request, change, back)
    made = apply(change, now=timezone.now(), user=request.user, reason=_named(change))
    where = reverse("pages:price-revision", args=[made.pk])
    messages.success(request, format_html('{}. <a href="{}">Undo</a>', _named(change), where))
    return redirect(back)


def _look(request: HttpRequest, change: PriceChange, back: str) -> HttpResponse:
    said = [(name, value) for name in request.POST for value in request.POST.getlist(name)]
    return respond(
        request,
        "alias_preview",
        title="Take models for priced ones",
        preview=preview(change),
        names=[(alias, model) for (_, alias), model in change.aliases.items()],
        said=[(name, value) for name, value in said if name != "csrfmiddlewaretoken"],
        back=back,
    )


def _named(change: PriceChange) -> str:
    each = [f"{alias} is taken for {model}" for (_, alias), model in change.aliases.items()]
    return ", ".join(each)[:300]
