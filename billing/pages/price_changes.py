"""Price changes: files brought, proposals to decide on, revisions made."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from billing.pages.access import page
from billing.pages.render import respond
from billing.reports.reprice import preview
from usage.models import PriceProposal, PriceRevision, ProposedPrice
from usage.repricing import (
    PriceFileError,
    UnconfirmedError,
    approve,
    pending,
    read_price_bytes,
    reject,
    sync_prices,
)
from usage.repricing.csv_file import template
from usage.repricing.decide import approving, is_far

CHANGE = "usage.change_price"
_REVISIONS = 50
_LINES = 500


@page()
def price_changes(request: HttpRequest) -> HttpResponse:
    """Show what waits, the upload, and what was changed last."""
    proposals = PriceProposal.objects.order_by("-pk").select_related("created_by", "decided_by")
    revisions = PriceRevision.objects.order_by("-pk").select_related("created_by", "reverts")
    return respond(
        request,
        "price_changes",
        title="Price changes",
        waiting=proposals.filter(state=PriceProposal.State.OPEN),
        decided=proposals.exclude(state=PriceProposal.State.OPEN)[:_REVISIONS],
        revisions=revisions[:_REVISIONS],
        pending=pending(),
        may_change=request.user.has_perm(CHANGE),
    )


@require_POST
@page(CHANGE)
def price_upload(request: HttpRequest) -> HttpResponse:
    """Compare an uploaded price file with the book; prices in use become a proposal."""
    file: Any = request.FILES.get("file")
    if file is None:
        messages.error(request, "Choose a file first.")
        return redirect("pages:price-changes")
    try:
        catalogue = read_price_bytes(file.read(), origin=file.name)
        found = sync_prices(catalogue=catalogue, now=timezone.now(), user=request.user)
    except PriceFileError as error:
        messages.error(request, f"{error}.")
        return redirect("pages:price-changes")
    left_out = sum(catalogue.left_out.values())
    messages.success(
        request,
        f"{file.name}: {len(found.waiting):,} lines about models in use wait for approval, "
        f"{len(found.applied):,} about others are in force, "
        f"{found.comparison.unchanged:,} unchanged, {found.comparison.kept_by_hand:,} by hand "
        f"kept, {left_out:,} left out.",
    )
    if found.proposal:
        return redirect("pages:price-proposal", found.proposal.pk)
    return redirect("pages:price-changes")


@page()
def price_template(_request: HttpRequest) -> HttpResponse:
    """Send the template of a price CSV."""
    answer = HttpResponse(template(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="prices-template.csv"'
    return answer


@page()
def price_proposal(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a proposal's lines and the money the chosen ones move."""
    proposal = get_object_or_404(PriceProposal, pk=pk)
    rows = proposal.lines.select_related("replaces")
    lines = list(rows.order_by("provider_code", "model", "token_class", "threshold", "pk"))
    ready = [line for line in lines if line.decision == ProposedPrice.Decision.OPEN]
    asked = {int(n) for n in request.GET.getlist("line") if n.isascii() and n.isdigit()}
    chosen = [line for line in ready if not asked or line.pk in asked]
    is_open = proposal.state == PriceProposal.State.OPEN
    return respond(
        request,
        "price_proposal",
        title=f"Prices of {proposal.origin}",
        proposal=proposal,
        lines=[(line, line in chosen, is_far(line)) for line in lines[:_LINES]],
        more_lines=max(0, len(lines) - _LINES),
        chosen=[line.pk for line in chosen],
        preview=preview(approving(chosen)) if is_open else None,
        may_change=is_open and request.user.has_perm(CHANGE),
        parent=("Price changes", "price-changes"),
    )


@require_POST
@page(CHANGE)
def price_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve or reject the lines whose money was shown."""
    proposal = get_object_or_404(PriceProposal, pk=pk)
    seen = _numbers(request, "seen")
    try:
        if request.POST.get("decision") == "reject":
            gone = reject(proposal=proposal, lines=seen, user=request.user, now=timezone.now())
            messages.success(request, f"{gone:,} lines rejected; the price book stays.")
        else:
            made = approve(
                proposal=proposal,
                lines=seen,
                confirmed=_numbers(request, "confirmed"),
                user=request.user,
                now=timezone.now(),
            )
            number = made.pk if made else "none"
            messages.success(request, f"{len(seen):,} lines in force, revision {number}.")
    except UnconfirmedError as error:
        messages.error(request, f"{error}. Tick its box if it is right.")
    except ValueError as error:
        messages.error(request, f"{error}.")
    return redirect("pages:price-proposal", pk)


def _numbers(request: HttpRequest, name: str) -> set[int]:
    return {int(n) for n in request.POST.getlist(name) if n.isascii() and n.isdigit()}
