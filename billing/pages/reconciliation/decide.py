"""What a person decides about a bill: true it up, take that back, say which model a name means."""

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from billing.models import TrueUp
from billing.pages.access import page
from billing.reconciliation import TrueUpRefusedError, post_true_up, remember, undo_true_up
from billing.templatetags.money import minor
from tknops.calendar import month_start, parse_bound

TRUE_UP = "billing.add_trueup"
NAME = "billing.add_billedmodel"
_LONGEST = 300


@require_POST
@page(TRUE_UP)
def true_up(request: HttpRequest, code: str) -> HttpResponse:
    """Let a month bear what is left of a bill."""
    try:
        month, posted = (month_start(parse_bound(request.POST.get(n, ""))) for n in ("month", "in"))
        expected = int(request.POST.get("expected", ""))
    except ValueError as error:
        raise BadRequest(str(error)) from error
    reason = request.POST.get("reason", "").strip()[:_LONGEST] or "bill of the provider"
    try:
        made = post_true_up(
            provider=code,
            month=month,
            posted_month=posted,
            expected=expected,
            reason=reason,
            user=request.user,
        )
    except TrueUpRefusedError as error:
        messages.error(request, f"Nothing was written: {error}.")
    else:
        amount = minor(made.amount_minor, made.currency)
        messages.success(request, f"{amount} is borne by {posted:%B %Y}, as shared cost.")
    return _back(code, f"{month:%Y-%m}")


@require_POST
@page(TRUE_UP)
def true_up_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a true-up back."""
    made = get_object_or_404(TrueUp, pk=pk)
    try:
        undo_true_up(made=made, user=request.user, now=timezone.now())
    except TrueUpRefusedError as error:
        messages.error(request, f"The {made} stays: {error}.")
    else:
        messages.success(request, f"The {made} is taken back.")
    return _back(made.provider_code, f"{made.month:%Y-%m}")


@require_POST
@page(NAME)
def name(request: HttpRequest, code: str) -> HttpResponse:
    """Remember which model of the usage a billed name means, or forget it."""
    billed, model = (request.POST.get(key, "").strip() for key in ("billed", "model"))
    if not billed:
        message = "no billed name was given"
        raise BadRequest(message)
    try:
        made = remember(provider=code, billed_name=billed, model=model)
    except ValueError as error:
        messages.error(request, f"{billed} stays as it was: {error}.")
    else:
        said = f"means {made.model} from now on, in old bills too" if made else "means itself again"
        messages.success(request, f"{billed} {said}.")
    return _back(code, request.POST.get("month", ""))


def _back(code: str, month: str) -> HttpResponse:
    query = f"?month={month}" if month[:7] else ""
    return redirect(reverse("pages:reconciliation-provider", args=[code]) + query)
